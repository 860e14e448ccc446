#include "run/closure.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "data/key.h"
#include "expr/node.h"
#include "expr/pieces.h"
#include "run/chosen_rows.h"
#include "stages/checks/key_conversion.h"
#include "stages/masking.h"
#include "stages/used_columns.h"

namespace engine::run {
namespace {

/// What a remembered key takes beside its bytes, about.
constexpr std::uint64_t kKeyOverhead = 64;
/// What a row by itself takes, about.
constexpr std::uint64_t kRowOverhead = 512;
constexpr std::size_t kHintRows = data::kMaxBatchRows;

/// Rows being gathered column by column.
class KeyRows {
 public:
  KeyRows(std::vector<std::string> names, const std::vector<data::Type>& types)
      : schema_(std::make_shared<data::Schema>()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      schema_->fields.push_back({std::move(names[i]), types[i], true});
      builders_.emplace_back(types[i]);
    }
  }

  void add(const data::Batch& batch, const std::vector<std::size_t>& columns, std::size_t row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      builders_[i].append_from(batch.column(columns[i]), row);
    }
    ++rows_;
  }
  std::size_t size() const { return rows_; }
  data::Batch take() {
    data::Batch out{.schema = schema_, .columns = {}, .rows = rows_, .errors = {}};
    for (data::ColumnBuilder& builder : builders_) out.columns.push_back(builder.finish());
    rows_ = 0;
    return out;
  }

 private:
  std::shared_ptr<data::Schema> schema_;
  std::vector<data::ColumnBuilder> builders_;
  std::size_t rows_ = 0;
};

std::vector<std::size_t> first_columns(std::size_t count) {
  std::vector<std::size_t> columns(count);
  for (std::size_t i = 0; i < count; ++i) columns[i] = i;
  return columns;
}

/// One way to name rows of a table: by the values of some expressions over its source's columns.
struct Lookup {
  std::size_t table = 0;
  std::vector<expr::NodePtr> nodes;
  std::vector<std::string> columns;  ///< the nodes, where all are bare columns; else empty
  std::unordered_set<std::string> asked;
  std::optional<KeyRows> pending;  ///< asked, and not looked up yet
};

/// A reference: values of the child's expressions name rows of the parent.
struct Way {
  std::vector<expr::NodePtr> from;
  std::size_t lookup = 0;
};

struct State {
  std::vector<std::string> needed;  ///< source columns that are looked at
  std::vector<std::size_t> key;     ///< places of the source key in BoundTable::read
  std::vector<Way> ways;
  std::unordered_set<std::string> seen;
  std::optional<KeyRows> keys;
  bool whole = false;
};

std::vector<std::uint32_t> all_rows(const data::Batch& batch) {
  std::vector<std::uint32_t> rows(batch.rows);
  for (std::uint32_t row = 0; row < batch.rows; ++row) rows[row] = row;
  return rows;
}

class Closer {
 public:
  Closer(const compile::Bound& bound, ClosureRows& rows, expr::Context context,
         std::uint64_t memory)
      : bound_(bound), rows_(rows), context_(std::move(context)), memory_(memory) {}

  Closure run(const std::vector<Seed>& seeds);

 private:
  void prepare(const std::vector<Seed>& seeds);
  void add_way(std::size_t child, const compile::BoundReference& reference);
  std::size_t lookup_of(std::size_t table, std::vector<expr::NodePtr> nodes);
  void need_columns();
  data::Batch values(std::size_t table, const std::vector<expr::NodePtr>& nodes,
                     const data::Batch& batch) const;
  void ask(Lookup& lookup, const data::Batch& values);
  void look_up(Lookup& lookup);
  void take_rows(std::size_t table, const data::Batch& batch,
                 const std::vector<std::uint32_t>& rows);
  void take_all(std::size_t table);
  void take_first(std::size_t table, std::int64_t limit);
  void take_smallest(std::size_t table, std::size_t limit);
  void take_keys(std::size_t table, const std::vector<data::Batch>& keys);
  [[noreturn]] void not_found(std::size_t table, const data::Batch& key) const;
  void charge(std::size_t bytes);
  std::vector<data::Batch> sorted_keys(State& state) const;

  const compile::Bound& bound_;
  ClosureRows& rows_;
  expr::Context context_;
  std::uint64_t memory_;
  std::uint64_t used_ = 0;
  std::vector<State> states_;
  std::vector<Lookup> lookups_;
};

