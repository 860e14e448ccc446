#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "connect/read.h"
#include "run/extraction.h"
#include "run/job.h"
#include "run/resolving.h"
#include "stages/rows.h"
#include "state/block_file.h"
#include "state/key_spool.h"

namespace engine::run {

/// The rows of one table, read and transformed once, with what was decided about its orphans.
class Settled {
 public:
  /// Reads the table to its end.
  Settled(Job& job, std::size_t table);
  ~Settled();
  Settled(const Settled&) = delete;
  Settled& operator=(const Settled&) = delete;

  const compile::BoundTable& table() const { return table_; }
  Extraction& extraction() { return extraction_; }
  /// The rows as far as they are settled. `rejects` receives dropped ones; nullptr: nobody does.
  std::unique_ptr<stages::Rows> rows(Rejects* rejects) const;

  /// Marks the orphans of one reference, which refers to these parents; true when there are new
  /// ones.
  bool mark(std::size_t reference, const state::KeySpool& parents);
  Resolution resolution() const;

 private:
  class Stream;
  struct Followed {
    std::unique_ptr<state::KeySpool> keys;  ///< what rows name their parent by
    std::vector<std::uint64_t> strangers;   ///< rows that name what no parent can have
    std::vector<bool> orphans;              ///< by row
    std::int64_t looked_at = 0;
    std::int64_t marked = 0;
  };
  std::filesystem::path rows_path() const { return path_.string() + ".rows"; }
  std::filesystem::path origins_path() const { return path_.string() + ".origins"; }
  void stage();
  void follow(const data::Batch& batch, std::map<std::size_t, stages::ReferenceHashes>& hashes);

  const compile::BoundTable& table_;
  Extraction extraction_;
  std::filesystem::path path_;
  std::uint64_t row_count_ = 0;
  std::map<std::size_t, Followed> followed_;  ///< by reference
  std::vector<bool> dropped_;
  std::int64_t dropped_count_ = 0;
};

/// The target's rows of a table as BoundTable::target_read asks for them; nullptr: there are none.
using TargetReader = std::function<std::unique_ptr<connect::Source>(std::size_t table)>;

/// Makes the tables (of one circle, or a single one) ready for their pipelines. Where orphans go
/// away and their parents will not stand in memory when the rows pass, the tables are read here and
/// settled: an emptied or dropped row may make others orphans, so the image that the target would
/// have is looked at again until nothing changes. Their pipelines read the settled rows then.
void settle_orphans(Job& job, const std::vector<std::size_t>& tables, const TargetReader& target);

/// The references of these tables that waited for all of them.
void judge_deferred(Job& job, const std::vector<std::size_t>& tables);

}  // namespace engine::run
