#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/files/row_reader.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;

constexpr std::size_t kSample = std::size_t{64} << 10;

/// Hands out bytes that were read ahead, and then the rest.
class Resumed final : public ByteInput {
 public:
  Resumed(std::string head, std::unique_ptr<ByteInput> rest)
      : head_(bytes_input(std::move(head))), rest_(std::move(rest)) {}
  std::size_t read(char* into, std::size_t size) override {
    const std::size_t got = head_->read(into, size);
    return got > 0 ? got : rest_->read(into, size);
  }

 private:
  std::unique_ptr<ByteInput> head_, rest_;
};

std::string char_text(char c) {
  return c == '\t' ? "tab" : "'" + std::string(1, c) + "'";
}

std::string sniffed_text(const Sniffed& sniffed) {
  std::vector<std::string> words;
  if (sniffed.delimiter_guessed)
    words.push_back("delimiter " + char_text(sniffed.dialect.delimiter));
  if (sniffed.quote_guessed) words.push_back("quote " + char_text(sniffed.dialect.quote));
  return base::join(words, ", ");
}

void require_names(const std::vector<std::string>& names, const std::string& label) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string place = "column " + std::to_string(i + 1) + " of " + base::quoted(label);
    if (names[i].empty()) {
      throw Error(Fault::kData, "E322", place + " has no name in the header",
                  "name it there, or read the file with 'csv: {header: false, columns: …}'");
    }
    if (base::find_invalid_utf8(names[i]) != std::string_view::npos) {
      throw Error(Fault::kData, "E406", "the name of " + place + " is not UTF-8",
                  "convert the file first: iconv -f LATIN1 -t UTF-8");
    }
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw Error(Fault::kData, "E322",
                  "the header of " + base::quoted(label) + " has the column " +
                      base::quoted(names[i]) + " twice",
                  "rename one of them, or read the file with 'csv: {header: false, columns: …}'");
    }
  }
}

std::vector<std::string> header_of(CsvRecords& records, const std::string& label) {
  std::vector<std::string> names;
  if (!records.next()) {
    throw Error(Fault::kData, "E322", base::quoted(label) + " is empty: it has no header",
                "a file without rows still has a header, or is read with 'csv: {header: false, "
                "columns: …}'");
  }
  for (const CsvField& field : records.fields()) names.emplace_back(records.text(field));
  require_names(names, label);
  return names;
}

/// Reads rows of a CSV straight into the columns of a batch.
class CsvRows final : public RowReader {
 public:
  CsvRows(const plan::FileShape& shape, const Layout& layout, const std::string& label,
          std::unique_ptr<ByteInput> input, const data::Schema& wanted)
      : shape_(shape),
        label_(label),
        window_(std::move(input)),
        records_(window_, layout.dialect, label),
        columns_(layout.columns) {
    if (shape_.header) read_header();
    for (const std::string& column : columns_) {
      const auto position = wanted.find(column);
      targets_.push_back(position ? static_cast<int>(*position) : -1);
    }
  }

  bool row(RowSink& sink) override {
    do {
      if (!records_.next()) return false;
    } while (records_.empty_line() && columns_.size() > 1);
    sink.start_row(label_, records_.line(), records_.bytes());
    fill(sink);
    sink.end_row();
    return true;
  }

 private:
  // The files of a glob may order their columns differently, but have the same.
  void read_header() {
    std::vector<std::string> own = header_of(records_, label_);
    std::vector<std::string> sorted = own;
    std::vector<std::string> expected = columns_;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected.begin(), expected.end());
    if (sorted != expected) {
      throw Error(Fault::kData, "E322",
                  "the header of " + base::quoted(label_) + " is " + base::join(own, ", ") +
                      ", the first file's is " + base::join(columns_, ", "),
                  "files read as one table have the same columns");
    }
    columns_ = std::move(own);
  }

  bool is_null(const CsvField& field) const {
    if (field.quoted) return false;
    if (!shape_.null_text) return field.size == 0;
    return std::string_view(field.data, field.size) == *shape_.null_text;
  }

  void fill(RowSink& sink) {
    const auto& fields = records_.fields();
    if (fields.size() != targets_.size()) {
      return sink.refuse_row("E420",
                             std::to_string(fields.size()) +
                                 (fields.size() == 1 ? " field" : " fields") + " instead of " +
                                 std::to_string(targets_.size()),
                             "");
    }
    if (records_.malformed()) {
      return sink.refuse_row("E420", "text behind a closing quote", "");
    }
    const bool plain = records_.plain();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (targets_[i] < 0) continue;
      const auto target = static_cast<std::size_t>(targets_[i]);
      if (is_null(fields[i])) {
        sink.null(target);
      } else {
        sink.text(target, records_.text(fields[i]), plain);
      }
    }
  }

  plan::FileShape shape_;
  std::string label_;
  Window window_;
  CsvRecords records_;
  std::vector<std::string> columns_;
  std::vector<int> targets_;  ///< by field: position in the sink, or -1
};

/// The first bytes of an input; `whole`: there are no more.
std::string sample_of(ByteInput& input, bool& whole) {
  std::string sample(kSample, '\0');
  std::size_t filled = 0;
  whole = false;
  while (filled < sample.size() && !whole) {
    const std::size_t got = input.read(sample.data() + filled, sample.size() - filled);
    whole = got == 0;
    filled += got;
  }
  sample.resize(filled);
  return sample;
}

void require_named(const plan::FileShape& shape, const std::vector<std::string>& names,
                   const std::string& label) {
  for (const plan::FileColumn& column : shape.columns) {
    if (std::find(names.begin(), names.end(), column.name.text) != names.end()) continue;
    throw Error(Fault::kPlan, "E302",
                "'csv: {columns}' names " + base::quoted(column.name.text) + ", which " +
                    base::quoted(label) + " has not",
                "its header: " + base::join(names, ", "));
  }
}

}  // namespace

Layout lay_out_csv(const plan::FileShape& shape, const std::string& label,
                   std::unique_ptr<ByteInput> input) {
  Layout out;
  bool whole = false;
  std::string sample = sample_of(*input, whole);
  const Sniffed sniffed = sniff(sample, whole, shape);
  out.dialect = sniffed.dialect;
  out.sniffed = sniffed_text(sniffed);
  if (shape.header) {
    Window window(std::make_unique<Resumed>(std::move(sample), std::move(input)));
    CsvRecords records(window, out.dialect, label);
    out.columns = header_of(records, label);
    require_named(shape, out.columns, label);
    return out;
  }
  for (const plan::FileColumn& column : shape.columns) out.columns.push_back(column.name.text);
  if (!out.columns.empty()) return out;
  throw Error(Fault::kPlan, "E322",
              base::quoted(label) + " has no header, so nothing names its columns",
              "name them in order: 'csv: {header: false, columns: {code: text, size: int64}}'");
}

std::unique_ptr<RowReader> csv_rows(const plan::FileShape& shape, const Layout& layout,
                                    const std::string& label, std::unique_ptr<ByteInput> input,
                                    const data::Schema& wanted) {
  return std::make_unique<CsvRows>(shape, layout, label, std::move(input), wanted);
}

}  // namespace engine::connectors::files
