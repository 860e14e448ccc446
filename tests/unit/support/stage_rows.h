#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "stages/rows.h"

namespace engine::stages::test {

using Cell = std::optional<std::string>;
using Cells = std::vector<std::vector<Cell>>;
inline constexpr std::nullopt_t kNull = std::nullopt;

/// "id int64, name text": a schema in short.
data::Schema schema(const std::string& text);
data::Batch batch(const data::Schema& columns, const Cells& rows);
/// "1|a|NULL" for each row.
std::vector<std::string> texts(const data::Batch& batch);

/// A stream of ready batches.
class VectorRows : public Rows {
 public:
  explicit VectorRows(std::vector<data::Batch> batches) : batches_(std::move(batches)) {}
  bool next(data::Batch& out) override {
    if (at_ == batches_.size()) return false;
    out = batches_[at_++];
    return true;
  }

 private:
  std::vector<data::Batch> batches_;
  std::size_t at_ = 0;
};

}  // namespace engine::stages::test
