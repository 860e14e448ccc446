#include "property/support/schema_world.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace engine::testing {
namespace {

bool removes_rows(const SchemaMerge& merge) {
  const bool hard = merge.mode == SchemaMode::kMirror || merge.mode == SchemaMode::kReplace;
  return (hard || merge.deletes) && !merge.soft;
}

/// E118: a rejected row would count as gone.
bool may_reject(const SchemaTable& table) {
  return table.merge.mode != SchemaMode::kMirror && table.merge.mode != SchemaMode::kReplace;
}

}  // namespace

std::size_t SchemaTable::column(const std::string& wanted) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == wanted) return i;
  }
  throw std::runtime_error("table " + name + " has no column " + wanted);
}

std::vector<std::string> SchemaTable::key() const {
  if (merge.keyless) return {};
  if (map) return {"id"};
  std::vector<std::string> names;
  if (is_link) {
    for (const SchemaReference& reference : references) {
      if (!reference.in_key) continue;
      for (const std::string& column : child_columns(reference)) names.push_back(column);
    }
    return names;
  }
  for (std::size_t i = 0; i < keys; ++i) names.push_back(columns[i].name);
  return names;
}

std::vector<std::string> child_columns(const SchemaReference& reference) {
  return reference.into.empty() ? reference.columns : std::vector<std::string>{reference.into};
}

bool is_remapped(const SchemaWorld& world, const SchemaReference& reference) {
  return world.tables()[reference.parent].map.has_value();
}

SchemaWorld::SchemaWorld(std::uint64_t seed) : values_(seed) {
  trouble_ = any_trouble(30);
  has_dry_run_ = values_.chance(30);
  atomic_plan_ = values_.chance(60);
  workers_ = 1 + values_.below(4);
  make_tables();
  for (std::size_t i = 0; i < tables_.size(); ++i) choose_merge(i);
  for (SchemaTable& table : tables_) choose_orphans(table);
  for (SchemaTable& table : tables_) settle_orphans(table);
  fill();
}

Trouble SchemaWorld::any_trouble(unsigned percent) {
  if (!values_.chance(percent)) return Trouble::kNone;
  return values_.one_of<Trouble>(
      {Trouble::kOrphans, Trouble::kCaps, Trouble::kTwins, Trouble::kNullKeys, Trouble::kShortIds});
}

bool SchemaWorld::appends() const {
  return std::any_of(tables_.begin(), tables_.end(), [](const SchemaTable& table) {
    return table.merge.mode == SchemaMode::kAppend;
  });
}

void SchemaWorld::make_tables() {
  static const std::vector<std::string> kNames = {"people", "order", "a b",
                                                  "Gr\xc3\xb6\xc3\x9f"
                                                  "e"};
  tables_.resize(2 + values_.below(7));
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].name = values_.one_of(kNames) + std::to_string(i);
    if (i >= 2 && values_.chance(15)) {
      make_link(i);
    } else {
      make_key(i);
    }
  }
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    add_references(i);
    tables_[i].columns.push_back({"n", ValueKind::kInteger});
    tables_[i].columns.push_back({"t", ValueKind::kText});
  }
}

void SchemaWorld::make_key(std::size_t number) {
  SchemaTable& table = tables_[number];
  if (values_.chance(30)) {
    table.keys = 2;
    table.columns = {{"a", values_.chance(50) ? ValueKind::kText : ValueKind::kInteger},
                     {"b", ValueKind::kInteger}};
  } else {
    static const std::vector<ValueKind> kKinds = {
        ValueKind::kInteger, ValueKind::kInteger, ValueKind::kInteger, ValueKind::kText,
        ValueKind::kText,    ValueKind::kBytes,   ValueKind::kReal};
    table.columns = {{"id", values_.one_of(kKinds)}};
  }
  if (values_.chance(75)) choose_map(table);
}

