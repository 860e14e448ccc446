#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/located.h"
#include "data/type.h"

namespace engine::plan {

/// kPieces is no format of a plan: the bytes of the file as they are, in rows of
/// connect::piece_columns().
enum class FileFormat { kBySuffix, kCsv, kNdjson, kJson, kPieces };

/// A column that the plan names for a file, in the file's order where it has no header.
struct FileColumn {
  base::Located name;
  data::Type type;
};

/// A file and how it is written: what stands in `from` or `to` instead of a table. Plain data, so
/// that a connection can be asked for a file as it is asked for a table.
struct FileShape {
  base::Located path;  ///< or glob, beneath the connection's root; "-": standard input or output
  FileFormat format = FileFormat::kBySuffix;
  std::optional<char> delimiter;  ///< nullopt: sniffed when read, a comma when written
  std::optional<char> quote;      ///< nullopt: sniffed when read, '"' when written
  bool header = true;
  std::optional<std::string> null_text;  ///< nullopt: an unquoted empty field is NULL
  std::vector<FileColumn> columns;
  bool every_attribute = true;  ///< an attribute without a column is an error
  bool csv_only = false;        ///< says something that only a CSV has
};

/// The file as its bytes (kPieces).
FileShape stored_file(const std::string& path);

}  // namespace engine::plan
