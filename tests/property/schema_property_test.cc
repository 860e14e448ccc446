#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "process/support/contents.h"
#include "process/support/engine_process.h"
#include "property/support/run_facts.h"
#include "property/support/schema_oracle.h"
#include "property/support/schema_world.h"
#include "property/support/seed.h"

/// New ids, references and every merge mode against plain SQL: random schemas are run, run again,
/// changed, run and rolled back twice. The oracle says what each run leaves, or what it is refused
/// for.
namespace engine::testing {
namespace {

using nlohmann::json;
using Codes = std::set<std::string>;

/// How often what happened, over all worlds.
std::map<std::string, int>& tally() {
  static std::map<std::string, int> counts;
  return counts;
}

class SchemaStory {
 public:
  explicit SchemaStory(std::uint64_t seed) : seed_(seed), world_(seed), times_(soft(), "gone") {
    process_.write("plan.yaml", world_.plan());
    source().run(world_.source_definitions() + world_.source_rows());
    make_target();
    std::filesystem::copy_file(file("target.db"), file("oracle.db"));
  }

  void there_and_back() {
    ++tally()["worlds"];
    const Contents start = contents();
    const std::string first = run();
    if (!first.empty()) again();
    const Contents after_first = contents();
    world_.change();
    source().run(world_.source_rows());
    const std::string second = run();
    roll_back(second);
    same(after_first, contents(), "after the rollback of the last run");
    roll_back(first);
    same(start, contents(), "after the rollback of the first run");
    if (!second.empty() && !first.empty()) ++tally()["there and back twice"];
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("seed " + std::to_string(seed_) + ": " + what + "\n" + world_.plan() +
                             world_.target_definitions());
  }

  PlainDatabase source() const { return PlainDatabase(file("source.db")); }
  PlainDatabase target() const { return PlainDatabase(file("target.db")); }
  PlainDatabase oracle() const { return PlainDatabase(file("oracle.db")); }
  std::string file(const std::string& name) const { return process_.path(name); }
  Contents contents() const { return target().contents(world_.keys()); }

  std::vector<std::string> soft() const {
    std::vector<std::string> tables;
    for (const SchemaTable& table : world_.tables()) {
      if (table.merge.soft) tables.push_back(table.name);
    }
    return tables;
  }

  void make_target() {
    PlainDatabase(file("before.db")).run(world_.source_definitions() + world_.former_rows());
    const PlainDatabase database = target();
    database.run(world_.target_definitions());
    SchemaOracle(world_, database, file("before.db")).put();
    times_.note(database);
  }

  void same(const Contents& expected, const Contents& found, const std::string& when) const {
    const std::string text = difference(expected, found);
    if (!text.empty()) fail(when + ": " + text);
  }

  json engine(std::vector<std::string> arguments, int code) const {
    arguments.insert(arguments.end(), {"-o", "json"});
    const Ended ended = process_.run(arguments);
    if (ended.code != code) {
      fail("exit " + std::to_string(ended.code) + " instead of " + std::to_string(code) + " of " +
           arguments[0] + "\n" + ended.err + ended.out);
    }
    return json::parse(ended.out.substr(0, ended.out.rfind('}') + 1));
  }

  /// The id of the run, where it was applied.
  std::string run() {
    const Contents before = contents();
    if (world_.has_dry_run()) dry_run();
    const Codes refusals = ask_oracle();
    const json report = engine({"run", "plan.yaml", "--apply", "--yes"}, refusals.empty() ? 0 : 3);
    if (!refusals.empty()) {
      hold_refusal(refusals, codes_of(report));
      same(before, contents(), "after a run that was refused");
      return {};
    }
    ++tally()["runs"];
    times_.tell(target(), oracle());
    const Contents wanted = oracle().contents(world_.keys());
    same(wanted, contents(), "after the run, against plain SQL");
    hold_count(report, changed_rows(before, wanted));
    return report["run_id"];
  }

  Codes ask_oracle() const {
    const PlainDatabase database = oracle();
    return SchemaOracle(world_, database, file("source.db")).run();
  }

  void dry_run() const {
    const std::string before = process_.read("target.db");
    process_.run({"run", "plan.yaml"});
    if (process_.read("target.db") != before) fail("a dry run wrote to the target");
  }

