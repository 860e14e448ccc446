#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compile/bound.h"
#include "compile/graph.h"
#include "connectors/declared.h"
#include "unit/plan_files.h"

/// Binding is a function of a catalog made by hand: no database is near.
namespace engine::compile {
namespace {

using connect::ColumnInfo;
using connect::TableInfo;
using data::Kind;
using data::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

const std::string kHead =
    "version: 1\nname: bound\nconnections: {a: {type: sqlite, path: a.db}, b: {type: sqlite, path: "
    "b.db}}\n";
const std::string kDefaults = "defaults: {source: a, target: b}\ntables:\n";

TableInfo table(const std::string& name, std::vector<ColumnInfo> columns, bool empty = false) {
  TableInfo info;
  info.name = name;
  info.columns = std::move(columns);
  info.primary_key = {"id"};
  info.empty = empty;
  return info;
}

ColumnInfo column(const std::string& name, Kind kind, bool nullable = true) {
  return {name, Type::of(kind), "", nullable, false, false, ""};
}

std::vector<ColumnInfo> id_and_v() {
  return {column("id", Kind::kInt64, false), column("v", Kind::kText)};
}

/// A target that can do all that the compiler chooses by, and a source with SQL or without.
class World {
 public:
  World() {
    connect::Capabilities able;
    able.writes = able.tables_together = able.live_publish = able.ordered_read = true;
    around_.capabilities = {{"a", able}, {"b", able}};
    around_.identities = {{"a", "file a"}, {"b", "file b"}};
    around_.fits = [](const std::string&, const ColumnInfo&, const Type&) {
      return connect::Connection::Fit{true, ""};
    };
  }

  World& source(TableInfo info) { return add("a", std::move(info)); }
  World& target(TableInfo info) { return add("b", std::move(info)); }
  connect::Capabilities& can(const std::string& connection) {
    return around_.capabilities[connection];
  }
  Surroundings& around() { return around_; }

  const Bound& bind(const std::string& tables, const std::string& run = "") {
    read_ = plan::read_whole(folder_.write("plan.yaml", kHead + run + kDefaults + tables));
    EXPECT_EQ(read_.codes(), "");
    Graph graph = compile(*read_.plan, diagnostics_);
    for (const auto& wanted : tables_to_describe(*read_.plan, graph)) {
      around_.catalog.tables.try_emplace({wanted.connection, wanted.table}, std::nullopt);
    }
    bound_ = compile::bind(*read_.plan, std::move(graph), around_, diagnostics_);
    return bound_;
  }

  Names mistakes() const {
    Names out;
    for (const base::Diagnostic& one : diagnostics_.all()) {
      out.push_back(one.code + " " + one.message + " | " + one.help);
    }
    return out;
  }

 private:
  World& add(const std::string& connection, TableInfo info) {
    around_.catalog.tables[{connection, info.name}] = std::move(info);
    return *this;
  }

  plan::PlanFolder folder_;
  plan::PlanRead read_;
  base::Diagnostics diagnostics_;
  Surroundings around_;
  Bound bound_;
};

Names mistakes_of(World& world, const std::string& tables) {
  world.bind(tables);
  return world.mistakes();
}

TEST(CompileBind, SaysWhatIsMissingAndWhatIsNear) {
  World nothing;
  EXPECT_THAT(mistakes_of(nothing, "  t: {key: id}\n"),
              ::testing::Contains(HasSubstr("E301 source 'a' has no table 't'")));

  World world;
  world.source(table("t", id_and_v())).target(table("t", id_and_v()));
  EXPECT_THAT(mistakes_of(world, "  t: {key: id, columns: {v: \"lower(vv)\"}}\n"),
              ElementsAre(::testing::AllOf(HasSubstr("E302"), HasSubstr("'vv'"))));

  World key;
  key.source(table("t", id_and_v())).target(table("t", id_and_v()));
  EXPECT_THAT(mistakes_of(key, "  t: {key: idd}\n"),
              ElementsAre(::testing::AllOf(HasSubstr("E303"), HasSubstr("did you mean 'id'?"))));
}

TEST(CompileBind, AnUntypedColumnHasTheTypeOfTheColumnItGoesTo) {
  const auto untyped = [](const std::string& name) {
    ColumnInfo info = column(name, Kind::kText);
    info.untyped = true;
    return info;
  };
  World world;
  world.source(table("t", {untyped("id"), untyped("v"), untyped("size"), untyped("day")}));
  world.target(table("t", {column("id", Kind::kInt64, false), column("v", Kind::kText),
                           column("size", Kind::kFloat64), column("two", Kind::kText),
                           column("day", Kind::kDate)}));
  const Bound& bound = world.bind(
      "  t: {key: id, from: {where: \"id > 10\"}, columns: {two: \"size\", size: \"size\", "
      "day: {default: \"2024-01-01\"}}}\n");
  EXPECT_THAT(world.mistakes(), ElementsAre(HasSubstr("cast(size as float64)")));
  const data::Schema& read = bound.tables[0].read.columns;
  EXPECT_EQ(read.fields[*read.find("id")].type, Type::of(Kind::kInt64));
  EXPECT_EQ(read.fields[*read.find("day")].type, Type::of(Kind::kDate));
  EXPECT_EQ(read.fields[*read.find("v")].type, Type::of(Kind::kText));
  EXPECT_EQ(read.fields[*read.find("size")].type, Type::of(Kind::kText));
}

TEST(CompileBind, EveryMistakeOfEveryTable) {
  World world;
  world.source(table("t", id_and_v())).target(table("t", id_and_v()));
  world.source(table("u", id_and_v())).target(table("u", id_and_v()));
  const Names mistakes = mistakes_of(world,
                                     "  t: {key: nokey}\n"
                                     "  u: {key: id, columns: {v: nothing}}\n");
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("nothing"), HasSubstr("nokey")));
}

