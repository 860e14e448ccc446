#pragma once

#include <memory>
#include <vector>

#include "data/batch.h"
#include "run/job.h"
#include "state/id_map.h"

namespace engine::run {

/// Follows one table while it is read and writes what each of its source keys became. One thread.
class IdMapping {
 public:
  IdMapping(Job& job, std::size_t table);

  /// `kept` are the rows of `source` that `staged` holds.
  void observe(const data::Batch& source, const std::vector<std::uint32_t>& kept,
               const data::Batch& staged);
  /// After the last row. Throws E426 when two source keys had one id.
  void finish();

 private:
  struct Followed {
    const compile::BoundId* bound = nullptr;
    std::unique_ptr<state::IdMapPart> part;
  };
  std::vector<Followed> followed_;
};

/// Joins what the tables wrote to `id_map/<name>.csv.zst` in the run's folder, in the order of
/// tables.
void join_id_maps(const Job& job);

}  // namespace engine::run
