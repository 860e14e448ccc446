#include "connectors/files/row_reader.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::files {
namespace {

using plan::FileFormat;

std::string without_compression(std::string name) {
  for (const char* suffix : {".gz", ".zst"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - std::string_view(suffix).size());
  }
  return name;
}

}  // namespace

FileFormat format_of(const plan::FileShape& shape, const std::string& label) {
  if (shape.format != FileFormat::kBySuffix) return shape.format;
  const std::string name = without_compression(label);
  if (name.ends_with(".csv") || name.ends_with(".tsv")) return FileFormat::kCsv;
  if (name.ends_with(".ndjson") || name.ends_with(".jsonl")) return FileFormat::kNdjson;
  if (name.ends_with(".json")) return FileFormat::kJson;
  throw base::Error(base::Fault::kPlan, "E322",
                    "the name of " + base::quoted(label) + " does not tell how it is written",
                    "say 'format: csv', 'ndjson' or 'json'");
}

Layout lay_out(const plan::FileShape& shape, const std::string& label,
               std::unique_ptr<ByteInput> input) {
  const FileFormat format = format_of(shape, label);
  if (format == FileFormat::kCsv) return lay_out_csv(shape, label, std::move(input));
  if (shape.csv_only) {
    throw base::Error(base::Fault::kPlan, "E322",
                      base::quoted(label) + " is JSON, and 'csv' says how a CSV is written",
                      "leave out all of 'csv' but 'columns', or say 'format: csv'");
  }
  return lay_out_json(shape, format, label, std::move(input));
}

std::unique_ptr<RowReader> open_rows(const plan::FileShape& shape, const Layout& layout,
                                     const std::string& label, std::unique_ptr<ByteInput> input,
                                     const data::Schema& wanted) {
  if (layout.format == FileFormat::kCsv) {
    return csv_rows(shape, layout, label, std::move(input), wanted);
  }
  return json_rows(shape, layout, label, std::move(input), wanted);
}

}  // namespace engine::connectors::files
