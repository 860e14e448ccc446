#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "property/support/random_value.h"

namespace engine::testing {

struct WorldColumn {
  std::string name;
  ValueKind kind = ValueKind::kInteger;
  std::string declared;
  bool nullable = true;
  std::optional<std::size_t> parent;  ///< refers to that table's one key column
};

/// How the target holds a key unique, if it does.
enum class KeyIndex { kPrimary, kWithoutRowid, kUnique, kNone };

/// How the plan merges a table. kKeep, kNewest and kColumns are upserts with `when_matched` or
/// `columns`; kSoft is a mirror that marks what it removes; kBare is a replace without a key.
enum class Mode {
  kUpsert,
  kInsert,
  kKeep,
  kNewest,
  kColumns,
  kUpdate,
  kMirror,
  kSoft,
  kReplace,
  kBare,
  kAppend
};

using Row = std::vector<std::string>;  ///< SQL literals, as the columns

struct WorldTable {
  std::string name;
  std::vector<WorldColumn> columns;
  std::size_t keys = 1;  ///< the first columns
  KeyIndex index = KeyIndex::kPrimary;
  Mode mode = Mode::kUpsert;
  std::size_t chosen = 0;     ///< the column of kNewest and kColumns
  std::string deleted_when;   ///< of the plan, and of plain SQL
  bool in_target = true;      ///< else the engine creates it
  bool foreign_keys = false;  ///< the target's definition has them
  bool extra_column = false;  ///< only the target has it
  bool is_parent = false;
  std::string where;  ///< of the plan, and of plain SQL
  std::map<std::string, Row> source_rows, target_rows;

  std::vector<std::string> key_names() const;
  /// As the plan says it: none where rows are told apart by nothing.
  bool has_key() const { return mode != Mode::kBare && mode != Mode::kAppend; }
};

inline constexpr const char* kDeletedAt = "gone";

/// A plan with random tables and rows at both ends. A function of its seed.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed);

  std::string plan() const;
  std::string source_sql() const;
  /// Empty: there is no file.
  std::string target_sql() const;
  bool has_target() const { return has_target_; }
  /// Some table is appended to: no second run is without effect.
  bool appends() const;
  /// Runs can be undone in any order: rows have keys that stay unique, no row holds another, and
  /// all tables are there before the first run.
  bool can_be_undone_in_any_order() const;
  /// Tables whose removed rows hold the time of the run in kDeletedAt.
  std::vector<std::string> soft_tables() const;
  std::map<std::string, std::vector<std::string>> keys() const;

  /// What the oracle needs besides the target's own tables, and how it does the whole plan in plain
  /// SQL, with the source attached as `source`.
  std::string oracle_preparation() const;
  std::string oracle_sql() const;

  /// Some rows of the source change, some come, some go.
  std::string change_source_sql();
  /// Another program writes to the target; no keys of parents.
  std::string edit_target_sql();

 private:
  WorldTable make_table(std::size_t number);
  void choose_mode(std::size_t number);
  bool is_held(std::size_t number) const;
  void add_references(WorldTable& table, std::size_t number);
  void fill(WorldTable& table, std::size_t number);
  void fill_target(WorldTable& table, std::size_t number);
  Row make_row(const WorldTable& table, std::size_t number, bool for_target);
  std::string reference_value(const WorldTable& parent, bool for_target);
  bool stands_alone(const WorldTable& table, const Row& row) const;
  std::string make_filter(const WorldTable& table);
  std::string create_sql(const WorldTable& table, bool at_target) const;
  std::string update_sql(const WorldTable& table, std::size_t number, const std::string& key);

  RandomValues values_;
  std::vector<WorldTable> tables_;
  bool has_target_ = true;
  bool target_wal_ = false;
  bool source_wal_ = false;
  bool atomic_plan_ = true;
  std::size_t workers_ = 1;
};

}  // namespace engine::testing
