#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "run/job.h"
#include "run/oversight.h"
#include "run/restore_plan.h"

namespace engine::run {

/// What makes a run a restore: rows that somebody else than the engine changed since the snapshot
/// are conflicts, which are left alone, end the run, or are overwritten; and before the commit the
/// tables are read and compared with what was kept. The outcome's tables tell both.
class Restoring : public Oversight {
 public:
  Restoring(const RestoreRequest& request, const RestorePlan& plan)
      : request_(request), plan_(plan) {}
  /// Between binding and running.
  void attach(Job& job);

  void begin(std::size_t table) override;
  void look(std::size_t table, connect::ChangeBatch& changes) override;
  /// E506 with Conflicts::kAbort.
  void end(std::size_t table) override;
  /// E512 when a table is not as it was kept, conflicts apart.
  void before_commit(const compile::Unit& unit, connect::Publisher& publisher) override;
  /// After an applied run, for targets that could not be read before their commit. E512.
  void verify_published();

  std::int64_t conflicts() const;

 private:
  struct Spared {
    std::unique_ptr<connect::Ledger> ledger;
    std::unique_ptr<connect::OwnRows> own;
    std::shared_ptr<state::KeySpool> keys;  ///< of the rows that are left alone
    std::int64_t inserts = 0, updates = 0, removals = 0;
    std::int64_t all() const { return inserts + updates + removals; }
  };
  const Restored& restored(std::size_t table) const;
  void spare(std::size_t table, const data::Batch& rows, std::uint32_t row, connect::Op op);
  void compare(std::size_t table, connect::Source& rows);

  const RestoreRequest& request_;
  const RestorePlan& plan_;
  Job* job_ = nullptr;
  std::map<std::size_t, Spared> spared_;  ///< an entry a table, made by attach()
};

}  // namespace engine::run
