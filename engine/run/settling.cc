#include "run/settling.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "run/judging.h"
#include "run/sorted_rows.h"
#include "stages/comparison.h"

namespace engine::run {

/// The staged rows again, without what was decided to go.
class Settled::Stream : public stages::Rows {
 public:
  Stream(const Settled& settled, Rejects* rejects)
      : settled_(settled), reader_(settled.rows_path()), rejects_(rejects) {
    if (rejects != nullptr && settled.dropped_count_ > 0) {
      origins_ = std::make_unique<state::BlockReader>(settled.origins_path());
    }
  }

  bool next(data::Batch& batch) override {
    while (reader_.next(batch)) {
      const std::uint64_t first = row_;
      row_ += batch.rows;
      data::Batch origins;
      if (origins_) origins_->next(origins);
      for (const auto& [at, followed] : settled_.followed_) {
        const compile::BoundReference& reference = settled_.table_.references[at];
        if (followed.marked == 0) continue;
        const auto rows = marked(followed.orphans, first, batch.rows);
        if (reference.on_orphan == plan::OnOrphan::kNull) {
          batch = stages::with_nulls(batch, emptied_columns(settled_.table_, reference), rows);
        } else if (origins_) {
          write(reference, batch, origins, rows);
        }
      }
      if (settled_.dropped_count_ > 0) {
        batch = stages::without_rows(batch, marked(settled_.dropped_, first, batch.rows));
      }
      if (batch.rows > 0) return true;
    }
    return false;
  }

 private:
  static std::vector<std::uint32_t> marked(const std::vector<bool>& marks, std::uint64_t first,
                                           std::size_t count) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < count; ++row) {
      if (marks[first + row]) rows.push_back(row);
    }
    return rows;
  }

  void write(const compile::BoundReference& reference, const data::Batch& batch,
             const data::Batch& origins, const std::vector<std::uint32_t>& rows) {
    for (const std::uint32_t row : rows) {
      rejects_->count_row();
      rejects_->write(&origins, row, origins.columns.back()->int64_at(row),
                      orphan_rejection(settled_.table_, reference, batch, row));
    }
  }

  const Settled& settled_;
  state::BlockReader reader_;
  std::unique_ptr<state::BlockReader> origins_;  ///< block by block beside the rows
  Rejects* rejects_;
  std::uint64_t row_ = 0;
};

Settled::Settled(Job& job, std::size_t table)
    : table_(job.bound.tables[table]),
      extraction_(job, table),
      path_(job.folder.scratch() / ("settled" + std::to_string(table))) {
  for (std::size_t i = 0; i < table_.references.size(); ++i) {
    if (!table_.references[i].filters()) continue;
    const std::string name = "settled" + std::to_string(table) + ".keys" + std::to_string(i);
    followed_[i].keys = std::make_unique<state::KeySpool>(job.memory, job.scratch(name));
  }
  stage();
}

Settled::~Settled() {
  std::error_code ignored;  // the scratch folder goes with the run, whatever is left in it
  std::filesystem::remove(rows_path(), ignored);
  std::filesystem::remove(origins_path(), ignored);
}

void Settled::stage() {
  std::map<std::size_t, stages::ReferenceHashes> hashes;
  for (const auto& [at, followed] : followed_) {
    hashes.emplace(at, stages::ReferenceHashes(table_.references[at].keys));
  }
  std::filesystem::remove(rows_path());
  std::filesystem::remove(origins_path());
  state::BlockWriter rows(rows_path(), extraction_.schema(), state::Compress::kNo);
  std::unique_ptr<state::BlockWriter> origins;
  data::Batch batch;
  while (extraction_.next(batch)) {
    const data::Batch from = extraction_.origins();
    if (!origins) {
      origins =
          std::make_unique<state::BlockWriter>(origins_path(), from.schema, state::Compress::kNo);
    }
    origins->write(from);
    rows.write(batch);
    follow(batch, hashes);
    row_count_ += batch.rows;
  }
  rows.finish(state::Durable::kNo);
  if (origins) origins->finish(state::Durable::kNo);
  dropped_.resize(row_count_);
  for (auto& [at, followed] : followed_) {
    followed.keys->finish();
    followed.orphans.resize(row_count_);
  }
}

