#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/csv_sniff.h"
#include "connectors/files/row_sink.h"
#include "connectors/files/window.h"
#include "data/schema.h"
#include "plan/file_shape.h"

namespace engine::connectors::files {

/// The format that the shape says, or the file's name; E322 when neither does.
plan::FileFormat format_of(const plan::FileShape& shape, const std::string& label);

/// What a look at the start of a file tells of it.
struct Layout {
  plan::FileFormat format = plan::FileFormat::kCsv;
  CsvDialect dialect;
  std::vector<std::string> columns;  ///< in the file's order; of JSON in order of appearance
  std::string sniffed;               ///< what was guessed, for the plan output; empty: nothing
};

/// Errors: E322 when the header has a column twice or without a name, or is missing; E421 E422 E424
/// as while reading.
Layout lay_out(const plan::FileShape& shape, const std::string& label,
               std::unique_ptr<ByteInput> input);

/// Rows of one file, record by record.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// Adds the next row to the sink; false at the end.
  virtual bool row(RowSink& sink) = 0;
};

/// `known`: the columns that the first file was described with; another file must have the same.
/// Columns of the sink that are not in the file stay NULL.
std::unique_ptr<RowReader> open_rows(const plan::FileShape& shape, const Layout& layout,
                                     const std::string& label, std::unique_ptr<ByteInput> input,
                                     const data::Schema& wanted);

// Of one format each.
Layout lay_out_csv(const plan::FileShape& shape, const std::string& label,
                   std::unique_ptr<ByteInput> input);
Layout lay_out_json(const plan::FileShape& shape, plan::FileFormat format, const std::string& label,
                    std::unique_ptr<ByteInput> input);
std::unique_ptr<RowReader> csv_rows(const plan::FileShape& shape, const Layout& layout,
                                    const std::string& label, std::unique_ptr<ByteInput> input,
                                    const data::Schema& wanted);
std::unique_ptr<RowReader> json_rows(const plan::FileShape& shape, const Layout& layout,
                                     const std::string& label, std::unique_ptr<ByteInput> input,
                                     const data::Schema& wanted);

}  // namespace engine::connectors::files
