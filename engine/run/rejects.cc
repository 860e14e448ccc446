#include "run/rejects.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/text.h"
#include "stages/masking.h"
#include "stages/used_columns.h"

namespace engine::run {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownRejects = 20;
/// Lines beyond what `max_rejects` allows: enough to see what is wrong, not a copy of the source.
constexpr std::int64_t kLinesBeyond = 10'000;

/// Names of both sides: what a classed column is made of is masked like it.
std::vector<std::string> masked_names(const compile::BoundTable& table) {
  const std::vector<std::string> classed = stages::masked_columns(table.spec->classification);
  std::set<std::string> names(classed.begin(), classed.end());
  for (const stages::OutputColumn& column : table.transform.columns) {
    if (std::find(classed.begin(), classed.end(), column.name) == classed.end()) continue;
    stages::add_used_columns(*column.node, names);
  }
  return {names.begin(), names.end()};
}

std::int64_t line_limit(const plan::Table& table) {
  if (!table.max_rejects) return kLinesBeyond;
  if (table.max_rejects->count) return *table.max_rejects->count + kLinesBeyond;
  return table.max_rejects->ratio ? INT64_MAX : kLinesBeyond;
}

bool within_limit(const plan::Table& table, std::int64_t rows, std::int64_t rows_read) {
  if (rows == 0) return true;
  if (!table.max_rejects) return false;
  const plan::MaxRejects& most = *table.max_rejects;
  if (!most.count && !most.ratio) return false;
  if (most.count && rows > *most.count) return false;
  return !most.ratio || static_cast<double>(rows) <= *most.ratio * static_cast<double>(rows_read);
}

std::string limit_text(const plan::Table& table) {
  std::string text;
  if (table.max_rejects && table.max_rejects->count) {
    text = std::to_string(*table.max_rejects->count);
  }
  if (table.max_rejects && table.max_rejects->ratio) {
    Json percent = *table.max_rejects->ratio * 100;
    text += (text.empty() ? "" : ", ") + percent.dump() + " %";
  }
  return "max_rejects " + (text.empty() ? std::string("0") : text);
}

/// An error without a column is of the whole row.
bool has_error(const data::Batch& batch, std::size_t row, const std::string& column) {
  return std::any_of(batch.errors.begin(), batch.errors.end(), [&](const data::RowError& error) {
    return error.row == row && (error.column.empty() || error.column == column);
  });
}

/// "[E404] id=3 (row 3 as read), column height: the text is no float64: 'tall'"
std::string shown_text(const std::string& key, std::int64_t number, const Rejection& why) {
  std::string text = "[" + why.code + "] " + key;
  if (number >= 0) {
    const std::string at = "row " + std::to_string(number) + " as read";
    text += key.empty() ? at : " (" + at + ")";
  }
  if (!why.column.empty()) text += ", column " + why.column;
  text += ": " + why.reason;
  if (why.value.empty()) return text;
  return text + ": " + (why.value == stages::kMasked ? why.value : base::quoted(why.value));
}

Json key_value(const data::Column& column, std::size_t row) {
  if (column.is_null(row)) return nullptr;
  if (column.type().kind == data::Kind::kInt64) return column.int64_at(row);
  return stages::shown_value(column, row);
}

}  // namespace

Rejects::Rejects(const compile::BoundTable& table, const state::RunFolder& folder)
    : table_(table),
      path_(folder.rejects(table.name)),
      masked_(masked_names(table)),
      max_lines_(line_limit(*table.spec)) {
  std::error_code ignored;  // what cannot be removed cannot be made anew either, and that is said
  std::filesystem::remove(path_, ignored);
}

// The text of a whole row may hold classed values.
bool Rejects::is_masked(const std::string& column) const {
  if (column.empty()) return !masked_.empty();
  return std::find(masked_.begin(), masked_.end(), column) != masked_.end();
}

std::vector<std::size_t> Rejects::key_columns(const data::Batch& batch, std::size_t row) const {
  std::vector<std::size_t> columns;
  for (const std::string& name : table_.source_key) {
    const auto column = batch.schema->find(name);
    if (!column || has_error(batch, row, name)) return {};
    columns.push_back(*column);
  }
  return columns;
}

void Rejects::write(const data::Batch* batch, std::size_t row, std::int64_t number,
                    const Rejection& why) {
  Rejection masked = why;
  if (!why.value.empty() && is_masked(why.column)) masked.value = stages::kMasked;
  std::vector<std::size_t> key;
  if (batch != nullptr) key = key_columns(*batch, row);
  if (shown_.size() < kShownRejects) {
    const std::string text = key.empty() ? "" : stages::shown_row(*batch, key, row, masked_);
    shown_.push_back(shown_text(text, number, masked));
  }
  if (lines_ >= max_lines_) return;
  Json line = {{"table", table_.name}};
  if (number >= 0) line["row"] = number;
  for (const std::size_t column : key) {
    const std::string& name = batch->schema->fields[column].name;
    line["key"][name] =
        is_masked(name) ? Json(stages::kMasked) : key_value(batch->column(column), row);
  }
  if (!masked.column.empty()) line["column"] = masked.column;
  line["code"] = masked.code;
  line["reason"] = masked.reason;
  if (!masked.value.empty()) line["value"] = masked.value;
  if (!file_) {
    base::make_private_folder(path_.parent_path());
    file_ = std::make_unique<base::OutputFile>(path_);
  }
  file_->write(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  ++lines_;
}

RejectsResult Rejects::conclude(std::int64_t rows_read) {
  if (file_) file_->flush();
  RejectsResult result;
  result.rows = rows_;
  result.rows_read = rows_read;
  if (lines_ > 0) result.file = "rejects/" + path_.filename().string();
  result.lines = lines_;
  result.cut = lines_ >= max_lines_;
  result.limit = limit_text(*table_.spec);
  result.within = within_limit(*table_.spec, rows_, rows_read);
  result.shown = shown_;
  return result;
}

void BatchRejects::reject(std::uint32_t row, const Rejection& why) {
  if (rejected_.empty()) rejected_.resize(source_.rows);
  if (rejected_[row] == 0) rejects_.count_row();
  rejected_[row] = 1;
  rejects_.write(&source_, row, first_row_ + row + 1, why);
}

void BatchRejects::drop(data::Batch& staged, std::vector<std::uint32_t>& kept) const {
  if (rejected_.empty()) return;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> left;
  for (std::uint32_t row = 0; row < staged.rows; ++row) {
    if (rejected_[kept[row]] != 0) continue;
    rows.push_back(row);
    left.push_back(kept[row]);
  }
  if (rows.size() == staged.rows) return;
  staged = data::take(staged, rows);
  kept = std::move(left);
}

}  // namespace engine::run
