#include "plan/declare.h"
#include "plan/spec_table.h"

namespace engine::plan {

std::shared_ptr<const ObjectSpec> csv_spec() {
  static const auto spec = std::make_shared<const ObjectSpec>(ObjectSpec{
      .name = "csv",
      .doc = "How a CSV file is written.",
      .options =
          {text_option("delimiter",
                       "The character between fields. Without it: sniffed when read, a "
                       "comma when written.")
               .example("\";\"")
               .since("0.2"),
           text_option("quote",
                       "The character around fields. Without it: sniffed when read, a "
                       "double quote when written.")
               .example("\"'\"")
               .since("0.2"),
           bool_option("header", "The first line names the columns.").standard("true").since("0.2"),
           text_option("null",
                       "The unquoted text that means NULL; an empty field is then an empty "
                       "text. Without it an unquoted empty field is NULL, a quoted one an "
                       "empty text.")
               .example("'\\N'")
               .since("0.2"),
           Declare("columns", OptionKind::kMap,
                   "The types of columns; without a header the columns themselves, in "
                   "order. JSON files take this one too.")
               .example("{code: text, size: int64}")
               .element(Declare("type", OptionKind::kTypeName, "A type."))
               .since("0.2")},
      .positional = ""});
  return spec;
}

OptionSpec file_format_option() {
  return Declare("format", OptionKind::kChoice, "How the file is written.")
      .choices({{"csv", "0.2"}, {"ndjson", "0.2"}, {"json", "0.2"}})
      .example("ndjson")
      .since("0.2");
}

std::shared_ptr<const ObjectSpec> target_file_spec() {
  static const auto spec = std::make_shared<const ObjectSpec>(ObjectSpec{
      .name = "to",
      .doc = "The target: a table, or a file on a files connection.",
      .options = {text_option("table", "The table at the target.").example("crm.contacts"),
                  text_option("file", "A path beneath the connection's root.").since("0.2"),
                  file_format_option(),
                  Declare("csv", OptionKind::kObject, "How a CSV is written.")
                      .object(csv_spec())
                      .since("0.2")},
      .positional = "table"});
  return spec;
}

}  // namespace engine::plan
