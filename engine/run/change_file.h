#pragma once

#include <memory>

#include "connect/write.h"
#include "run/job.h"
#include "state/block_file.h"

namespace engine::run {

/// Writes the changes of one table to the run's folder, where they wait for the publish. No change,
/// no file.
void write_changes(Job& job, std::size_t table, connect::Changes& changes);

/// Reads them back.
class ChangeFile : public connect::Changes {
 public:
  ChangeFile(const Job& job, std::size_t table);
  bool next(connect::ChangeBatch& batch) override;

 private:
  std::unique_ptr<state::BlockReader> reader_;
};

/// Of a table that is only created.
class NoChanges : public connect::Changes {
 public:
  bool next(connect::ChangeBatch&) override { return false; }
};

}  // namespace engine::run