void Settled::follow(const data::Batch& batch,
                     std::map<std::size_t, stages::ReferenceHashes>& hashes) {
  for (auto& [at, found] : hashes) {
    Followed& followed = followed_.at(at);
    found.load(batch);
    for (std::size_t i = 0; i < found.rows().size(); ++i) {
      const std::uint32_t row = found.rows()[i];
      if (!asks_for_delete(table_, batch, row)) {
        followed.keys->add(found.keys()[i], row_count_ + row);
      }
    }
    for (const std::uint32_t row : found.strangers()) {
      if (!asks_for_delete(table_, batch, row)) followed.strangers.push_back(row_count_ + row);
    }
    followed.looked_at += static_cast<std::int64_t>(found.rows().size() + found.strangers().size());
  }
}

std::unique_ptr<stages::Rows> Settled::rows(Rejects* rejects) const {
  return std::make_unique<Stream>(*this, rejects);
}

// A row that was dropped for another reference is no orphan of this one: it is gone.
bool Settled::mark(std::size_t reference, const state::KeySpool& parents) {
  Followed& followed = followed_.at(reference);
  const bool drops = table_.references[reference].on_orphan == plan::OnOrphan::kReject;
  const std::int64_t before = followed.marked;
  const auto note = [&](std::uint64_t row) {
    if (followed.orphans[row] || dropped_[row]) return;
    followed.orphans[row] = true;
    ++followed.marked;
    if (!drops) return;
    dropped_[row] = true;
    ++dropped_count_;
  };
  for (const std::uint64_t row : std::exchange(followed.strangers, {})) note(row);
  followed.keys->missing_in(parents, note);
  return followed.marked > before;
}

Resolution Settled::resolution() const {
  Resolution result;
  result.found.resize(table_.references.size());
  for (const auto& [at, followed] : followed_) {
    result.found[at] = {followed.looked_at, followed.marked};
  }
  return result;
}

namespace {

/// Which of these tables' key sets the references of these tables ask for.
bool is_asked_for(const Job& job, const std::vector<std::size_t>& tables, const std::string& name) {
  return std::any_of(tables.begin(), tables.end(), [&](std::size_t at) {
    const auto& references = job.bound.tables[at].references;
    return std::any_of(references.begin(), references.end(), [&](const auto& reference) {
      return reference.filters() && reference.keys.parent_keys == name;
    });
  });
}

using Keys = std::map<std::string, std::shared_ptr<state::KeySpool>>;

/// Looks at the image that the target would have and collects the keys that are asked for.
class ImageKeys {
 public:
  ImageKeys(Job& job, const std::vector<std::size_t>& tables, const TargetReader& target)
      : job_(job), tables_(tables), target_(target) {}

  /// A new set each time: a spool is never emptied.
  Keys collect() {
    Keys keys;
    for (const std::size_t at : tables_) {
      std::vector<std::string> names;
      for (const compile::CollectedKeys& set : job_.bound.tables[at].collected) {
        if (is_asked_for(job_, tables_, set.name)) names.push_back(set.name);
      }
      if (!names.empty()) collect(at, names, keys);
    }
    for (const auto& [name, spool] : keys) spool->finish();
    ++rounds_;
    return keys;
  }

 private:
  state::Scratch scratch(std::size_t table, const std::string& what) const {
    return job_.scratch("settling" + std::to_string(table) + "." + std::to_string(rounds_) + what);
  }

