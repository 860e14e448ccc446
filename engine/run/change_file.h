#pragma once

#include <memory>

#include "connect/write.h"
#include "run/job.h"
#include "state/block_file.h"

namespace engine::run {

/// For which call of the publisher changes wait: removals go to the target before anything else.
enum class ChangeKind { kApply, kRemove };

/// Writes the changes of one table to the run's folder, where they wait for the publish; of each
/// kind a file. No change, no file.
void write_changes(Job& job, std::size_t table, connect::Changes& changes);
bool has_changes(const Job& job, std::size_t table, ChangeKind kind);

/// Reads them back.
class ChangeFile : public connect::Changes {
 public:
  ChangeFile(const Job& job, std::size_t table, ChangeKind kind);
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