std::size_t Closer::lookup_of(std::size_t table, std::vector<expr::NodePtr> nodes) {
  std::vector<std::string> names;
  std::vector<data::Type> types;
  bool bare = true;
  for (const expr::NodePtr& node : nodes) {
    bare = bare && expr::column_of(*node).has_value();
    names.push_back(node->name);
    types.push_back(node->type);
  }
  for (std::size_t i = 0; i < lookups_.size() && bare; ++i) {
    if (lookups_[i].table == table && lookups_[i].columns == names) return i;
  }
  Lookup lookup;
  lookup.table = table;
  lookup.nodes = std::move(nodes);
  if (bare) lookup.columns = names;
  lookup.pending.emplace(std::move(names), types);
  lookups_.push_back(std::move(lookup));
  return lookups_.size() - 1;
}

const expr::NodePtr& node_of(const compile::BoundTable& table, const std::string& column) {
  for (const stages::OutputColumn& output : table.transform.columns) {
    if (output.name == column) return output.node;
  }
  base::bug("the reference's column " + column + " is not written");
}

/// The key values that a new id is made of; nullptr for other expressions. Ids are only ever
/// widened to the type of their column, which tells apart what it told apart before.
const std::vector<expr::NodePtr>* id_arguments(const expr::Node& node) {
  if (node.kind != expr::NodeKind::kCall) return nullptr;
  if (node.name == "id") return &node.args;
  return node.args.size() == 1 ? id_arguments(*node.args.front()) : nullptr;
}

/// Ids of both sides are equal where the keys are that they are made of; keys can be looked up.
void compare_keys(std::vector<expr::NodePtr>& from, std::vector<expr::NodePtr>& to) {
  std::vector<expr::NodePtr> child;
  std::vector<expr::NodePtr> parent;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto* given = id_arguments(*from[i]);
    const auto* wanted = id_arguments(*to[i]);
    if (given != nullptr && wanted != nullptr && given->size() == wanted->size()) {
      child.insert(child.end(), given->begin(), given->end());
      parent.insert(parent.end(), wanted->begin(), wanted->end());
    } else {
      child.push_back(from[i]);
      parent.push_back(to[i]);
    }
  }
  from = std::move(child);
  to = std::move(parent);
}

void Closer::add_way(std::size_t child, const compile::BoundReference& reference) {
  const std::size_t parent = bound_.graph.find(*reference.check.parent_table);
  if (parent == bound_.tables.size() || states_[parent].whole) return;
  Way way;
  std::vector<expr::NodePtr> to;
  for (const std::string& column : reference.check.judged) {
    way.from.push_back(node_of(bound_.tables[child], column));
  }
  for (const std::string& field : reference.check.parent_fields) {
    to.push_back(node_of(bound_.tables[parent], field));
  }
  compare_keys(way.from, to);
  way.lookup = lookup_of(parent, std::move(to));
  states_[child].ways.push_back(std::move(way));
}

void Closer::need_columns() {
  std::vector<std::set<std::string>> names(states_.size());
  for (std::size_t at = 0; at < states_.size(); ++at) {
    const compile::BoundTable& table = bound_.tables[at];
    names[at].insert(table.source_key.begin(), table.source_key.end());
    for (const std::size_t position : table.comparison.key) {
      stages::add_used_columns(*table.transform.columns[position].node, names[at]);
    }
    for (const Way& way : states_[at].ways) {
      for (const expr::NodePtr& node : way.from) stages::add_used_columns(*node, names[at]);
    }
  }
  for (const Lookup& lookup : lookups_) {
    for (const expr::NodePtr& node : lookup.nodes) {
      stages::add_used_columns(*node, names[lookup.table]);
    }
  }
  for (std::size_t at = 0; at < states_.size(); ++at) {
    states_[at].needed.assign(names[at].begin(), names[at].end());
  }
}

void Closer::prepare(const std::vector<Seed>& seeds) {
  states_.resize(bound_.tables.size());
  for (std::size_t at = 0; at < states_.size(); ++at) {
    const compile::BoundTable& table = bound_.tables[at];
    State& state = states_[at];
    state.whole = seeds[at].whole || seeds[at].alone;
    std::vector<data::Type> types;
    for (const std::string& name : table.source_key) {
      const auto place = table.read.columns.find(name);
      if (!place) base::bug("the source key's column " + name + " is not read");
      state.key.push_back(*place);
      types.push_back(table.read.columns.fields[*place].type);
    }
    state.keys.emplace(table.source_key, types);
  }
  for (std::size_t at = 0; at < states_.size(); ++at) {
    for (const compile::BoundReference& reference : bound_.tables[at].references) {
      add_way(at, reference);
    }
  }
}

