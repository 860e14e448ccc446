#pragma once

#include <memory>

#include "connect/read.h"
#include "connect/write.h"
#include "run/job.h"
#include "stages/rows.h"

namespace engine::run {

/// One table from its source to its changes: a reader thread extracts, transforms and checks the
/// rows in flight, and hands them through a bounded queue to whoever pulls the changes, where they
/// meet the target's rows. Pulled by one thread. Destroying it early stops the reader.
class Pipeline : public connect::Changes {
 public:
  /// `target_rows`: the target's rows as BoundTable::target_read asks for them; nullptr for an
  /// empty or missing table. `order` kHoped: rows that may come in key order are not sorted;
  /// next() throws stages::RowsOutOfOrder when they do not.
  Pipeline(Job& job, std::size_t table, std::unique_ptr<connect::Source> target_rows,
           stages::InOrder order = stages::InOrder::kSure);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  bool next(connect::ChangeBatch& batch) override;

  /// After next() said false: counts, verdicts of all staged checks, freshness, guards, references
  /// and key errors go to the table's outcome.
  void conclude();

 private:
  class Merging;
  Job& job_;
  std::size_t table_;
  double started_;
  std::uint64_t undo_bytes_ = 0;  ///< estimated
  std::unique_ptr<Merging> merging_;
};

}  // namespace engine::run
