#include "stages/image.h"

#include <algorithm>
#include <utility>

namespace engine::stages {

namespace {

using data::Column;
using data::ColumnPtr;

data::ColumnPtr null_column(data::Type type, std::size_t rows) {
  data::ColumnBuilder builder(type, rows);
  for (std::size_t row = 0; row < rows; ++row) builder.append_null();
  return builder.finish();
}

struct Cell {
  const Column* column = nullptr;
  std::uint32_t row = 0;
};

/// Where the cells of one image column come from: staged where the column is written and the row
/// was staged, else the target's, else none. A column that updates leave alone is the target's
/// wherever there is a row of it; in a marked row the mark comes first.
struct Origin {
  const Column* staged = nullptr;
  const Column* target = nullptr;
  const Column* mark = nullptr;
  bool updated = true;

  Cell cell(const ImagePick& pick) const {
    if (mark != nullptr && pick.marked) return {mark, 0};
    const bool both = pick.staged != ImagePick::kNone && pick.target != ImagePick::kNone;
    if (staged != nullptr && pick.staged != ImagePick::kNone && (updated || !both)) {
      return {staged, pick.staged};
    }
    if (target != nullptr && pick.target != ImagePick::kNone) return {target, pick.target};
    return {};
  }
};

template <typename T>
ColumnPtr gather_fixed(data::Type type, const Origin& origin, const std::vector<ImagePick>& picks) {
  std::vector<std::uint8_t> values(picks.size() * sizeof(T));
  std::vector<std::uint8_t> validity;
  T* out = reinterpret_cast<T*>(values.data());
  for (std::size_t i = 0; i < picks.size(); ++i) {
    const Cell cell = origin.cell(picks[i]);
    if (cell.column != nullptr && !cell.column->is_null(cell.row)) {
      out[i] = cell.column->fixed<T>()[cell.row];
      continue;
    }
    if (validity.empty()) validity.assign((picks.size() + 7) / 8, 0xff);
    validity[i >> 3] = static_cast<std::uint8_t>(validity[i >> 3] & ~(1U << (i & 7)));
  }
  return data::ColumnBuilder::from_buffers(type, picks.size(), std::move(validity),
                                           std::move(values), {}, {});
}

ColumnPtr gather_any(data::Type type, const Origin& origin, const std::vector<ImagePick>& picks) {
  data::ColumnBuilder builder(type, picks.size());
  for (const ImagePick& pick : picks) {
    const Cell cell = origin.cell(pick);
    if (cell.column == nullptr || cell.column->is_null(cell.row)) {
      builder.append_null();
    } else if (type.is_variable()) {
      builder.append_bytes(cell.column->bytes_at(cell.row));
    } else {
      builder.append_from(*cell.column, cell.row);
    }
  }
  return builder.finish();
}

ColumnPtr gather(data::Type type, const Origin& origin, const std::vector<ImagePick>& picks) {
  switch (type.kind) {
    case data::Kind::kInt64:
    case data::Kind::kFloat64:
    case data::Kind::kTime:
    case data::Kind::kTimestamp:
      return gather_fixed<std::int64_t>(type, origin, picks);
    case data::Kind::kDate:
      return gather_fixed<std::int32_t>(type, origin, picks);
    default:
      return gather_any(type, origin, picks);
  }
}

}  // namespace

Image::Image(std::vector<ImageObserver> observers, data::Schema written,
             std::vector<std::string> wanted)
    : observers_(std::move(observers)), written_(std::move(written)), names_(std::move(wanted)) {
  set_schema(written_);
}

void Image::set_updated(const std::vector<std::size_t>& columns) {
  updated_ = columns;
  set_schema(written_);
}

void Image::set_mark(std::size_t column, ColumnPtr value) {
  mark_ = Mark{column, std::move(value)};
}

void Image::set_target_schema(const data::Schema& schema) {
  set_schema(schema);
}

void Image::set_schema(const data::Schema& schema) {
  auto shown = std::make_shared<data::Schema>();
  wanted_.clear();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const data::Field& field = schema.fields[i];
    if (!names_.empty() && std::find(names_.begin(), names_.end(), field.name) == names_.end()) {
      continue;
    }
    const bool updated =
        updated_.empty() || std::find(updated_.begin(), updated_.end(), i) != updated_.end();
    wanted_.push_back({i, i < written_.size(), updated});
    shown->fields.push_back(field);
  }
  schema_ = std::move(shown);
}

