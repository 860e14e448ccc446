#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "run/change_file.h"
#include "run/failures.h"
#include "run/judging.h"
#include "run/kept_rows.h"
#include "run/oversight.h"
#include "run/pipeline.h"
#include "run/published.h"
#include "run/resume.h"
#include "run/runner.h"
#include "run/settling.h"
#include "run/snapshots.h"
#include "run/target_rows.h"
#include "run/undoing.h"

namespace engine::run {
namespace {

class LiveRunner : public Runner {
 public:
  explicit LiveRunner(Job& job) : job_(job) {}

  void open() override;
  bool stages_now(std::size_t table) const override {
    const compile::BoundTable& bound = job_.bound.tables[table];
    return bound.moves_rows() && bound.load == compile::Load::kCompare;
  }
  void stage(std::size_t table) override;
  void publish(const compile::Unit& unit) override;
  void verify() override;
  void recover(int exit_code) override;
  void close() override { job_.leases.release(); }

 private:
  connect::PublishUnit unit_for(const compile::Unit& unit);
  void fill(const compile::Unit& unit, const connect::PublishUnit& write,
            connect::Publisher& publisher);
  bool try_to_fill(const compile::Unit& unit, const connect::PublishUnit& write,
                   connect::Publisher& publisher);
  void empty(const compile::Unit& unit, connect::Publisher& publisher);
  void apply(const compile::Unit& unit, const connect::PublishUnit& write,
             connect::Publisher& publisher);
  void remove(std::size_t table, const connect::TableWrite& write, connect::Publisher& publisher);
  void remove_all(const compile::Unit& unit, const connect::PublishUnit& write,
                  connect::Publisher& publisher);
  void apply_live(std::size_t table, const connect::TableWrite& write,
                  connect::Publisher& publisher);
  void load(std::size_t table, const connect::TableWrite& write, connect::Publisher& publisher);
  void compare_again(const compile::Unit& unit, connect::Publisher& publisher);
  void settle_again(std::size_t table, connect::Publisher& publisher);
  void compare_inside(std::size_t table, connect::Publisher& publisher);
  connect::Receipt commit(connect::Publisher& publisher, const std::string& unit);
  void take_receipt(const compile::Unit& unit, const connect::Receipt& receipt);
  std::vector<UndoStep> published_steps() const;

