#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "property/support/id_sql.h"
#include "property/support/random_value.h"

namespace engine::testing {

enum class Orphan { kFail, kNull, kKeep, kReject };

/// A reference of a random plan. Without `into` it fills the columns that it names.
struct SchemaReference {
  std::size_t parent = 0;
  std::vector<std::string> columns;  ///< of the child's source
  std::string into;
  bool parts_kept = true;  ///< the target has `columns` beside `into`
  Orphan on_orphan = Orphan::kFail;
  std::string most;       ///< max_orphans; empty: none said
  bool digits = false;    ///< the child names whole numbers in a text column
  bool declared = false;  ///< the target's definition has it too
  bool in_key = false;
};

/// What the plan's `merge` says of existing rows.
enum class Matched { kUpdate, kKeep, kNewest, kColumns };
enum class SchemaMode { kUpsert, kInsert, kUpdate, kMirror, kReplace, kAppend };

struct SchemaMerge {
  SchemaMode mode = SchemaMode::kUpsert;
  Matched matched = Matched::kUpdate;
  bool soft = false;     ///< a mirror that marks what it removes
  bool keyless = false;  ///< replace and append without a key
  bool dedupe = false;   ///< the largest n wins
  bool deletes = false;  ///< rows with a small n ask for a delete
};

struct SchemaColumn {
  std::string name;
  ValueKind kind = ValueKind::kInteger;
};

/// What a run is to be refused for: one thing at a time, so that each is seen to be enough.
enum class Trouble { kNone, kOrphans, kCaps, kTwins, kNullKeys, kShortIds };

using Literals = std::vector<std::string>;  ///< one row in SQL, as the columns

struct SchemaTable {
  std::string name;
  std::vector<SchemaColumn> columns;  ///< of the source; every table has n and t
  std::size_t keys = 1;               ///< the first of them
  std::optional<std::size_t> map;     ///< its key becomes `id`
  std::vector<SchemaReference> references;
  bool is_link = false;  ///< its key is made of references
  SchemaMerge merge;
  bool filtered = false;    ///< small and large n are left out
  std::string max_rejects;  ///< empty: none said
  bool unique = true;       ///< the target holds the key unique
  std::vector<Literals> rows;
  std::vector<Literals> twins;   ///< rows with a key that another row has, or none
  std::vector<Literals> before;  ///< what the target was made from

  std::size_t column(const std::string& name) const;
  /// In the target; empty where the plan names none.
  std::vector<std::string> key() const;
};

/// Two to eight tables that refer to each other in every way, with a plan for them and rows at both
/// ends. A function of its seed.
class SchemaWorld {
 public:
  explicit SchemaWorld(std::uint64_t seed);

  const std::vector<SchemaTable>& tables() const { return tables_; }
  const SchemaMap& map(const SchemaTable& table) const { return maps_[*table.map]; }
  std::string plan() const;
  bool has_dry_run() const { return has_dry_run_; }
  bool appends() const;

  std::string source_definitions() const;
  std::string source_rows() const;
  /// What the target held before, in the form of the source.
  std::string former_rows() const;
  std::string target_definitions() const;
  /// Rows of the source come, go and change.
  void change();

  std::map<std::string, std::vector<std::string>> keys() const;

 private:
  /// With that much trouble about, now and then some of the kind.
  bool in_trouble(Trouble kind, unsigned percent) {
    return trouble_ == kind && values_.chance(percent);
  }
  Trouble any_trouble(unsigned percent);
  void make_tables();
  void make_link(std::size_t number);
  void make_key(std::size_t number);
  void choose_map(SchemaTable& table);
  void add_references(std::size_t number);
  void add_reference(std::size_t number, std::size_t parent, const std::string& name);
  void choose_merge(std::size_t number);
  void choose_orphans(SchemaTable& table);
  void settle_orphans(SchemaTable& table);
  bool is_parent(std::size_t number) const;
  /// Rows of the source may be missing in the target.
  bool is_leaky(const SchemaTable& table) const;

  void fill();
  void fill_keys(SchemaTable& table);
  void add_twins(SchemaTable& table);
  Literals make_row(const SchemaTable& table, const Literals& key);
  /// None where a link has nothing to lead to.
  Literals fresh_key(const SchemaTable& table);
  Literals link_key(const SchemaTable& table);
  std::string key_value(ValueKind kind);
  void set_references(const SchemaTable& table, Literals& row);
  Literals parent_key(const SchemaReference& reference);
  bool may_go(std::size_t number) const;
  std::string plan_of(const SchemaTable& table) const;

  RandomValues values_;
  std::vector<SchemaMap> maps_;
  std::vector<SchemaTable> tables_;
  Trouble trouble_ = Trouble::kNone;
  bool has_dry_run_ = false;
  bool atomic_plan_ = true;
  std::size_t workers_ = 1;
};

/// A column of the target and the value it is given, in SQL over the source's row.
struct TargetColumn {
  std::string name;
  std::string sql;
  std::string declared;
  bool in_key = false;
};

/// What the plan writes, in order.
std::vector<TargetColumn> target_columns(const SchemaWorld& world, const SchemaTable& table);
/// The written columns that a reference is judged by, and those of its parent.
std::vector<std::string> child_columns(const SchemaReference& reference);
/// The parent's key is made by an id map.
bool is_remapped(const SchemaWorld& world, const SchemaReference& reference);

inline constexpr const char* kDeletes = "n < 150";
inline constexpr const char* kFilter = "n is null or n between 60 and 940";

}  // namespace engine::testing