  void collect(std::size_t at, const std::vector<std::string>& names, Keys& keys) {
    const compile::BoundTable& table = job_.bound.tables[at];
    std::vector<stages::KeyCollector> collectors;
    for (const compile::CollectedKeys& set : table.collected) {
      if (std::find(names.begin(), names.end(), set.name) == names.end()) continue;
      auto& spool = keys[set.name];
      spool = std::make_shared<state::KeySpool>(
          job_.memory, scratch(at, ".keys" + std::to_string(collectors.size())));
      collectors.emplace_back(table.target_read.columns, set.fields, spool);
    }
    std::vector<stages::ImageObserver> observers;
    for (stages::KeyCollector& collector : collectors) {
      observers.push_back([&collector](const data::Batch& rows) { collector.observe(rows); });
    }
    compare(at, std::move(observers));
  }

  void compare(std::size_t at, std::vector<stages::ImageObserver> observers) {
    const compile::BoundTable& table = job_.bound.tables[at];
    const std::unique_ptr<stages::Rows> settled = job_.settled(at)->rows(nullptr);
    std::unique_ptr<stages::Rows> target, sorted, sorted_target;
    stages::Rows* staged = settled.get();
    if (table.sort_staged) {
      sorted = std::make_unique<SortedRows>(*staged, staged_order(table), job_.memory,
                                            scratch(at, ".staged"));
      staged = sorted.get();
    }
    if (auto source = target_(at)) target = std::make_unique<SourceRows>(std::move(source));
    stages::Rows* there = target.get();
    if (target && table.sort_target) {
      sorted_target = std::make_unique<SortedRows>(
          *target, state::SortSpec{table.comparison.key, {}}, job_.memory, scratch(at, ".target"));
      there = sorted_target.get();
    }
    stages::Comparison comparison(table.comparison, *staged, there, std::move(observers));
    connect::ChangeBatch changes;
    while (comparison.next(changes)) job_.keep_going();
  }

  Job& job_;
  const std::vector<std::size_t>& tables_;
  const TargetReader& target_;
  std::size_t rounds_ = 0;
};

bool mark_orphans(Job& job, const std::vector<std::size_t>& tables, const Keys& keys) {
  bool changed = false;
  for (const std::size_t at : tables) {
    const auto& references = job.bound.tables[at].references;
    for (std::size_t i = 0; i < references.size(); ++i) {
      if (!references[i].filters()) continue;
      const std::string& name = references[i].keys.parent_keys;
      const auto inside = keys.find(name);
      const auto parents = inside == keys.end() ? job.parent_keys(name) : inside->second;
      changed = job.settled(at)->mark(i, *parents) || changed;
    }
  }
  return changed;
}

/// Some reference's orphans go away, and its parents are not known yet or do not fit into memory;
/// those that do are held there.
bool needs_settling(Job& job, const std::vector<std::size_t>& tables) {
  for (const std::size_t at : tables) {
    for (const compile::BoundReference& reference : job.bound.tables[at].references) {
      if (!reference.filters()) continue;
      if (reference.deferred || !job.hold_parent(at, reference.keys.parent_keys)) return true;
    }
  }
  return false;
}

void settle(Job& job, const std::vector<std::size_t>& tables, const TargetReader& target) {
  for (const std::size_t at : tables) {
    job.release_parents(at);
    job.keep_settled(at, std::make_shared<Settled>(job, at));
  }
  ImageKeys image(job, tables, target);
  while (mark_orphans(job, tables, image.collect())) continue;
}

}  // namespace

void settle_orphans(Job& job, const std::vector<std::size_t>& tables, const TargetReader& target) {
  for (const std::size_t at : tables) job.keep_settled(at, nullptr);  // of an earlier comparison
  if (needs_settling(job, tables)) settle(job, tables, target);
}

void judge_deferred(Job& job, const std::vector<std::size_t>& tables) {
  for (DeferredReference& deferred : job.take_deferred(tables)) {
    TableOutcome& outcome = job.table_outcome(deferred.table);
    judge_reference(job.bound.tables[deferred.table].references[deferred.reference],
                    deferred.check->verdict({}), outcome, outcome.references[deferred.reference]);
    if (!blocking_reasons(outcome).empty()) outcome.state = TableState::kFailed;
  }
}

}  // namespace engine::run
