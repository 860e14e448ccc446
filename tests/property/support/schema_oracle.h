#pragma once

#include <set>
#include <string>

#include "property/support/schema_world.h"

namespace engine::testing {

/// What the plan of a world means, in plain SQL of its own: nothing of it is the engine's, and it
/// works on whole tables where the engine works on streams.
class SchemaOracle {
 public:
  /// `database` holds the tables of the target. `source` is the path of a database with those of
  /// the source; it is read anew in each call.
  SchemaOracle(const SchemaWorld& world, const PlainDatabase& database, const std::string& source);

  /// Puts rows into the target as if they had been there for long.
  void put();
  /// The codes that a run may end with; empty: it does its work. Then the target's tables hold
  /// what the run leaves, with DeletionTimes::kNow in rows that are softly deleted.
  std::set<std::string> run();

 private:
  void stage(const SchemaTable& table);
  void choose(const SchemaTable& table);
  void make_images();
  bool reject_orphans();
  void settle();
  void judge();
  void judge_references(const SchemaTable& table);
  void judge_rejects(const SchemaTable& table, std::int64_t read);
  void judge_keys(const SchemaTable& table);
  void judge_ids(const SchemaTable& table);
  void judge_declared();
  void empty_orphans(const SchemaTable& table);
  void merge(const SchemaTable& table);
  void remove(const SchemaTable& table);
  void update(const SchemaTable& table);
  void insert(const SchemaTable& table);
  void heal();

  std::string staged(const SchemaTable& table) const;
  std::string chosen(const SchemaTable& table) const;
  std::string image(std::size_t table) const;
  std::string orphans(const SchemaReference& reference) const;
  std::int64_t changes() const;

  const SchemaWorld& world_;
  const PlainDatabase& database_;
  std::set<std::string> refusals_;
  std::map<std::string, std::int64_t> read_;  ///< rows by table, before any went
};

}  // namespace engine::testing
