#pragma once

#include <exception>

#include "data/batch.h"

namespace engine::stages {

/// A stream of rows inside a run: a source, a queue's far end, a sorted file. `next` says false at
/// the end; failures throw base::Error. One thread.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual bool next(data::Batch& batch) = 0;
};

/// Whether rows come in ascending order of key bytes for sure, or somebody hopes so.
enum class InOrder { kSure, kHoped };

/// Rows that were hoped to come in key order do not. No error of the data: whoever hoped reads them
/// again, and sorts.
class RowsOutOfOrder : public std::exception {
 public:
  const char* what() const noexcept override { return "rows do not come in key order"; }
};

}  // namespace engine::stages
