#include "run/restoring.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "data/key.h"
#include "data/row_digest.h"
#include "data/value_text.h"
#include "state/block_file.h"

namespace engine::run {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

constexpr std::size_t kNamedConflicts = 100;

bool removes(Op op) {
  return op == Op::kDelete || op == Op::kMark;
}

std::vector<std::size_t> all_of(const data::Schema& schema) {
  std::vector<std::size_t> places(schema.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  return places;
}

/// The key's columns alone, for the ledger; rows without a key as they come.
data::Batch asked_by(const data::Batch& rows, const std::vector<std::string>& key) {
  if (key.empty()) return rows;
  auto schema = std::make_shared<data::Schema>();
  data::Batch out;
  for (const std::size_t place : rows.schema->places_of(key)) {
    schema->fields.push_back(rows.schema->fields[place]);
    out.columns.push_back(rows.columns[place]);
  }
  out.schema = std::move(schema);
  out.rows = rows.rows;
  return out;
}

base::Hash128 key_hash(const data::Batch& rows, const std::vector<std::size_t>& key,
                       std::size_t row) {
  std::string bytes;
  data::append_key(bytes, rows, key, row);
  return base::hash128(bytes);
}

std::string words_of(const data::Batch& rows, const std::vector<std::string>& key,
                     std::size_t row) {
  std::string text;
  for (const data::Field& field : rows.schema->fields) {
    const bool named = key.empty() || std::find(key.begin(), key.end(), field.name) != key.end();
    if (!named) continue;
    const data::Column& column = rows.column(*rows.schema->find(field.name));
    const bool number = field.name == connect::kRowNumber;
    text += (text.empty() ? "" : ", ") + (number ? std::string("row ") : field.name + "=") +
            (column.is_null(row) ? std::string("NULL") : data::value_text(column, row));
  }
  return text;
}

/// Digest of the rows whose keys are not among `but`.
class Digesting {
 public:
  Digesting(const data::Schema& schema, const std::vector<std::string>& key,
            const state::KeySpool* but)
      : columns_(all_of(schema)), key_(schema.places_of(key)), but_(but) {}

  void add(const data::Batch& rows) {
    data::row_hashes(rows, columns_, hashes_);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      ++rows_;
      if (but_ != nullptr && but_->contains(key_hash(rows, key_, row))) continue;
      digest_.add(hashes_[row]);
    }
  }
  const base::TableDigest& digest() const { return digest_; }
  std::int64_t rows() const { return rows_; }

 private:
  std::vector<std::size_t> columns_, key_;
  const state::KeySpool* but_;
  std::vector<base::Hash128> hashes_;
  base::TableDigest digest_;
  std::int64_t rows_ = 0;
};

connect::ReadRequest whole_table(const compile::BoundTable& table, const data::Schema& columns) {
  connect::ReadRequest request;
  request.table = table.target_table;
  request.file = table.target_file;
  request.columns = columns;
  return request;
}

}  // namespace

void Restoring::attach(Job& job) {
  job_ = &job;
  job.oversight = this;
  for (std::size_t at = 0; at < job.bound.tables.size(); ++at) {
    const Restored& table = restored(at);
    TableOutcome& outcome = job.table_outcome(at);
    outcome.notes.insert(outcome.notes.end(), table.notes.begin(), table.notes.end());
    spared_[at];
  }
  for (const std::string& file : plan_.spared_files) {
    job.outcome.notes.push_back("CONFLICT file " + file + ": changed since by someone else");
  }
  job.outcome.notes.insert(job.outcome.notes.end(), plan_.notes.begin(), plan_.notes.end());
}

const Restored& Restoring::restored(std::size_t table) const {
  const std::string& name = job_->bound.tables[table].name;
  const auto found = std::find_if(plan_.tables.begin(), plan_.tables.end(),
                                  [&](const Restored& entry) { return entry.kept.table == name; });
  if (found == plan_.tables.end()) base::bug("table " + name + " is not restored");
  return *found;
}

// In another place nothing is known of before: there all that runs ever wrote is the engine's own.
void Restoring::begin(std::size_t table) {
  Spared& spared = spared_.at(table);
  spared = {};
  if (request_.conflicts == connect::Conflicts::kForce) return;
  const compile::BoundTable& bound = job_->bound.tables[table];
  const Restored& entry = restored(table);
  if (entry.kept.is_file) {
    if (!may_overwrite_file(job_->session, entry)) refuse_file(entry);
    return;
  }
  spared.ledger = job_->session.ledger_of(bound.target);
  spared.own = spared.ledger->own_rows(bound.target_table, bound.key,
                                       entry.same_place ? entry.kept.ledger_us : -1);
  const std::string name = bound.name + " rows of others";
  job_->forget_keys(name);
  spared.keys = job_->parent_keys(name);
}