  /// A run stops at what it meets first: one reason of the oracle's is enough, another is too many.
  void hold_refusal(const Codes& expected, const Codes& found) const {
    ++tally()["runs refused"];
    for (const std::string& code : expected) ++tally()["runs with " + code];
    std::string wanted, seen;
    for (const std::string& code : expected) wanted += " " + code;
    bool right = !found.empty();
    for (const std::string& code : found) {
      seen += " " + code;
      right = right && expected.contains(code);
    }
    if (!right) fail("refused for" + seen + " instead of" + wanted);
  }

  /// Codes in the texts of errors; a check that failed is E408.
  static Codes codes_of(const json& report) {
    Codes codes;
    std::string texts = report["errors"].dump();
    for (const json& table : report["tables"]) {
      texts += table["errors"].dump();
      for (const json& check : table["checks"]) {
        if (check["status"] == "fail" || check["status"] == "error") codes.insert("E408");
      }
    }
    static const std::regex kCode("E[0-9]{3}");
    for (std::sregex_iterator at(texts.begin(), texts.end(), kCode), end; at != end; ++at) {
      codes.insert(at->str());
    }
    return codes;
  }

  void hold_count(const json& report, std::int64_t wanted) const {
    const std::int64_t written = written_rows(report);
    tally()["rows written"] += static_cast<int>(written);
    if (written == wanted) return;
    fail(std::to_string(written) + " rows written instead of " + std::to_string(wanted) + "\n" +
         report.dump(1));
  }

  void again() const {
    if (world_.appends()) return;
    const Contents before = contents();
    const json report = engine({"run", "plan.yaml", "--apply", "--yes"}, 0);
    if (written_rows(report) != 0) fail("the second run of the same plan wrote rows");
    same(before, contents(), "after the second run of the same plan");
  }

  void roll_back(const std::string& run) const {
    if (!run.empty()) engine({"rollback", run, "--yes"}, 0);
  }

  std::uint64_t seed_;
  EngineProcess process_;
  SchemaWorld world_;
  DeletionTimes times_;
};

// FIPS 180-4 and RFC 4231: what the oracle makes ids from is right by itself.
TEST(SchemaProperty, the_oracle_hashes_as_published) {
  EXPECT_EQ(plain_sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(plain_sha256(std::string(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  const PlainDatabase database(":memory:");
  add_id_functions(database);
  EXPECT_EQ(
      database.texts("SELECT keyed_digest('Jefe', 'what do ya want for nothing?')"),
      std::vector<std::string>{"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"});
}

/// What there is in a table, in words.
void note_features(const SchemaWorld& world, const SchemaTable& table, std::set<std::string>& out) {
  const auto add = [&](const std::string& what, auto value) {
    out.insert(what + " " + std::to_string(static_cast<int>(value)));
  };
  add("mode", table.merge.mode);
  add("matched", table.merge.matched);
  add("soft", table.merge.soft);
  add("keyless", table.merge.keyless);
  add("dedupe", table.merge.dedupe);
  add("deletes", table.merge.deletes);
  add("filtered", table.filtered);
  add("link", table.is_link);
  add("key columns", table.keys);
  add("key kind", table.columns[0].kind);
  if (table.map) add("method", world.map(table).method);
  if (table.map) out.insert(world.map(table).format);
  for (const SchemaReference& one : table.references) {
    add("orphan", one.on_orphan);
    add("orphan capped", one.most.empty() ? -1 : static_cast<int>(one.on_orphan));
    add("declared", one.declared);
    add("digits", one.digits);
    add("into", !one.into.empty());
    add("self", &world.tables()[one.parent] == &table);
    add("late", &world.tables()[one.parent] > &table);
  }
}

TEST(SchemaProperty, worlds_hold_everything_between_them) {
  std::set<std::string> features;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const SchemaWorld world(seed);
    for (const SchemaTable& table : world.tables()) note_features(world, table, features);
  }
  // 6 modes, 4 ways to match, 4 kinds of keys, 4 fates of orphans (3 with a cap), 3 methods,
  // 8 formats, one and two key columns, and eleven times yes and no.
  EXPECT_EQ(features.size(), 6U + 4 + 4 + 4 + 4 + 3 + 8 + 2 + 11 * 2)
      << ::testing::PrintToString(features);
}

TEST(SchemaProperty, there_and_back) {
  ASSERT_EQ(::setenv("ENGINE_PROPERTY_ID_KEY", kIdSecret, 1), 0);
  EXPECT_TRUE(rc::check("a run with new ids and references does what plain SQL does",
                        [] { SchemaStory(any_seed()).there_and_back(); }));
  for (const auto& [what, count] : tally()) std::cout << what << ": " << count << "\n";
}

}  // namespace
}  // namespace engine::testing
