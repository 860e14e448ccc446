#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compile/bound.h"
#include "compile/graph.h"
#include "connectors/declared.h"
#include "unit/plan_files.h"

/// What a plan says of order before any database is asked.
namespace engine::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

const std::string kHead =
    "version: 1\nname: order\nconnections: {a: {type: sqlite, path: a.db}, b: {type: sqlite, path: "
    "b.db}}\ndefaults: {source: a, target: b}\ntables:\n";

struct Compiled {
  explicit Compiled(const std::string& tables) {
    read = plan::read_whole(folder.write("plan.yaml", kHead + tables));
    EXPECT_EQ(read.codes(), "");
    graph = compile(*read.plan, diagnostics);
  }

  std::string name(std::size_t table) const { return graph.tables[table]->name.text; }
  Names order() const {
    Names names;
    for (const std::size_t table : graph.order) names.push_back(name(table));
    return names;
  }
  int level(const std::string& table) const { return graph.levels[graph.find(table)]; }
  Names mistakes() const {
    Names out;
    for (const base::Diagnostic& one : diagnostics.all())
      out.push_back(one.code + " " + one.message);
    return out;
  }

  plan::PlanFolder folder;
  plan::PlanRead read;
  base::Diagnostics diagnostics;
  Graph graph;
};

TEST(CompileGraph, ParentsComeBeforeChildrenAndElseTheFileDecides) {
  const Compiled compiled(
      "  lines: {key: id, references: {order_id: orders}}\n"
      "  alone: {key: id}\n"
      "  orders: {key: id, references: {person: people}}\n"
      "  people: {key: id}\n");
  EXPECT_THAT(compiled.mistakes(), ElementsAre());
  EXPECT_THAT(compiled.order(), ElementsAre("alone", "people", "orders", "lines"));
  EXPECT_EQ(compiled.level("people"), 1);
  EXPECT_EQ(compiled.level("orders"), 2);
  EXPECT_EQ(compiled.level("lines"), 3);
}

TEST(CompileGraph, TheLongestPathGivesTheLevel) {
  const Compiled compiled(
      "  a: {key: id}\n"
      "  b: {key: id, depends_on: a}\n"
      "  c: {key: id, depends_on: [a, b]}\n");
  EXPECT_EQ(compiled.level("c"), 3);
}

TEST(CompileGraph, RelationshipsAreEdgesToo) {
  const Compiled compiled(
      "  child: {key: id, checks: [{relationships: {columns: p, to: parent, fields: id}}]}\n"
      "  parent: {key: id}\n");
  EXPECT_THAT(compiled.order(), ElementsAre("parent", "child"));
  ASSERT_EQ(compiled.graph.edges.size(), 1U);
  EXPECT_EQ(compiled.graph.edges[0].reason, "relationships");
}

TEST(CompileGraph, ACycleIsPrintedAsOne) {
  const Compiled compiled(
      "  start: {key: id}\n"
      "  a: {key: id, depends_on: [c, start]}\n"
      "  b: {key: id, depends_on: a}\n"
      "  c: {key: id, depends_on: b}\n"
      "  after: {key: id, depends_on: c}\n");
  ASSERT_EQ(compiled.mistakes().size(), 1U);
  EXPECT_THAT(compiled.mistakes()[0], HasSubstr("E306 tables wait for each other"));
  EXPECT_THAT(compiled.mistakes()[0], HasSubstr("b (depends_on)"));
  EXPECT_THAT(compiled.mistakes()[0], HasSubstr("c (depends_on)"));
  EXPECT_THAT(compiled.mistakes()[0], ::testing::Not(HasSubstr("start")));
  EXPECT_THAT(compiled.mistakes()[0], ::testing::Not(HasSubstr("after")));
  EXPECT_TRUE(compiled.graph.order.empty());
}

TEST(CompileGraph, ACircleStandsTogetherInTheOrder) {
  const Compiled compiled(
      "  teams: {key: id, references: {head: people}}\n"
      "  notes: {key: id, references: {team: teams}}\n"
      "  people: {key: id, references: {team: teams, city: cities}}\n"
      "  cities: {key: id}\n");
  EXPECT_THAT(compiled.mistakes(), ElementsAre());
  EXPECT_THAT(compiled.order(), ElementsAre("cities", "teams", "people", "notes"));
  ASSERT_EQ(compiled.graph.circles.size(), 1U);
  EXPECT_EQ(compiled.graph.circle_of(compiled.graph.find("people")).size(), 2U);
  EXPECT_EQ(compiled.graph.circle_of(compiled.graph.find("notes")).size(), 1U);
  const auto& edges = compiled.graph.edges;
  EXPECT_EQ(std::count_if(edges.begin(), edges.end(), [](auto& edge) { return edge.deferred; }), 2);
  EXPECT_TRUE(compiled.graph.parents_of(compiled.graph.find("teams")).empty());
}