data::Batch Closer::values(std::size_t table, const std::vector<expr::NodePtr>& nodes,
                           const data::Batch& batch) const {
  data::Batch out{.schema = nullptr, .columns = {}, .rows = batch.rows, .errors = {}};
  expr::Context context = context_;
  context.table = bound_.tables[table].name;
  std::vector<data::RowError> ignored;  // such a row has no value here, and the run refuses it
  for (const expr::NodePtr& node : nodes) {
    const auto column = expr::column_of(*node);
    out.columns.push_back(column ? batch.columns[*column]
                                 : expr::evaluate(*node, batch, context, "", ignored));
  }
  return out;
}

void Closer::charge(std::size_t bytes) {
  used_ += bytes + kKeyOverhead;
  if (used_ <= memory_) return;
  throw base::Error(base::Fault::kUsage, "E419",
                    "the rows asked for and their parents are more than " +
                        base::human_bytes(memory_) + " of keys",
                    "ask for fewer rows, raise 'run.memory', or run the plan whole");
}

void Closer::ask(Lookup& lookup, const data::Batch& given) {
  data::Batch wanted{.schema = nullptr, .columns = {}, .rows = given.rows, .errors = {}};
  for (std::size_t i = 0; i < given.columns.size(); ++i) {
    wanted.columns.push_back(stages::as_parent_key(given.columns[i], lookup.nodes[i]->type));
  }
  const auto columns = first_columns(wanted.columns.size());
  std::string bytes;
  for (std::size_t row = 0; row < wanted.rows; ++row) {
    if (data::key_has_null(wanted, columns, row)) continue;
    bytes.clear();
    data::append_key(bytes, wanted, columns, row);
    if (!lookup.asked.insert(bytes).second) continue;
    charge(bytes.size());
    lookup.pending->add(wanted, columns, row);
  }
}

void Closer::look_up(Lookup& lookup) {
  const data::Batch keys = lookup.pending->take();
  const bool by_key = !lookup.columns.empty();
  const auto source = rows_.read(lookup.table, states_[lookup.table].needed,
                                 by_key ? std::optional(keys) : std::nullopt);
  const auto columns = first_columns(lookup.nodes.size());
  data::Batch batch;
  std::string bytes;
  while (source->next(batch)) {
    const data::Batch found = values(lookup.table, lookup.nodes, batch);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < batch.rows; ++row) {
      if (data::key_has_null(found, columns, row)) continue;
      bytes.clear();
      data::append_key(bytes, found, columns, row);
      if (lookup.asked.contains(bytes)) rows.push_back(row);
    }
    take_rows(lookup.table, batch, rows);
  }
}

void Closer::take_rows(std::size_t table, const data::Batch& batch,
                       const std::vector<std::uint32_t>& rows) {
  State& state = states_[table];
  std::vector<std::uint32_t> fresh;
  std::string bytes;
  for (const std::uint32_t row : rows) {
    if (state.whole) {
      fresh.push_back(row);
      continue;
    }
    if (data::key_has_null(batch, state.key, row)) continue;
    bytes.clear();
    data::append_key(bytes, batch, state.key, row);
    if (!state.seen.insert(bytes).second) continue;
    charge(2 * bytes.size());
    state.keys->add(batch, state.key, row);
    fresh.push_back(row);
  }
  if (fresh.empty() || state.ways.empty()) return;
  const data::Batch chosen = pick(batch, fresh);
  for (const Way& way : state.ways) ask(lookups_[way.lookup], values(table, way.from, chosen));
}

void Closer::take_all(std::size_t table) {
  if (states_[table].ways.empty()) return;
  const auto source = rows_.read(table, states_[table].needed, std::nullopt);
  data::Batch batch;
  while (source->next(batch)) take_rows(table, batch, all_rows(batch));
}

void Closer::take_first(std::size_t table, std::int64_t limit) {
  const auto most = static_cast<std::size_t>(limit);
  if (bound_.tables[table].read.order_by.empty()) return take_smallest(table, most);
  const auto source = rows_.read(table, states_[table].needed, std::nullopt);
  data::Batch batch;
  std::size_t taken = 0;
  while (taken < most && source->next(batch)) {
    std::vector<std::uint32_t> rows = all_rows(batch);
    rows.resize(std::min(rows.size(), most - taken));
    taken += rows.size();
    take_rows(table, batch, rows);
  }
}

