#include "connectors/files/row_writer.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "connectors/files/csv_sniff.h"
#include "connectors/files/pieces.h"
#include "connectors/files/row_reader.h"
#include "data/value_text.h"
#include "expr/json_scan.h"

namespace engine::connectors::files {
namespace {

using data::Kind;

constexpr std::size_t kFlushAt = std::size_t{256} << 10;

/// Bytes that a reader could take for something else, also one that guesses the delimiter.
class Hazards {
 public:
  Hazards(CsvDialect dialect, bool guessed) {
    for (const char c : {dialect.delimiter, dialect.quote, '\n', '\r'}) mark(c);
    if (!guessed) return;
    for (const char c : kTriedDelimiters) mark(c);
  }
  bool stand_in(std::string_view text) const {
    for (const char c : text) {
      if (marked_[static_cast<unsigned char>(c)]) return true;
    }
    return false;
  }

 private:
  void mark(char c) { marked_[static_cast<unsigned char>(c)] = true; }
  bool marked_[256] = {};
};

class CsvWriter final : public RowWriter {
 public:
  CsvWriter(const plan::FileShape& shape, const data::Schema& columns, ByteOutput& output)
      : output_(output),
        dialect_{shape.delimiter.value_or(','), shape.quote.value_or('"')},
        hazards_(dialect_, !shape.delimiter),
        null_text_(shape.null_text.value_or("")),
        guards_quote_(!shape.quote) {
    if (!shape.header) return;
    for (const data::Field& field : columns.fields) {
      if (&field != &columns.fields.front()) buffer_ += dialect_.delimiter;
      add(field.name);
    }
    buffer_ += '\n';
  }

  void write(const data::Batch& rows) override {
    for (std::size_t row = 0; row < rows.rows; ++row) {
      for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        if (i > 0) buffer_ += dialect_.delimiter;
        add_cell(*rows.columns[i], row);
      }
      buffer_ += '\n';
      if (buffer_.size() >= kFlushAt) flush();
    }
  }
  void finish() override { flush(); }

 private:
  void flush() {
    output_.write(buffer_);
    buffer_.clear();
  }

  void add_cell(const data::Column& column, std::size_t row) {
    if (column.is_null(row)) {
      buffer_ += null_text_;
    } else if (column.type().kind == Kind::kText) {
      add(column.bytes_at(row));
    } else {
      text_.clear();
      data::append_value_text(text_, column, row);
      add(text_);
    }
  }

  bool needs_quotes(std::string_view text) const {
    if (text.empty() || text == null_text_ || hazards_.stand_in(text)) return true;
    return text.starts_with("\xef\xbb\xbf") || (guards_quote_ && text[0] == '\'');
  }

  void add(std::string_view text) {
    if (!needs_quotes(text)) {
      buffer_ += text;
      return;
    }
    buffer_ += dialect_.quote;
    for (const char c : text) {
      if (c == dialect_.quote) buffer_ += c;
      buffer_ += c;
    }
    buffer_ += dialect_.quote;
  }

  ByteOutput& output_;
  CsvDialect dialect_;
  Hazards hazards_;
  std::string null_text_;
  bool guards_quote_;  ///< the reader guesses the quote too
  std::string buffer_, text_;
};

/// How a value of a type stands in JSON.
enum class Form { kRaw, kString, kFloat, kJson };

Form form_of(const data::Type& type) {
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt64:
    case Kind::kDecimal:
    case Kind::kNumber:
      return Form::kRaw;
    case Kind::kFloat64:
      return Form::kFloat;
    case Kind::kJson:
      return Form::kJson;
    default:
      return Form::kString;
  }
}

/// NDJSON, or one array with a row a line. Names are written once a row, as they stand in a row.
class JsonWriter final : public RowWriter {
 public:
  JsonWriter(bool array, const data::Schema& columns, ByteOutput& output)
      : output_(output), array_(array) {
    for (const data::Field& field : columns.fields) {
      std::string name = names_.empty() ? "{" : ",";
      expr::append_json_string(name, field.name);
      names_.push_back(name + ":");
      columns_.push_back(field.name);
      forms_.push_back(form_of(field.type));
    }
    if (array_) buffer_ += '[';
  }

  void write(const data::Batch& rows) override {
    for (std::size_t row = 0; row < rows.rows; ++row) {
      if (array_) buffer_ += first_ ? "\n" : ",\n";
      first_ = false;
      for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        buffer_ += names_[i];
        add_cell(*rows.columns[i], i, row);
      }
      buffer_ += array_ ? "}" : "}\n";
      if (buffer_.size() >= kFlushAt) flush();
    }
  }
  void finish() override {
    if (array_) buffer_ += first_ ? "]\n" : "\n]\n";
    flush();
  }

 private:
  void flush() {
    output_.write(buffer_);
    buffer_.clear();
  }

  void add_cell(const data::Column& column, std::size_t at, std::size_t row) {
    if (column.is_null(row)) {
      buffer_ += "null";
      return;
    }
    text_.clear();
    data::append_value_text(text_, column, row);
    const Form form = forms_[at];
    if (form == Form::kJson) return add_json(at);
    const bool as_string = form == Form::kString || (form == Form::kFloat && !expr::is_json(text_));
    if (as_string) {
      expr::append_json_string(buffer_, text_);
    } else {
      buffer_ += text_;
    }
  }

  // A line break can only stand between two tokens, where any space is as good.
  void add_json(std::size_t at) {
    if (base::trim_spaces(text_) == "null") {
      throw base::Error(base::Fault::kData, "E404",
                        "column " + base::quoted(columns_[at]) +
                            " holds the JSON value null, which could not be told from NULL in a "
                            "JSON file",
                        "write a CSV, or turn it into NULL: nullif(" + columns_[at] + ", …)");
    }
    for (char& c : text_) {
      if (!array_ && (c == '\n' || c == '\r')) c = ' ';
    }
    buffer_ += text_;
  }

  ByteOutput& output_;
  bool array_, first_ = true;
  std::vector<std::string> names_, columns_;
  std::vector<Form> forms_;
  std::string buffer_, text_;
};

}  // namespace

std::unique_ptr<RowWriter> write_rows(const plan::FileShape& shape, const std::string& label,
                                      const data::Schema& columns, ByteOutput& output) {
  const plan::FileFormat format = format_of(shape, label);
  if (format == plan::FileFormat::kPieces) return write_pieces(output);
  if (format == plan::FileFormat::kCsv) {
    plan::FileShape own = shape;
    const bool tabs =
        label.ends_with(".tsv") || label.ends_with(".tsv.gz") || label.ends_with(".tsv.zst");
    if (!own.delimiter && tabs) own.delimiter = '\t';
    return std::make_unique<CsvWriter>(own, columns, output);
  }
  return std::make_unique<JsonWriter>(format == plan::FileFormat::kJson, columns, output);
}

}  // namespace engine::connectors::files
