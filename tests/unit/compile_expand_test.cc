#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compile/expand.h"
#include "compile/graph.h"
#include "connectors/declared.h"
#include "unit/plan_files.h"

/// Patterns of tables, settled by names alone.
namespace engine::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

struct Expanded {
  Expanded(const std::string& tables, Names there, Names views = {}) {
    const std::string head =
        "version: 1\nname: many\nconnections: {a: {type: sqlite, path: a.db, table_name: "
        "\"x_{table}\"}, b: {type: sqlite, path: b.db}}\ndefaults: {source: a, target: b, key: "
        "id}\ntables:\n";
    const auto read = plan::read_whole(folder.write("plan.yaml", head + tables));
    EXPECT_EQ(read.codes(), "");
    Listing listing;
    listing.connections["a"] = {std::move(there), std::move(views)};
    expansion = expand(*read.plan, listing, diagnostics);
  }

  Names tables() const {
    Names names;
    for (const plan::Table& table : expansion.plan.tables) names.push_back(table.name.text);
    return names;
  }
  Names mistakes() const {
    Names out;
    for (const base::Diagnostic& one : diagnostics.all())
      out.push_back(one.code + " " + one.message);
    return out;
  }

  plan::PlanFolder folder;
  base::Diagnostics diagnostics;
  Expansion expansion;
};

TEST(CompileExpand, TablesStandWhereTheirPatternStood) {
  const Expanded out("  last: {}\n  \"a*\": {level: 3}\n  first: {}\n", {"x_a1", "x_a2", "x_b"});
  EXPECT_THAT(out.mistakes(), ElementsAre());
  EXPECT_THAT(out.tables(), ElementsAre("last", "a1", "a2", "first"));
  const plan::Table* a2 = out.expansion.plan.table("a2");
  ASSERT_NE(a2, nullptr);
  EXPECT_FALSE(a2->pattern.has_value());
  EXPECT_EQ(a2->from->table.text, "a2");
  EXPECT_EQ(a2->level, 3);
}

TEST(CompileExpand, NamesOfAnotherFormHaveNoNameInThePlan) {
  const Expanded out("  \"*\": {}\n", {"a", "x_", "x_b", "y_c"}, {"x_v", "w"});
  EXPECT_THAT(out.tables(), ElementsAre("b"));
  EXPECT_THAT(out.expansion.notes,
              ElementsAre("pattern '*' takes 1 table of a; views are left out: v"));
}

TEST(CompileExpand, AnExactNameWinsAndCaseIsTheStores) {
  const Expanded out("  people: {disabled: true}\n  SHOPS: {}\n  \"*\": {matches: 1}\n",
                     {"x_goods", "x_people", "x_shops"});
  EXPECT_THAT(out.mistakes(), ElementsAre());
  EXPECT_THAT(out.tables(), ElementsAre("people", "SHOPS", "goods"));
}

TEST(CompileExpand, NamesThatDifferInCaseAreTwoTablesWhereBothAreThere) {
  const Expanded out("  Shops: {}\n  \"*\": {}\n", {"x_Shops", "x_shops"});
  EXPECT_THAT(out.tables(), ElementsAre("Shops", "shops"));
}

TEST(CompileExpand, ADisabledPatternClaimsItsTables) {
  const Expanded out("  \"tmp*\": {disabled: true}\n  \"*\": {}\n", {"x_tmp1", "x_z"});
  ASSERT_EQ(out.mistakes().size(), 1);
  EXPECT_THAT(out.mistakes()[0], HasSubstr("E120 two patterns, 'tmp*' ("));
}

TEST(CompileExpand, ConnectionsAreAskedForPatternsAlone) {
  plan::PlanFolder folder;
  const auto read = plan::read_whole(folder.write(
      "plan.yaml",
      "version: 1\nname: many\nconnections: {a: {type: sqlite, path: a.db}, b: {type: sqlite, "
      "path: b.db}, c: {type: sqlite, path: c.db}}\ndefaults: {target: c, key: id}\ntables:\n"
      "  t: {source: a}\n  \"p*\": {source: b}\n  \"q*\": {source: a, disabled: true}\n"));
  EXPECT_THAT(connections_to_list(*read.plan), ElementsAre("b"));
}

}  // namespace
}  // namespace engine::compile
