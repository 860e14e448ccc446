#include "stages/reconciled.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/key.h"
#include "data/row_digest.h"
#include "data/value_text.h"

namespace engine::stages {
namespace {

state::SortSpec by_key(const ReconcileSpec& spec) {
  state::SortSpec sort;
  for (std::size_t i = 0; i < spec.key.size(); ++i) sort.key.push_back(i);
  return sort;
}

/// One side's rows, one at a time.
class Cursor {
 public:
  explicit Cursor(ReconciledSide& side) : side_(side), width_(side.spec().key.size()) {
    for (std::size_t i = 0; i < width_; ++i) columns_.push_back(i);
    load();
  }
  bool ended() const { return ended_; }
  const std::string& key() const { return key_; }
  std::pair<std::int64_t, std::int64_t> digest() const {
    return {batch_.column(width_).int64_at(row_), batch_.column(width_ + 1).int64_at(row_)};
  }
  std::string words() const {
    std::string text;
    const ReconcileSpec& spec = side_.spec();
    for (std::size_t i = 0; i < width_; ++i) {
      const data::Column& column = batch_.column(i);
      const bool hidden =
          std::find(spec.masked.begin(), spec.masked.end(), spec.key[i]) != spec.masked.end();
      text += (text.empty() ? "" : ", ") + spec.key[i] + "=" +
              (hidden                 ? std::string("***")
               : column.is_null(row_) ? std::string("NULL")
                                      : data::value_text(column, row_));
    }
    return text;
  }
  void advance() {
    ++row_;
    load();
  }

 private:
  void load() {
    while (!ended_ && row_ >= batch_.rows) {
      row_ = 0;
      ended_ = !side_.next(batch_);
    }
    key_.clear();
    if (!ended_) data::append_key(key_, batch_, columns_, row_);
  }

  ReconciledSide& side_;
  std::size_t width_;
  std::vector<std::size_t> columns_;
  data::Batch batch_;
  std::size_t row_ = 0;
  bool ended_ = false;
  std::string key_;
};

}  // namespace

ReconciledSide::ReconciledSide(std::shared_ptr<const ReconcileSpec> spec,
                               base::MemoryBudget& budget, state::Scratch scratch)
    : spec_(std::move(spec)),
      sorter_(by_key(*spec_), budget, std::move(scratch)),
      sums_(spec_->summed.size(), data::Int128{0}) {}

void ReconciledSide::place(const data::Schema& schema) {
  key_ = schema.places_of(spec_->key);
  compared_ = schema.places_of(spec_->compared);
  summed_ = schema.places_of(spec_->summed);
  auto keyed = std::make_shared<data::Schema>();
  for (const std::size_t place : key_) keyed->fields.push_back(schema.fields[place]);
  for (const char* half : {"digest high", "digest low"}) {
    keyed->fields.push_back({half, data::Type::of(data::Kind::kInt64), false});
  }
  if (!keyed_) keyed_ = std::move(keyed);
}

void ReconciledSide::add_sums(const data::Batch& rows) {
  for (std::size_t i = 0; i < summed_.size(); ++i) {
    const data::Column& column = rows.column(summed_[i]);
    const bool whole = column.type().kind == data::Kind::kInt64;
    for (std::size_t row = 0; row < rows.rows && sums_[i]; ++row) {
      if (column.is_null(row)) continue;
      const data::Int128 value = whole ? column.int64_at(row) : column.decimal_at(row);
      sums_[i] = data::add(*sums_[i], value);
    }
  }
}

data::Batch ReconciledSide::keyed(const data::Batch& rows) const {
  data::Batch out;
  out.schema = keyed_;
  out.rows = rows.rows;
  for (const std::size_t place : key_) out.columns.push_back(rows.columns[place]);
  const data::Type type = data::Type::of(data::Kind::kInt64);
  data::ColumnBuilder high(type, rows.rows);
  data::ColumnBuilder low(type, rows.rows);
  for (const base::Hash128& hash : hashes_) {
    high.append_int64(static_cast<std::int64_t>(hash.high));
    low.append_int64(static_cast<std::int64_t>(hash.low));
  }
  out.columns.push_back(high.finish());
  out.columns.push_back(low.finish());
  return out;
}

void ReconciledSide::observe(const data::Batch& rows) {
  if (rows.rows == 0) return;
  if (seen_ != rows.schema) place(*rows.schema);
  seen_ = rows.schema;
  data::row_hashes(rows, compared_, hashes_);
  for (const base::Hash128& hash : hashes_) digest_.add(hash);
  add_sums(rows);
  if (!key_.empty()) sorter_.add(keyed(rows));
}

void ReconciledSide::finish() {
  sorter_.finish();
}

Differences differences_of(ReconciledSide& source, ReconciledSide& target, std::size_t named) {
  Differences out;
  if (source.spec().key.empty()) return out;
  Cursor here(source);
  Cursor there(target);
  const auto name = [&](const Cursor& row, const char* how) {
    if (out.first.size() < named) out.first.emplace_back(row.words(), how);
  };
  while (!here.ended() || !there.ended()) {
    if (there.ended() || (!here.ended() && here.key() < there.key())) {
      ++out.missing;
      name(here, "missing in the target");
      here.advance();
    } else if (here.ended() || there.key() < here.key()) {
      ++out.extra;
      name(there, "not in the source");
      there.advance();
    } else {
      if (here.digest() != there.digest()) {
        ++out.other;
        name(here, "other values");
      }
      here.advance();
      there.advance();
    }
  }
  return out;
}

}  // namespace engine::stages