  Job& job_;
  std::vector<std::pair<std::string, connect::TableReceipt>> receipts_;  ///< in publish order
  bool moved_ = false;  ///< the unit in hand: another writer came between the look and the lock
  std::set<std::size_t> disordered_;  ///< tables whose rows did not come in the order hoped for
};

std::vector<std::string> unit_steps(const connect::PublishUnit& unit) {
  std::vector<std::string> steps;
  for (const connect::TableWrite& table : unit.tables) steps.push_back(table.step);
  return steps;
}

std::string unit_name(const compile::Unit& unit, const Job& job) {
  return unit.connection + "/" + job.bound.tables[unit.tables.front()].name;
}

void LiveRunner::open() {
  for (const auto& [target, lease] : job_.leases.all()) {
    lease->ledger().prune(job_.clock.now_us(), job_.identity.run_id);
  }
  keep_snapshot(job_);
}

void LiveRunner::stage(std::size_t table) {
  Pipeline pipeline(job_, table, target_rows(job_, table));
  write_changes(job_, table, pipeline);
  pipeline.conclude();
}

connect::PublishUnit LiveRunner::unit_for(const compile::Unit& unit) {
  connect::PublishUnit write;
  write.run = job_.identity;
  write.epoch = job_.leases.of(unit.connection).epoch();
  write.undo_expires_us = job_.clock.now_us() + job_.plan.snapshot.retain_us;
  for (const std::size_t at : unit.tables) {
    const compile::BoundTable& table = job_.bound.tables[at];
    connect::TableWrite entry;
    entry.step = table.name;
    entry.table = table.target_table;
    entry.columns = table.comparison.written;
    entry.key = table.key;
    entry.create = table.create;
    entry.file = table.target_file;
    entry.was_empty = table.load == compile::Load::kLive;
    entry.compared = reads_target(table);
    for (const std::size_t column : table.comparison.updated) {
      entry.updated.push_back(table.comparison.written.fields[column].name);
    }
    if (table.comparison.mark) {
      entry.mark = table.comparison.written.fields[*table.comparison.mark].name;
    }
    write.tables.push_back(std::move(entry));
  }
  return write;
}

// The table's checks decide before the unit commits: what fails here leaves the target as it was.
void LiveRunner::apply_live(std::size_t at, const connect::TableWrite& write,
                            connect::Publisher& publisher) {
  judge_source_age(job_, at);
  if (moved_ && job_.bound.tables[at].target_info) {
    settle_again(at, publisher);
    compare_inside(at, publisher);
    connect::TableWrite compared = write;
    compared.was_empty = false;
    remove(at, compared, publisher);
    ChangeFile changes(job_, at, ChangeKind::kApply);
    publisher.apply(compared, changes);
  } else {
    settle_orphans(job_, {at}, [](std::size_t) { return nullptr; });
    load(at, write, publisher);
  }
  job_.require_undo_budget();
}

// While the rows are still being read. Those that come in key order, as most do, need no sorting.
void LiveRunner::load(std::size_t at, const connect::TableWrite& write,
                      connect::Publisher& publisher) {
  const bool known = disordered_.contains(at);
  Pipeline pipeline(job_, at, nullptr, known ? stages::InOrder::kSure : stages::InOrder::kHoped);
  try {
    publisher.apply(write, pipeline);
  } catch (const stages::RowsOutOfOrder&) {
    disordered_.insert(at);
    throw;
  }
  pipeline.conclude();
  require_publishable(job_.table_outcome(at));
}

void LiveRunner::compare_inside(std::size_t at, connect::Publisher& publisher) {
  Pipeline pipeline(job_, at, publisher.read(job_.bound.tables[at].target_read));
  write_changes(job_, at, pipeline);
  pipeline.conclude();
  require_publishable(job_.table_outcome(at));
}

void LiveRunner::remove(std::size_t at, const connect::TableWrite& write,
                        connect::Publisher& publisher) {
  if (!has_changes(job_, at, ChangeKind::kRemove)) return;
  ChangeFile changes(job_, at, ChangeKind::kRemove);
  publisher.remove(write, changes);
}

// Children first: a parent goes when nothing refers to it any more.
void LiveRunner::remove_all(const compile::Unit& unit, const connect::PublishUnit& write,
                            connect::Publisher& publisher) {
  for (std::size_t i = unit.tables.size(); i-- > 0;) {
    const std::size_t at = unit.tables[i];
    const compile::BoundTable& table = job_.bound.tables[at];
    if (table.create_only || table.load == compile::Load::kLive) continue;
    try {
      remove(at, write.tables[i], publisher);
    } catch (base::Error& error) {
      job_.table_outcome(at).state = TableState::kFailed;
      error.in(place_of(job_.table_outcome(at)));
      throw;
    }
  }
}

void LiveRunner::apply(const compile::Unit& unit, const connect::PublishUnit& write,
                       connect::Publisher& publisher) {
  remove_all(unit, write, publisher);
  for (std::size_t i = 0; i < unit.tables.size(); ++i) {
    const std::size_t at = unit.tables[i];
    const compile::BoundTable& table = job_.bound.tables[at];
    try {
      if (table.create_only) {
        NoChanges nothing;
        publisher.apply(write.tables[i], nothing);
      } else if (table.load == compile::Load::kLive) {
        apply_live(at, write.tables[i], publisher);
      } else {
        ChangeFile changes(job_, at, ChangeKind::kApply);
        publisher.apply(write.tables[i], changes);
      }
    } catch (base::Error& error) {
      job_.table_outcome(at).state = TableState::kFailed;
      error.in(place_of(job_.table_outcome(at)));
      throw;
    }
  }
}

// Another writer came between the comparison and the lock: under the lock nobody can any more.
void LiveRunner::compare_again(const compile::Unit& unit, connect::Publisher& publisher) {
  for (const std::size_t at : unit.tables) {
    const compile::BoundTable& table = job_.bound.tables[at];
    // A missing table is still missing, or begin() would have refused; live ones are not read yet.
    if (table.create_only || !reads_target(table)) continue;
    reset_outcome(job_, at);
    job_.observers.message("info", "target changed since the comparison, comparing " + table.name +
                                       " again under its lock");
    settle_again(at, publisher);
    compare_inside(at, publisher);
  }
  judge_deferred(job_, unit.tables);
  for (const std::size_t at : unit.tables) require_publishable(job_.table_outcome(at));
}

// A circle is settled as a whole when its first table comes: what its rows refer to may have moved.
void LiveRunner::settle_again(std::size_t at, connect::Publisher& publisher) {
  const std::vector<std::size_t> circle = job_.bound.graph.circle_of(at);
  const auto first = std::find_if(
      job_.bound.graph.order.begin(), job_.bound.graph.order.end(),
      [&](std::size_t table) { return std::binary_search(circle.begin(), circle.end(), table); });
  if (*first != at) return;
  settle_orphans(job_, circle, [&](std::size_t table) -> std::unique_ptr<connect::Source> {
    if (!job_.bound.tables[table].target_info) return nullptr;
    return publisher.read(job_.bound.tables[table].target_read);
  });
}

/// Leaves the unit open, with all that it publishes.
void LiveRunner::fill(const compile::Unit& unit, const connect::PublishUnit& write,
                      connect::Publisher& publisher) {
  while (!try_to_fill(unit, write, publisher)) empty(unit, publisher);
}

/// False: rows of one of its tables did not come in the order hoped for.
bool LiveRunner::try_to_fill(const compile::Unit& unit, const connect::PublishUnit& write,
                             connect::Publisher& publisher) {
  const connect::Publisher::Begun begun = publisher.begin(write);
  if (begun == connect::Publisher::Begun::kAlreadyDone) return true;
  moved_ = begun == connect::Publisher::Begun::kMoved;
  try {
    if (moved_) compare_again(unit, publisher);
    apply(unit, write, publisher);
  } catch (const stages::RowsOutOfOrder&) {
    return false;
  }
  check_published(job_, unit, publisher);
  if (job_.oversight != nullptr) job_.oversight->before_commit(unit, publisher);
  return true;
}

/// Takes back what the unit has, as if nothing of it had been read.
void LiveRunner::empty(const compile::Unit& unit, connect::Publisher& publisher) {
  publisher.abort();
  for (const std::size_t at : unit.tables) {
    if (job_.bound.tables[at].load != compile::Load::kLive) continue;
    reset_outcome(job_, at);
    if (!disordered_.contains(at)) continue;
    job_.observers.message("info", "rows of " + job_.bound.tables[at].name +
                                       " do not go on in key order: reading them again, to sort");
  }
}

void LiveRunner::publish(const compile::Unit& unit) {
  const connect::PublishUnit write = unit_for(unit);
  const std::string name = unit_name(unit, job_);
  connect::Connection& target = job_.session.target(unit.connection);
  const auto publisher = target.publisher();
  const double started = base::monotonic_seconds();
  job_.observers.started({"", "publish", 0, -1, 0, false, unit.connection});
  sync_kept_rows(job_);
  job_.journal.unit_intent(job_.identity.run_id, name, write.epoch, "{}");
  try {
    fill(unit, write, *publisher);
    job_.keep_going();
    // Once the target has the unit, who goes on with the run needs to know what it did.
    job_.journal.unit_intent(job_.identity.run_id, name, write.epoch,
                             books_text(job_.outcome, unit_steps(write)));
  } catch (...) {
    publisher->abort();
    job_.observers.finished(
        {"", "publish", 0, -1, base::monotonic_seconds() - started, true, unit.connection});
    throw;
  }
  const connect::Receipt receipt = commit(*publisher, name);
  take_receipt(unit, receipt);
  job_.journal.unit_receipt(job_.identity.run_id, name,
                            books_text(job_.outcome, unit_steps(write)));
  job_.observers.finished(
      {"", "publish", 0, 0, base::monotonic_seconds() - started, false, unit.connection});
}

connect::Receipt LiveRunner::commit(connect::Publisher& publisher, const std::string& unit) {
  try {
    return publisher.commit();
  } catch (const base::Error& error) {
    if (error.fault() == base::Fault::kUnknownOutcome) {
      job_.journal.unit_unknown(job_.identity.run_id, unit);
    }
    throw;
  }
}

void LiveRunner::take_receipt(const compile::Unit& unit, const connect::Receipt& receipt) {
  job_.outcome.applied = true;
  for (const connect::TableReceipt& table : receipt.tables) {
    receipts_.emplace_back(unit.connection, table);
    TableOutcome* outcome = job_.outcome.table(table.step);
    if (outcome == nullptr) base::bug("a receipt for an unknown table " + table.step);
    outcome->state = TableState::kPublished;
    outcome->created = table.created;
    outcome->undo_bytes = table.undo_bytes;
    outcome->undo_estimated = false;
    outcome->after_digest = table.after.text();
    outcome->target_after = outcome->target_before + table.inserted - table.deleted;
  }
}

/// A row that is marked as deleted was updated, as the target sees it.
bool says_so(const connect::LedgerRow& row, const TableOutcome& outcome) {
  const Books& books = outcome.books;
  const std::int64_t marked = outcome.soft_delete ? books.gone() : 0;
  return row.inserted == books.inserted && row.updated == books.updated + marked &&
         row.deleted == books.gone() - marked;
}

// Success is what the target's ledger says, not what this process believes.
void LiveRunner::verify() {
  std::map<std::string, connect::LedgerRow> rows;
  for (const auto& [target, lease] : job_.leases.all()) {
    for (connect::LedgerRow& row : lease->ledger().receipts(job_.identity.run_id)) {
      rows[row.step] = std::move(row);
    }
  }
  for (const auto& [connection, receipt] : receipts_) {
    const auto row = rows.find(receipt.step);
    const TableOutcome& outcome = *job_.outcome.table(receipt.step);
    const bool agreed = row != rows.end() && says_so(row->second, outcome);
    if (agreed) {
      job_.observers.finished(
          {receipt.step, "verify", outcome.books.read, outcome.books.read, 0, false, {}});
      continue;
    }
    throw base::Error(
        base::Fault::kState, "E415",
        "the ledger in " + connection + " does not say what the run did to " + receipt.step,
        "look at both with 'engine show', then undo with 'engine rollback " + job_.identity.run_id +
            "'");
  }
}

/// What this run published, also before it was interrupted, in that order.
std::vector<UndoStep> LiveRunner::published_steps() const {
  std::vector<UndoStep> steps;
  for (const connect::LedgerRow& row : job_.continued.published) {
    steps.push_back({job_.bound.tables[job_.bound.graph.find(row.step)].target, row.step});
  }
  for (const auto& [connection, receipt] : receipts_) steps.push_back({connection, receipt.step});
  return steps;
}

// Undoes what earlier units of this run published, newest first. The journal knows of it first: who
// goes on with the run goes on with this.
void LiveRunner::recover(int exit_code) {
  const std::vector<UndoStep> steps = published_steps();
  if (steps.empty() || job_.plan.run.on_failure == plan::OnFailure::kStop) return;
  job_.journal.unit_intent(job_.identity.run_id, kOwnRollback, 0, std::to_string(exit_code));
  undo_own_steps(job_, steps);
  job_.journal.unit_receipt(job_.identity.run_id, kOwnRollback, std::to_string(exit_code));
}

}  // namespace

std::unique_ptr<Runner> live_runner(Job& job) {
  return std::make_unique<LiveRunner>(job);
}

}  // namespace engine::run