TEST(CompileGraph, WhatCannotBeNullOrdersItsCircle) {
  const Compiled compiled(
      "  teams: {key: id, references: {head: people}}\n"
      "  people: {key: [id, team], references: {team: teams}}\n");
  EXPECT_THAT(compiled.mistakes(), ElementsAre());
  EXPECT_THAT(compiled.order(), ElementsAre("teams", "people"));
  EXPECT_EQ(compiled.level("people"), 2);
  const Compiled stuck(
      "  teams: {key: [id, head], references: {head: people}}\n"
      "  people: {key: [id, team], references: {team: teams}}\n");
  ASSERT_EQ(stuck.mistakes().size(), 1U);
  EXPECT_THAT(stuck.mistakes().front(),
              HasSubstr("E306 tables wait for each other: teams -> people (references team) -> "
                        "teams (references head)"));
}

TEST(CompileGraph, AReferenceToItselfNeedsNoOrder) {
  const Compiled compiled("  people: {key: id, references: {boss: people}}\n");
  EXPECT_THAT(compiled.mistakes(), ElementsAre());
  EXPECT_THAT(compiled.order(), ElementsAre("people"));
  const Compiled depends("  people: {key: id, depends_on: people}\n");
  EXPECT_THAT(depends.mistakes(), ElementsAre(HasSubstr("E306 table 'people' depends on itself")));
}

TEST(CompileGraph, LevelsAreAssertions) {
  const Compiled good(
      "  a: {key: id, level: 1}\n  b: {key: id, level: 7, references: {a_id: a}}\n");
  EXPECT_THAT(good.mistakes(), ElementsAre());
  for (const char* level : {"3", "2"}) {
    const Compiled bad("  a: {key: id, level: 3}\n  b: {key: id, level: " + std::string(level) +
                       ", references: {a_id: a}}\n");
    EXPECT_THAT(bad.mistakes(), ElementsAre(HasSubstr("E307 table 'b' stands on level"))) << level;
  }
}

TEST(CompileGraph, EveryMistakeIsReported) {
  const Compiled compiled(
      "  a: {key: id, target: c}\n"
      "  people: {key: id, depends_on: poeple, references: {x: nowhere}}\n"
      "  gone: {key: id, disabled: true}\n"
      "  late: {key: id, depends_on: gone}\n");
  const Names mistakes = compiled.mistakes();
  EXPECT_EQ(mistakes.size(), 4U);
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), "E113 unknown connection 'c'"), 1);
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), "E310 unknown table 'poeple'"), 1);
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), "E310 unknown table 'nowhere'"), 1);
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), "E310 unknown table 'gone'"), 1);
}

/// Positions of the nodes of one table and stage.
std::size_t node_of(const Dag& dag, std::size_t table, Stage stage) {
  for (std::size_t node = 0; node < dag.nodes.size(); ++node) {
    if (dag.nodes[node].table == table && dag.nodes[node].stage == stage) return node;
  }
  return dag.nodes.size();
}

TEST(CompileGraph, AChildsCheckWaitsForItsParentsCheck) {
  const Compiled compiled(
      "  child: {key: id, references: {p: parent}}\n"
      "  parent: {key: id}\n"
      "  made: {schema: {columns: {id: int64}}, depends_on: parent}\n");
  const Dag dag = lay_out(compiled.graph);
  const auto after = [&](std::size_t table, Stage stage) {
    return dag.nodes[node_of(dag, table, stage)].after;
  };
  EXPECT_THAT(after(0, Stage::kCheck), ::testing::Contains(node_of(dag, 1, Stage::kCheck)));
  EXPECT_THAT(after(0, Stage::kExtract), ElementsAre());
  EXPECT_EQ(node_of(dag, 2, Stage::kExtract), dag.nodes.size());
  EXPECT_THAT(after(2, Stage::kMerge), ElementsAre(node_of(dag, 1, Stage::kMerge)));
}

TEST(CompileGraph, EveryPassSaysWhyItStandsWhereItStands) {
  for (const auto& passes : {compile_passes(), bind_passes()}) {
    EXPECT_GE(passes.size(), 6U);
    for (const PassDoc& pass : passes) EXPECT_FALSE(pass.name.empty() || pass.reason.empty());
  }
}

}  // namespace
}  // namespace engine::compile
