#include <fmt/format.h>

#include "base/text.h"
#include "plan/fields.h"
#include "plan/reader.h"

namespace engine::plan {
namespace {

FileFormat format_of(const std::string& name) {
  if (name == "csv") return FileFormat::kCsv;
  if (name == "ndjson") return FileFormat::kNdjson;
  if (name == "json") return FileFormat::kJson;
  return FileFormat::kBySuffix;
}

/// One byte that can stand between or around fields.
std::optional<char> separator(Decoding& decoding, Fields& csv, const char* option) {
  const auto text = csv.text(option);
  if (!text) return std::nullopt;
  const bool fits = text->text.size() == 1 && text->text != "\n" && text->text != "\r" &&
                    static_cast<unsigned char>(text->text[0]) < 0x80 && text->text[0] != '\0';
  if (fits) return text->text[0];
  decoding.diagnostics.error("E104", text->span,
                             fmt::format("{} is no {}", base::quoted(text->text), option),
                             "write one ASCII character; a tab is \"\\t\" in double quotes");
  return std::nullopt;
}

void decode_file_columns(Decoding& decoding, const YamlNode& node, FileShape& out) {
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    const auto type = data::parse_type(decoding.text(node.value(i)).text);
    out.columns.push_back({decoding.tree.located(node.key(i)), type.value_or(data::Type())});
  }
}

void decode_csv(Decoding& decoding, const OptionSpec& spec, const YamlNode& node, FileShape& out) {
  Fields csv(decoding, *spec.object, &node);
  out.delimiter = separator(decoding, csv, "delimiter");
  out.quote = separator(decoding, csv, "quote");
  out.header = csv.flag("header");
  if (auto text = csv.text("null")) out.null_text = std::move(text->text);
  if (const YamlNode* columns = csv.get("columns")) decode_file_columns(decoding, *columns, out);
  out.csv_only = out.delimiter || out.quote || out.null_text || !out.header;
  if (out.delimiter && out.delimiter == out.quote) {
    decoding.diagnostics.error("E118", decoding.tree.span(node),
                               "'delimiter' and 'quote' are the same character",
                               "a field could not be told from its quotes");
  }
}

}  // namespace

std::optional<FileShape> decode_file(Decoding& decoding, Fields& fields, const ObjectSpec& spec) {
  FileShape out;
  const std::string format = fields.choice("format");
  out.format = format_of(format);
  if (const YamlNode* csv = fields.get("csv")) decode_csv(decoding, *spec.find("csv"), *csv, out);
  auto path = fields.text("file");
  if (path) {
    out.path = std::move(*path);
    return out;
  }
  for (const char* option : {"format", "csv"}) {
    const YamlNode* node = fields.get(option);
    if (node == nullptr || fields.has("file")) continue;
    decoding.diagnostics.error("E118", decoding.tree.span(*node),
                               fmt::format("'{}' stands without 'file'", option),
                               "name the file: {file: export/contacts.csv}");
  }
  return std::nullopt;
}

}  // namespace engine::plan
