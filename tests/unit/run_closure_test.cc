#include "run/closure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "base/error.h"
#include "data/key.h"
#include "expr/ids.h"
#include "expr/pieces.h"
#include "run/chosen_rows.h"
#include "unit/support/stage_rows.h"

/// A closure is a function of rows: none of these needs a database.
namespace engine::run {
namespace {

using stages::test::batch;
using stages::test::Cells;
using stages::test::kNull;
using stages::test::schema;
using stages::test::texts;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

class OneBatch : public connect::Source {
 public:
  explicit OneBatch(data::Batch rows) : rows_(std::move(rows)) {}
  bool next(data::Batch& out) override {
    if (done_ || rows_.rows == 0) return false;
    out = rows_;
    return done_ = true;
  }
  std::string position() const override { return ""; }

 private:
  data::Batch rows_;
  bool done_ = false;
};

/// Tables by hand: every column is passed on, so that both sides have the same names.
class World : public ClosureRows {
 public:
  World& table(const std::string& name, const std::string& columns, Names key, Cells rows,
               bool ordered = true) {
    compile::BoundTable bound;
    bound.name = names_.emplace_back(name);
    bound.read.columns = schema(columns);
    bound.read.table = name;
    bound.source = "src";
    bound.source_key = key;
    bound.spec = &specs_.emplace_back();
    if (ordered) bound.read.order_by = key;
    for (std::size_t i = 0; i < bound.read.columns.size(); ++i) {
      const data::Field& field = bound.read.columns.fields[i];
      bound.transform.columns.push_back(
          {field.name, field.type, expr::column_node(bound.read.columns, i), true});
    }
    for (const std::string& column : key) {
      bound.comparison.key.push_back(*bound.read.columns.find(column));
    }
    bound_.graph.positions.emplace(names_.back(), bound_.tables.size());
    bound_.graph.tables.push_back(bound.spec);
    rows_.push_back(batch(bound.read.columns, rows));
    bound_.tables.push_back(std::move(bound));
    return *this;
  }

  World& reference(const std::string& child, Names columns, const std::string& parent,
                   Names fields) {
    compile::BoundReference reference;
    reference.check.judged = std::move(columns);
    reference.check.parent_table = parent;
    reference.check.parent_fields = std::move(fields);
    bound_.tables[bound_.graph.find(child)].references.push_back(std::move(reference));
    return *this;
  }

  /// The column holds new ids of people, made of another one.
  World& id(const std::string& table, const std::string& column, const std::string& from) {
    compile::BoundTable& bound = bound_.tables[bound_.graph.find(table)];
    expr::IdRecipe recipe;
    recipe.table = "people";
    recipe.key_types = {data::Type::of(data::Kind::kInt64)};
    const std::size_t place = *bound.read.columns.find(from);
    std::string problem;
    stages::OutputColumn& output = bound.transform.columns[*bound.read.columns.find(column)];
    output.node = expr::id_node(recipe, {expr::column_node(bound.read.columns, place)},
                                data::Type::of(data::Kind::kText), problem);
    return *this;
  }

  /// Gives at least the rows that were asked for: here all of them, without a look at the keys.
  std::unique_ptr<connect::Source> read(std::size_t table, const Names& columns,
                                        const std::optional<data::Batch>& keys) override {
    ++reads;
    by_key += keys ? 1 : 0;
    data::Batch rows = rows_[table];
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      const std::string& name = rows.schema->fields[i].name;
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) rows.columns[i] = {};
    }
    return std::make_unique<OneBatch>(std::move(rows));
  }

  Seed key(const std::string& table, const std::vector<Cells>& keys) {
    const compile::BoundTable& bound = bound_.tables[bound_.graph.find(table)];
    data::Schema columns;
    for (const std::string& name : bound.source_key) {
      columns.fields.push_back(bound.read.columns.fields[*bound.read.columns.find(name)]);
    }
    Seed seed;
    for (const Cells& one : keys) seed.keys.push_back(batch(columns, one));
    return seed;
  }

  /// "orders: 42 43" for every table with rows.
  Names close(const std::map<std::string, Seed>& given, std::uint64_t memory = 1 << 20) {
    std::vector<Seed> seeds(bound_.tables.size());
    for (const auto& [name, seed] : given) seeds[bound_.graph.find(name)] = seed;
    const Closure closure = close_over(bound_, seeds, *this, {}, memory);
    Names out;
    for (std::size_t at = 0; at < closure.tables.size(); ++at) {
      std::string line;
      for (const data::Batch& part : closure.tables[at].keys) {
        for (const std::string& row : texts(part)) line += " " + row;
      }
      if (closure.tables[at].whole) line += " whole";
      if (!line.empty()) out.push_back(bound_.tables[at].name + ":" + line);
    }
    return out;
  }