void SchemaWorld::choose_map(SchemaTable& table) {
  std::vector<std::string> from;
  for (const SchemaColumn& column : table.columns) from.push_back(column.name);
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    if (maps_[i].from == from && values_.chance(25)) table.map = i;
  }
  if (table.map) return;
  SchemaMap map;
  map.name = "m" + std::to_string(maps_.size());
  map.from = from;
  if (values_.chance(40)) map.name_space = values_.one_of<std::string>({"prod", "S\xc3\xbc", "0"});
  map.method = values_.chance(20) ? IdMethod::kHmac : IdMethod::kSha256;
  if (from.size() == 1 && values_.chance(15)) map.method = IdMethod::kKeep;
  map.format = values_.one_of<std::string>({"uuid", "uuid", "hex16", "hex33", "hex64", "int63",
                                            "int63", "{hex8}-{hex8}", "o{hex5}x{hex9}"});
  if (in_trouble(Trouble::kShortIds, 40)) map.format = "{hex2}";
  table.map = maps_.size();
  maps_.push_back(map);
}

/// A table whose key is two references, as between many and many.
void SchemaWorld::make_link(std::size_t number) {
  SchemaTable& table = tables_[number];
  std::vector<std::size_t> parents;
  for (std::size_t i = 0; i < number; ++i) {
    if (!tables_[i].is_link && tables_[i].keys == 1) parents.push_back(i);
  }
  if (parents.size() < 2) return make_key(number);
  const std::size_t first = values_.below(parents.size());
  const std::size_t second = (first + 1 + values_.below(parents.size() - 1)) % parents.size();
  table.is_link = true;
  table.keys = 2;
  for (const std::size_t parent : {parents[first], parents[second]}) {
    SchemaReference reference;
    reference.parent = parent;
    reference.columns = {"k" + std::to_string(parent)};
    reference.in_key = true;
    table.columns.push_back({reference.columns[0], tables_[parent].columns[0].kind});
    table.references.push_back(reference);
  }
}

void SchemaWorld::add_references(std::size_t number) {
  for (std::size_t parent = 0; parent < tables_.size(); ++parent) {
    if (tables_[parent].is_link || !values_.chance(parent < number ? 35 : 16)) continue;
    add_reference(number, parent, "r" + std::to_string(parent));
    if (values_.chance(15)) add_reference(number, parent, "q" + std::to_string(parent));
  }
}

void SchemaWorld::add_reference(std::size_t number, std::size_t parent, const std::string& name) {
  SchemaTable& table = tables_[number];
  const SchemaTable& to = tables_[parent];
  SchemaReference reference;
  reference.parent = parent;
  const bool hashed = to.map && maps_[*to.map].method != IdMethod::kKeep;
  reference.digits =
      hashed && to.keys == 1 && to.columns[0].kind == ValueKind::kInteger && values_.chance(25);
  for (std::size_t i = 0; i < to.keys; ++i) {
    const ValueKind kind = reference.digits ? ValueKind::kText : to.columns[i].kind;
    reference.columns.push_back(to.keys == 1 ? name : name + to.columns[i].name);
    table.columns.push_back({reference.columns.back(), kind});
  }
  if (to.map && (to.keys > 1 || values_.chance(20))) {
    reference.into = "to_" + name;
    reference.parts_kept = values_.chance(50);
  }
  table.references.push_back(reference);
}

bool SchemaWorld::is_parent(std::size_t number) const {
  return std::any_of(tables_.begin(), tables_.end(), [&](const SchemaTable& table) {
    return std::any_of(table.references.begin(), table.references.end(),
                       [&](const SchemaReference& one) { return one.parent == number; });
  });
}

