#pragma once

#include "data/batch.h"

namespace engine::stages {

/// A stream of rows inside a run: a source, a queue's far end, a sorted file. `next` says false at
/// the end; failures throw base::Error. One thread.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual bool next(data::Batch& batch) = 0;
};

}  // namespace engine::stages