void Restoring::spare(std::size_t table, const data::Batch& rows, std::uint32_t row, Op op) {
  Spared& spared = spared_.at(table);
  const std::vector<std::string>& key = job_->bound.tables[table].key;
  TableOutcome& outcome = job_->table_outcome(table);
  ++(removes(op) ? spared.removals : op == Op::kInsert ? spared.inserts : spared.updates);
  if (!key.empty()) {
    spared.keys->add(key_hash(rows, rows.schema->places_of(key), row),
                     static_cast<std::uint64_t>(spared.all()));
  }
  if (outcome.conflicts.size() < kNamedConflicts) {
    outcome.conflicts.push_back(words_of(rows, key, row));
  }
}

void Restoring::look(std::size_t table, connect::ChangeBatch& changes) {
  Spared& spared = spared_.at(table);
  if (!spared.own || !job_->bound.tables[table].target_info) return;
  const std::vector<std::string>& key = job_->bound.tables[table].key;
  const std::vector<bool> own = spared.own->look(asked_by(changes.rows, key));
  std::vector<std::uint32_t> passed;
  std::vector<Op> ops;
  for (std::uint32_t row = 0; row < changes.rows.rows; ++row) {
    if (own[row]) {
      passed.push_back(row);
      ops.push_back(changes.ops[row]);
    } else {
      spare(table, changes.rows, row, changes.ops[row]);
    }
  }
  if (passed.size() == changes.rows.rows) return;
  changes.rows = data::take(changes.rows, passed);
  changes.ops = std::move(ops);
}

void Restoring::end(std::size_t table) {
  Spared& spared = spared_.at(table);
  if (spared.keys) spared.keys->finish();
  TableOutcome& outcome = job_->table_outcome(table);
  outcome.conflict_count = spared.all();
  outcome.books.inserted -= spared.inserts;
  outcome.books.updated -= spared.updates;
  outcome.books.kept += spared.inserts + spared.updates;
  outcome.books.removed -= spared.removals;
  if (request_.conflicts != connect::Conflicts::kAbort || spared.all() == 0) return;
  throw Error(Fault::kState, "E506",
              std::to_string(spared.all()) + (spared.all() == 1 ? " row of " : " rows of ") +
                  outcome.target + " changed since the snapshot, and not by the engine: " +
                  base::join(outcome.conflicts, "; "),
              "nothing was written; --conflicts skip leaves these rows alone, --conflicts force "
              "overwrites them");
}

void Restoring::compare(std::size_t at, connect::Source& rows) {
  const compile::BoundTable& table = job_->bound.tables[at];
  const Spared& spared = spared_.at(at);
  const state::KeySpool* but = spared.all() > 0 && !table.key.empty() ? spared.keys.get() : nullptr;
  state::BlockReader kept(request_.folder / restored(at).kept.file);
  Digesting before(*kept.schema(), table.key, but);
  Digesting now(*kept.schema(), table.key, but);
  data::Batch batch;
  while (kept.next(batch)) before.add(batch);
  while (rows.next(batch)) {
    job_->keep_going();
    now.add(batch);
  }
  const std::int64_t expected = before.rows() - spared.inserts + spared.removals;
  const bool judged_by_content = spared.all() == 0 || !table.key.empty();
  const bool same = !judged_by_content || now.digest() == before.digest();
  TableOutcome& outcome = job_->table_outcome(at);
  if (same && now.rows() == expected) {
    outcome.read_back = now.rows();
    return;
  }
  throw Error(Fault::kState, "E512",
              "table " + table.target_name() +
                  " is not as it was kept: " + std::to_string(now.rows()) + " rows where " +
                  std::to_string(expected) + " should be" + (same ? "" : ", and other values"),
              "nothing of this restore stands; a trigger may have changed rows: look at the "
              "triggers of the table");
}

void Restoring::before_commit(const compile::Unit& unit, connect::Publisher& publisher) {
  if (!job_->session.target(unit.connection).capabilities().reads_inside) return;
  for (const std::size_t at : unit.tables) {
    const state::BlockReader kept(request_.folder / restored(at).kept.file);
    const auto rows = publisher.read(whole_table(job_->bound.tables[at], *kept.schema()));
    compare(at, *rows);
  }
}

void Restoring::verify_published() {
  for (std::size_t at = 0; at < job_->bound.tables.size(); ++at) {
    const compile::BoundTable& table = job_->bound.tables[at];
    if (job_->table_outcome(at).read_back) continue;
    const state::BlockReader kept(request_.folder / restored(at).kept.file);
    const auto rows = job_->session.read_target(table.target, whole_table(table, *kept.schema()));
    compare(at, *rows);
  }
}

std::int64_t Restoring::conflicts() const {
  auto sum = static_cast<std::int64_t>(plan_.spared_files.size());
  for (const auto& [table, spared] : spared_) sum += spared.all();
  return sum;
}

}  // namespace engine::run