void Image::hand_out(std::vector<ColumnPtr> columns, std::size_t rows,
                     std::vector<data::RowError> errors) const {
  const data::Batch batch{
      .schema = schema_, .columns = std::move(columns), .rows = rows, .errors = std::move(errors)};
  for (const ImageObserver& observer : observers_) observer(batch);
}

void Image::show_target(const data::Batch& target) {
  if (!watched() || target.rows == 0) return;
  std::vector<ColumnPtr> columns;
  for (const Wanted& wanted : wanted_) columns.push_back(target.columns[wanted.column]);
  hand_out(std::move(columns), target.rows, target.errors);
}

void Image::show_staged(const data::Batch& staged) {
  if (!watched() || staged.rows == 0) return;
  std::vector<ColumnPtr> columns;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    columns.push_back(wanted_[i].written ? staged.columns[wanted_[i].column]
                                         : null_column(schema_->fields[i].type, staged.rows));
  }
  hand_out(std::move(columns), staged.rows, {});
}

ColumnPtr Image::pick_column(const Wanted& wanted, const data::Batch* staged,
                             const data::Batch* target, const std::vector<ImagePick>& picks) const {
  const bool from_staged = staged != nullptr && wanted.written;
  const Column* a = from_staged ? staged->columns[wanted.column].get() : nullptr;
  const Column* b = target != nullptr ? target->columns[wanted.column].get() : nullptr;
  const data::Type type = a != nullptr ? a->type() : b != nullptr ? b->type() : data::Type{};
  Origin origin{a, b, nullptr, wanted.updated};
  if (mark_ && mark_->column == wanted.column) origin.mark = mark_->value.get();
  return gather(type, origin, picks);
}

/// The staged row's cell stands in place of the target's.
bool Image::is_updated(const std::string& column) const {
  const auto position = written_.find(column);
  if (!position) return false;
  return updated_.empty() ||
         std::find(updated_.begin(), updated_.end(), *position) != updated_.end();
}

/// Errors of the target's cells that are in the image.
std::vector<data::RowError> Image::errors_of(const data::Batch* target,
                                             const std::vector<ImagePick>& picks) const {
  std::vector<data::RowError> errors;
  if (target == nullptr || target->errors.empty()) return errors;
  for (std::uint32_t i = 0; i < picks.size(); ++i) {
    for (const data::RowError& error : target->errors) {
      if (error.row != picks[i].target) continue;
      if (picks[i].staged != ImagePick::kNone && is_updated(error.column)) continue;
      errors.push_back(error);
      errors.back().row = i;
    }
  }
  return errors;
}

void Image::show(const data::Batch* staged, const data::Batch* target,
                 const std::vector<ImagePick>& picks) {
  if (!watched() || picks.empty()) return;
  const auto from_target = [](const ImagePick& pick) {
    return pick.staged == ImagePick::kNone && !pick.marked;
  };
  const auto from_staged = [](const ImagePick& pick) { return pick.target == ImagePick::kNone; };
  if (target != nullptr && picks.size() == target->rows &&
      std::all_of(picks.begin(), picks.end(), from_target)) {
    return show_target(*target);
  }
  if (staged != nullptr && picks.size() == staged->rows &&
      std::all_of(picks.begin(), picks.end(), from_staged)) {
    return show_staged(*staged);
  }
  std::vector<ColumnPtr> columns;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    ColumnPtr column = !wanted_[i].written && target == nullptr
                           ? null_column(schema_->fields[i].type, picks.size())
                           : pick_column(wanted_[i], staged, target, picks);
    columns.push_back(std::move(column));
  }
  hand_out(std::move(columns), picks.size(), errors_of(target, picks));
}

}  // namespace engine::stages
