#include "connectors/files/row_sink.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "data/value_text.h"
#include "expr/json_scan.h"

namespace engine::connectors::files {
namespace {

constexpr std::size_t kShownValue = 200;

/// The first bytes of a value, cut between characters; what is no UTF-8 is shown as '?'.
std::string shown(std::string_view value) {
  std::string out(value.substr(0, kShownValue));
  while (true) {
    const std::size_t bad = base::find_invalid_utf8(out);
    if (bad == std::string_view::npos) return out;
    if (bad + 4 > out.size() && out.size() < value.size()) {
      out.resize(bad);
    } else {
      out[bad] = '?';
    }
  }
}

/// The common case by itself: at most 18 digits, which cannot overflow.
std::optional<std::int64_t> short_int64(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::size_t first = negative ? 1 : 0;
  if (text.size() == first || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

}  // namespace

RowSink::RowSink(const data::Schema& columns)
    : schema_(std::make_shared<const data::Schema>(columns)), seen_(columns.size(), 0) {
  builders_.reserve(columns.size());
  for (const data::Field& field : columns.fields) {
    builders_.emplace_back(field.type, data::kMaxBatchRows);
  }
}

void RowSink::start_row(const std::string& label, std::uint64_t line, std::size_t bytes) {
  label_ = &label;
  line_ = line;
  bytes_ += bytes;
}

std::string RowSink::place() const {
  return *label_ + " line " + std::to_string(line_);
}

void RowSink::text(std::size_t column, std::string_view text, bool plain) {
  data::ColumnBuilder& builder = take(column);
  switch (builder.type().kind) {
    case data::Kind::kText:
      if (plain || base::find_invalid_utf8(text) == std::string_view::npos) {
        return builder.append_bytes(text);
      }
      break;
    case data::Kind::kInt64:
      if (const auto value = short_int64(text)) return builder.append_int64(*value);
      if (data::append_parsed(builder, text)) return;
      break;
    case data::Kind::kJson:
      if (expr::is_json(text) && data::append_parsed(builder, text)) return;
      break;
    default:
      if (data::append_parsed(builder, text)) return;
  }
  bad_text(column, text);
}

void RowSink::bad_text(std::size_t column, std::string_view text) {
  const data::Field& field = schema_->fields[column];
  builders_[column].append_null();
  const bool encoding = base::find_invalid_utf8(text) != std::string_view::npos;
  std::string reason =
      encoding ? "not UTF-8" : "not a value of type " + data::type_name(field.type);
  errors_.push_back({static_cast<std::uint32_t>(rows_), field.name, encoding ? "E406" : "E403",
                     reason + " (" + place() + ")", shown(text)});
}

void RowSink::refuse(std::size_t column, const char* code, std::string reason,
                     std::string_view value) {
  take(column).append_null();
  errors_.push_back({static_cast<std::uint32_t>(rows_), schema_->fields[column].name, code,
                     std::move(reason) + " (" + place() + ")", shown(value)});
}

void RowSink::refuse_row(const char* code, std::string reason, std::string_view value) {
  errors_.push_back({static_cast<std::uint32_t>(rows_), "", code,
                     std::move(reason) + " (" + place() + ")", shown(value)});
}

void RowSink::end_row() {
  for (data::ColumnBuilder& builder : builders_) {
    if (builder.size() == rows_) builder.append_null();
  }
  ++rows_;
}

data::Batch RowSink::finish() {
  data::Batch batch{.schema = schema_, .columns = {}, .rows = rows_, .errors = std::move(errors_)};
  for (data::ColumnBuilder& builder : builders_) batch.columns.push_back(builder.finish());
  errors_.clear();
  std::fill(seen_.begin(), seen_.end(), 0U);
  rows_ = bytes_ = 0;
  return batch;
}

}  // namespace engine::connectors::files