  int reads = 0;
  int by_key = 0;

 private:
  std::deque<std::string> names_;
  std::deque<plan::Table> specs_;
  compile::Bound bound_;
  std::vector<data::Batch> rows_;
};

World shop() {
  World world;
  world.table("people", "id int64; boss int64; name text", {"id"},
              {{"1", kNull, "Ann"}, {"2", "1", "Bob"}, {"3", "2", "Cid"}, {"4", "4", "Dee"}});
  world.table("orders", "id int64; person text", {"id"},
              {{"41", "1"}, {"42", "3"}, {"43", kNull}, {"44", "nobody"}, {"45", "9"}});
  world.table("lines", "o int64; nr int64", {"o", "nr"}, {{"42", "1"}, {"42", "2"}, {"43", "1"}});
  world.reference("people", {"boss"}, "people", {"id"});
  world.reference("orders", {"person"}, "people", {"id"});
  world.reference("lines", {"o"}, "orders", {"id"});
  return world;
}

Seed first(std::int64_t rows) {
  Seed seed;
  seed.limit = rows;
  return seed;
}

TEST(Closure, ParentsComeAlongTheirsToo) {
  World world = shop();
  EXPECT_THAT(world.close({{"lines", world.key("lines", {{{"42", "2"}}})}}),
              ElementsAre("people: 1 2 3", "orders: 42", "lines: 42|2"));
}

TEST(Closure, ARowThatIsItsOwnParentEndsTheWay) {
  World world = shop();
  EXPECT_THAT(world.close({{"people", world.key("people", {{{"4"}}})}}), ElementsAre("people: 4"));
}

TEST(Closure, NullAndValuesThatNoParentCanHaveNameNobody) {
  World world = shop();
  EXPECT_THAT(world.close({{"orders", world.key("orders", {{{"43"}}, {{"44"}}, {{"45"}}})}}),
              ElementsAre("orders: 43 44 45"));
}

TEST(Closure, KeysComeOnceAndInOrder) {
  World world = shop();
  EXPECT_THAT(world.close({{"people", world.key("people", {{{"3"}}, {{"1"}}, {{"3"}}})}}),
              ElementsAre("people: 1 2 3"));
}

TEST(Closure, FirstRowsInKeyOrderWhoeverOrdersThem) {
  for (const bool ordered : {true, false}) {
    World world;
    Cells rows = {{"1", kNull}, {"3", "5"}, {"5", kNull}, {"7", kNull}};
    if (!ordered) std::reverse(rows.begin(), rows.end());
    world.table("t", "id int64; up int64", {"id"}, rows, ordered);
    world.reference("t", {"up"}, "t", {"id"});
    EXPECT_THAT(world.close({{"t", first(2)}}), ElementsAre("t: 1 3 5")) << ordered;
    EXPECT_THAT(world.close({{"t", first(9)}}), ElementsAre("t: 1 3 5 7")) << ordered;
  }
}

TEST(Closure, AWholeTableBringsItsParentsAndOneAloneDoesNot) {
  World world = shop();
  Seed whole;
  whole.whole = true;
  EXPECT_THAT(world.close({{"orders", whole}}), ElementsAre("people: 1 2 3", "orders: whole"));
  Seed alone;
  alone.alone = true;
  EXPECT_THAT(world.close({{"orders", alone}}), ElementsAre("orders: whole"));
}

TEST(Closure, OnlyBareColumnsAreLookedUpByKey) {
  World world = shop();
  world.close({{"orders", world.key("orders", {{{"42"}}})}});
  EXPECT_EQ(world.by_key, world.reads);
}

TEST(Closure, NewIdsAreLookedUpByTheKeysThatTheyAreMadeOf) {
  World world = shop();
  world.id("people", "id", "id").id("people", "boss", "boss").id("orders", "person", "person");
  EXPECT_THAT(world.close({{"orders", world.key("orders", {{{"42"}}})}}),
              ElementsAre("people: 1 2 3", "orders: 42"));
  EXPECT_EQ(world.by_key, world.reads);
}

TEST(Closure, AKeyThatNoRowHasIsNamedWithTheNearest) {
  World world = shop();
  try {
    world.close({{"orders", world.key("orders", {{{"46"}}})}});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E316");
    EXPECT_THAT(error.message(), HasSubstr("no row with id=46"));
    EXPECT_EQ(error.help(), "did you mean id=41?");
  }
}

TEST(Closure, KeysBeyondTheMemoryAreRefused) {
  World world = shop();
  try {
    world.close({{"people", first(4)}}, 200);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E419");
  }
}

}  // namespace
}  // namespace engine::run