// Nobody orders the rows: the smallest keys so far are kept, the largest of them in front.
void Closer::take_smallest(std::size_t table, std::size_t limit) {
  std::vector<expr::NodePtr> nodes;
  for (const std::size_t position : bound_.tables[table].comparison.key) {
    nodes.push_back(bound_.tables[table].transform.columns[position].node);
  }
  const auto columns = first_columns(nodes.size());
  std::map<std::string, data::Batch> smallest;
  const auto source = rows_.read(table, states_[table].needed, std::nullopt);
  data::Batch batch;
  while (source->next(batch)) {
    const data::Batch keys = values(table, nodes, batch);
    for (std::uint32_t row = 0; row < batch.rows; ++row) {
      if (data::key_has_null(keys, columns, row)) continue;
      std::string bytes = data::key_of(keys, columns, row);
      const bool full = smallest.size() >= limit;
      if (full && bytes >= smallest.rbegin()->first) continue;
      const std::size_t size = bytes.size();
      if (!smallest.emplace(std::move(bytes), pick(batch, {row})).second) continue;
      if (!full) charge(size + kRowOverhead);
      if (full) smallest.erase(std::prev(smallest.end()));
    }
  }
  for (const auto& [bytes, row] : smallest) take_rows(table, row, {0});
}

void Closer::not_found(std::size_t table, const data::Batch& key) const {
  const compile::BoundTable& bound = bound_.tables[table];
  const auto columns = first_columns(bound.source_key.size());
  const std::string wanted = data::key_text(key, columns, 0);
  std::vector<std::string> known;
  const auto source = rows_.read(table, bound.source_key, std::nullopt);
  data::Batch batch;
  while (known.size() < kHintRows && source->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      known.push_back(data::key_text(batch, states_[table].key, row));
    }
  }
  const auto near = base::nearest(wanted, known);
  const bool classed = !stages::masked_columns(bound.spec->classification).empty();
  throw base::Error(base::Fault::kUsage, "E316",
                    "table " + bound.name + ": " + bound.source + "." + bound.read.table +
                        " has no row with " + wanted,
                    near && !classed ? "did you mean " + *near + "?"
                                     : "the key is the source's, and 'from.where' leaves rows out");
}

void Closer::take_keys(std::size_t table, const std::vector<data::Batch>& keys) {
  if (keys.empty()) return;
  std::vector<expr::NodePtr> nodes;
  for (const std::size_t place : states_[table].key) {
    nodes.push_back(expr::column_node(bound_.tables[table].read.columns, place));
  }
  Lookup& lookup = lookups_[lookup_of(table, std::move(nodes))];
  for (const data::Batch& key : keys) ask(lookup, key);
  look_up(lookup);
  for (const data::Batch& key : keys) {
    const auto columns = first_columns(key.columns.size());
    if (!states_[table].seen.contains(data::key_of(key, columns, 0))) not_found(table, key);
  }
}

std::vector<data::Batch> Closer::sorted_keys(State& state) const {
  const data::Batch all = state.keys->take();
  const auto columns = first_columns(all.columns.size());
  std::vector<std::pair<std::string, std::uint32_t>> order;
  for (std::uint32_t row = 0; row < all.rows; ++row) {
    order.emplace_back(data::key_of(all, columns, row), row);
  }
  std::sort(order.begin(), order.end());
  std::vector<data::Batch> parts;
  for (std::size_t begin = 0; begin < order.size(); begin += data::kMaxBatchRows) {
    std::vector<std::uint32_t> rows;
    const std::size_t end = std::min(order.size(), begin + data::kMaxBatchRows);
    for (std::size_t i = begin; i < end; ++i) rows.push_back(order[i].second);
    parts.push_back(data::take(all, rows));
  }
  return parts;
}

Closure Closer::run(const std::vector<Seed>& seeds) {
  prepare(seeds);
  need_columns();
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    if (seeds[at].whole) take_all(at);
    if (seeds[at].limit) take_first(at, *seeds[at].limit);
    take_keys(at, seeds[at].keys);
  }
  for (bool moved = true; moved;) {
    moved = false;
    for (Lookup& lookup : lookups_) {
      if (lookup.pending->size() == 0) continue;
      look_up(lookup);
      moved = true;
    }
  }
  Closure closure;
  for (State& state : states_) closure.tables.push_back({state.whole, sorted_keys(state)});
  return closure;
}

}  // namespace

Closure close_over(const compile::Bound& bound, const std::vector<Seed>& seeds, ClosureRows& rows,
                   const expr::Context& context, std::uint64_t memory) {
  return Closer(bound, rows, context, memory).run(seeds);
}

}  // namespace engine::run