void SchemaWorld::choose_merge(std::size_t number) {
  SchemaTable& table = tables_[number];
  SchemaMerge& merge = table.merge;
  std::vector<SchemaMode> modes = {SchemaMode::kUpsert, SchemaMode::kUpsert, SchemaMode::kUpsert,
                                   SchemaMode::kInsert, SchemaMode::kUpdate, SchemaMode::kMirror,
                                   SchemaMode::kMirror, SchemaMode::kReplace};
  const bool may_be_keyless = !is_parent(number) && !table.is_link;
  if (may_be_keyless) modes.push_back(SchemaMode::kAppend);
  merge.mode = values_.one_of(modes);
  const bool replaces = merge.mode == SchemaMode::kReplace;
  merge.keyless =
      merge.mode == SchemaMode::kAppend || (replaces && may_be_keyless && values_.chance(50));
  const bool mirrors = merge.mode == SchemaMode::kMirror;
  const bool updates = mirrors || merge.mode == SchemaMode::kUpdate;
  if (updates || merge.mode == SchemaMode::kUpsert) {
    merge.matched = values_.one_of<Matched>({Matched::kUpdate, Matched::kUpdate, Matched::kUpdate,
                                             Matched::kNewest, Matched::kColumns, Matched::kKeep});
    if (merge.matched == Matched::kKeep && merge.mode == SchemaMode::kUpdate) {
      merge.matched = Matched::kUpdate;
    }
    merge.deletes = values_.chance(30);
  }
  merge.soft = mirrors && values_.chance(45);
  merge.dedupe = !merge.keyless && values_.chance(40);
  table.filtered = values_.chance(20);
  table.unique = !merge.keyless && values_.chance(85);
}

bool SchemaWorld::is_leaky(const SchemaTable& table) const {
  return table.filtered || table.merge.deletes || table.merge.mode == SchemaMode::kUpdate ||
         std::any_of(table.references.begin(), table.references.end(),
                     [](const auto& one) { return one.on_orphan == Orphan::kReject; });
}

void SchemaWorld::choose_orphans(SchemaTable& table) {
  for (SchemaReference& reference : table.references) {
    std::vector<Orphan> choices = {Orphan::kKeep};
    if (!reference.in_key) choices.push_back(Orphan::kNull);
    if (may_reject(table)) choices.insert(choices.end(), {Orphan::kReject, Orphan::kReject});
    const bool certain = !is_leaky(tables_[reference.parent]);
    if (certain) choices.insert(choices.end(), {Orphan::kFail, Orphan::kFail, Orphan::kFail});
    if (in_trouble(Trouble::kOrphans, 10)) choices = {Orphan::kFail};
    reference.on_orphan = values_.one_of(choices);
    if (reference.on_orphan == Orphan::kFail) continue;
    if (values_.chance(20)) reference.most = "100%";
    if (in_trouble(Trouble::kCaps, 50)) reference.most = std::to_string(values_.below(4));
  }
}

/// Once all of them are chosen: nobody insists on parents that may not come.
void SchemaWorld::settle_orphans(SchemaTable& table) {
  std::size_t rejecting = 0;
  for (SchemaReference& one : table.references) {
    const SchemaTable& parent = tables_[one.parent];
    const bool fails = one.on_orphan == Orphan::kFail;
    if (fails && is_leaky(parent) && trouble_ != Trouble::kOrphans) one.on_orphan = Orphan::kKeep;
    rejecting += one.on_orphan == Orphan::kReject ? 1 : 0;
    const bool holds = removes_rows(parent.merge) && !removes_rows(table.merge);
    one.declared =
        one.on_orphan != Orphan::kKeep && parent.unique && values_.chance(holds ? 15 : 50);
  }
  if (rejecting == 0) return;
  table.max_rejects = values_.one_of<std::string>({"1000", "{ratio: 100%}"});
  if (in_trouble(Trouble::kCaps, 50)) table.max_rejects = values_.one_of<std::string>({"", "2"});
  // Which of several references counts a row first is nobody's promise.
  for (SchemaReference& one : table.references) {
    const bool filters = one.on_orphan == Orphan::kReject || one.on_orphan == Orphan::kNull;
    if (filters && one.most != "100%") one.most.clear();
  }
}

}  // namespace engine::testing
