#pragma once

#include <cstddef>
#include <string_view>

#include "connectors/files/csv_records.h"
#include "plan/file_shape.h"

namespace engine::connectors::files {

/// Delimiters that are tried where the plan says none, the likelier first.
inline constexpr std::string_view kTriedDelimiters = ",;\t|";

struct Sniffed {
  CsvDialect dialect;
  bool delimiter_guessed = false, quote_guessed = false;
};

/// The dialect of a CSV by its first records. The plan's words stand; else the delimiter under
/// which most records have as many fields as the first, which must have several (or `columns`
/// where the plan names them all), and the double quote unless fields stand between single ones and
/// none between double ones.
Sniffed sniff(std::string_view sample, bool whole, const plan::FileShape& shape);

}  // namespace engine::connectors::files
