#pragma once

#include <cstdint>
#include <vector>

#include "connect/write.h"
#include "data/batch.h"
#include "stages/comparison.h"

namespace engine::stages {

/// Collects the rows of the target that are to go, batch by batch of the target, in the form that
/// Publisher::remove takes.
class Removals {
 public:
  explicit Removals(const ComparisonSpec& spec);

  void add(std::uint32_t target_row) { rows_.push_back(target_row); }
  bool pending() const { return !rows_.empty(); }
  /// The rows added since the last call, out of the target batch they are rows of. They must be in
  /// ascending order; none is no harm.
  void take(const data::Batch& target, connect::ChangeBatch& out);
  /// What marked rows hold: one row. nullptr where deletes are hard.
  const data::ColumnPtr& mark() const { return mark_; }

 private:
  std::vector<std::size_t> columns_of(const data::Batch& target);

  std::vector<std::size_t> key_;
  bool by_number_;
  data::Field mark_field_;
  data::ColumnPtr mark_;
  std::shared_ptr<const data::Schema> schema_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace engine::stages