TEST(CompileBind, TargetColumnsMustBeFilledAndMustTakeTheValue) {
  World unfilled;
  std::vector<ColumnInfo> columns = id_and_v();
  columns.push_back(column("must", Kind::kText, false));
  unfilled.source(table("t", id_and_v())).target(table("t", columns));
  EXPECT_THAT(mistakes_of(unfilled, "  t: {key: id}\n"),
              ElementsAre(HasSubstr("E305 nothing fills column 'must'")));

  World typed;
  typed.source(table("t", id_and_v()));
  typed.target(table("t", {column("id", Kind::kInt64, false), column("v", Kind::kInt64)}));
  EXPECT_THAT(mistakes_of(typed, "  t: {key: id}\n"),
              ElementsAre(::testing::AllOf(HasSubstr("E304"), HasSubstr("cast(\"v\" as int64)"))));

  World computed;
  columns = id_and_v();
  columns[1].generated = true;
  computed.source(table("t", id_and_v())).target(table("t", columns));
  EXPECT_THAT(mistakes_of(computed, "  t: {key: id, columns: {v: v}}\n"),
              ElementsAre(HasSubstr("E304 column 'v' of 'b.t' is computed by the target")));
}

TEST(CompileBind, AViewAndTheSourceItselfAreNoTargets) {
  World view;
  TableInfo info = table("t", id_and_v());
  info.is_view = true;
  view.source(table("t", id_and_v())).target(info);
  EXPECT_THAT(mistakes_of(view, "  t: {key: id}\n"), ElementsAre(HasSubstr("E309")));

  World same;
  same.around().identities["b"] = "file a";
  same.source(table("t", id_and_v())).target(table("t", id_and_v()));
  EXPECT_THAT(mistakes_of(same, "  t: {key: id}\n"), ElementsAre(HasSubstr("E207")));
}

TEST(CompileBind, AnEmptyTargetIsLoadedLiveOnlyWhereAllThatWaitAreToo) {
  const std::string tables = "  parent: {key: id}\n  child: {key: id, references: {p: parent}}\n";
  std::vector<ColumnInfo> child = id_and_v();
  child.push_back(column("p", Kind::kInt64));
  for (const bool child_is_empty : {true, false}) {
    World world;
    world.source(table("parent", id_and_v())).source(table("child", child));
    world.target(table("parent", id_and_v(), true)).target(table("child", child, child_is_empty));
    const Bound& bound = world.bind(tables);
    EXPECT_THAT(world.mistakes(), ElementsAre());
    const Load wanted = child_is_empty ? Load::kLive : Load::kCompare;
    EXPECT_EQ(bound.tables[0].load, wanted) << child_is_empty;
    EXPECT_EQ(bound.tables[1].load, wanted) << child_is_empty;
  }
}

TEST(CompileBind, OneFileAtBothEndsIsNeverLoadedLive) {
  World world;
  world.around().identities["b"] = "file a";
  world.source(table("s", id_and_v())).target(table("t", id_and_v(), true));
  const Bound& bound = world.bind("  t: {from: s, key: id}\n");
  EXPECT_THAT(world.mistakes(), ElementsAre());
  EXPECT_EQ(bound.tables[0].load, Load::kCompare);
}

