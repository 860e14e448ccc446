#include "base/error.h"
#include "data/key.h"
#include "stages/check.h"

namespace engine::stages {

KeyCollector::KeyCollector(const data::Schema& schema, const std::vector<std::string>& fields,
                           std::shared_ptr<state::KeySpool> spool)
    : fields_(fields), spool_(std::move(spool)) {
  place(schema);
}

void KeyCollector::place(const data::Schema& schema) {
  columns_.clear();
  for (const std::string& field : fields_) {
    const auto column = schema.find(field);
    if (!column) base::bug("the keys of a parent are collected without column " + field);
    columns_.push_back(*column);
  }
}

void KeyCollector::observe(const data::Batch& batch) {
  if (batch.rows == 0) return;
  if (seen_ != batch.schema) place(*batch.schema);
  seen_ = batch.schema;
  std::string key;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (data::key_has_null(batch, columns_, row)) continue;
    key.clear();
    data::append_key(key, batch, columns_, row);
    spool_->add(base::hash128(key), rows_ + row);
  }
  rows_ += batch.rows;
}

}  // namespace engine::stages