TEST(CompileBind, UnitsFollowAtomicAndWhatTheTargetCanDo) {
  const std::string tables = "  child: {key: id, depends_on: parent}\n  parent: {key: id}\n";
  const auto units = [&](const std::string& run, bool together) {
    World world;
    world.can("b").tables_together = together;
    for (const char* name : {"child", "parent"}) {
      world.source(table(name, id_and_v())).target(table(name, id_and_v()));
    }
    std::vector<std::vector<std::size_t>> out;
    for (const Unit& unit : world.bind(tables, run).units) out.push_back(unit.tables);
    return out;
  };
  using Units = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(units("", true), (Units{{1, 0}}));
  EXPECT_EQ(units("run: {atomic: table}\n", true), (Units{{1}, {0}}));
  EXPECT_EQ(units("", false), (Units{{1}, {0}}));
}

TEST(CompileBind, AUnitBeyondTheTargetsLimitIsAMistake) {
  World world;
  world.can("b").max_unit_tables = 1;
  for (const char* name : {"t", "u"}) {
    world.source(table(name, id_and_v())).target(table(name, id_and_v()));
  }
  world.bind("  t: {key: id}\n  u: {key: id}\n");
  EXPECT_THAT(world.mistakes(),
              ElementsAre(::testing::AllOf(HasSubstr("E118"), HasSubstr("its limit is 1 tables"))));
}

TEST(CompileBind, AFilterIsPushedOnlyWhereThereIsSql) {
  World world;
  world.source(table("t", id_and_v())).target(table("t", id_and_v()));
  const Bound& bound = world.bind("  t: {from: {table: t, where: \"id > 5\"}, key: id}\n");
  EXPECT_THAT(world.mistakes(), ElementsAre());
  EXPECT_FALSE(bound.tables[0].read.where.has_value());
  EXPECT_EQ(bound.tables[0].filter_note, "the source has no SQL");
  EXPECT_NE(bound.tables[0].transform.filter, nullptr);
}

TEST(CompileBind, RowsAreSortedWhereTheSourceCannotDeliverKeyOrder) {
  const auto sorted = [](const std::string& columns, bool ordered) {
    World world;
    world.can("a").ordered_read = ordered;
    world.source(table("t", id_and_v())).target(table("t", id_and_v()));
    return world.bind("  t: {key: id, columns: {" + columns + "}}\n").tables[0].sort_staged;
  };
  EXPECT_FALSE(sorted("v: lower(v)", true));
  EXPECT_TRUE(sorted("id: id + 1", true));
  EXPECT_TRUE(sorted("v: lower(v)", false));
}

TEST(CompileBind, AMissingTableIsDefinedByWhatIsWritten) {
  World world;
  world.source(table("t", id_and_v()));
  const Bound& bound =
      world.bind("  t: {key: id, create: if_missing, columns: {w: length(v), v: v}}\n");
  EXPECT_THAT(world.mistakes(), ElementsAre());
  ASSERT_TRUE(bound.tables[0].create.has_value());
  Names columns;
  for (const auto& made : bound.tables[0].create->columns) {
    columns.push_back(made.name + " " + data::type_name(made.type) + (made.nullable ? "" : "!"));
  }
  EXPECT_THAT(columns, ElementsAre("w int64", "v text", "id int64!"));
  EXPECT_THAT(bound.tables[0].create->primary_key, ElementsAre("id"));
}

TEST(CompileBind, ParentsKeepTheKeysTheirChildrenLookUp) {
  World world;
  std::vector<ColumnInfo> child = id_and_v();
  child.push_back(column("p", Kind::kInt64));
  world.source(table("parent", id_and_v())).target(table("parent", id_and_v()));
  world.source(table("child", child)).target(table("child", child));
  const Bound& bound =
      world.bind("  parent: {key: id}\n  child: {key: id, references: {p: parent}}\n");
  ASSERT_EQ(bound.tables[0].collected.size(), 1U);
  EXPECT_THAT(bound.tables[0].collected[0].fields, ElementsAre("id"));
  ASSERT_EQ(bound.tables[1].references.size(), 1U);
  EXPECT_EQ(bound.tables[1].references[0].label, "child.p");
}

TEST(CompileBind, WhatADryRunCannotProveIsSaid) {
  World world;
  TableInfo info = table("t", id_and_v());
  info.triggers = {"log"};
  world.source(table("t", id_and_v())).target(info);
  const Bound& bound =
      world.bind("  t: {key: id, checks: [{row_count_match: {with: source, stage: published}}]}\n");
  EXPECT_THAT(bound.not_proven,
              ElementsAre("triggers of 1 target table", "1 check needs the merge itself"));
}

}  // namespace
}  // namespace engine::compile
