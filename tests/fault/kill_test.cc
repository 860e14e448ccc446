#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "base/clock.h"
#include "process/support/contents.h"
#include "process/support/engine_process.h"

/// An engine that is killed leaves its target exactly as it was, or exactly as it was to be; and
/// whoever comes next needs no cure.
namespace engine::testing {
namespace {

const std::map<std::string, std::vector<std::string>> kKeys = {{"people", {"id"}},
                                                               {"orders", {"id"}}};
constexpr int kRounds = 30;

std::string plan_text(bool atomic_plan) {
  return std::string(
             "version: 1\n"
             "name: killed\n"
             "connections: {from: {type: sqlite, path: source.db}, into: {type: sqlite, path: "
             "target.db}}\n"
             "run: {workers: 2, atomic: ") +
         (atomic_plan ? "plan" : "table") +
         "}\n"
         "defaults: {source: from, target: into, create: if_missing}\n"
         "tables:\n"
         "  people: {key: id}\n"
         "  orders: {key: id, references: {person: people}, merge: {mode: mirror}}\n"
         "  notes: {merge: {mode: replace}}\n";
}

/// A source that goes on changing, a target that follows, and the same by plain SQL beside it.
class Killing {
 public:
  Killing() : source_(process_.path("source.db")), oracle_(process_.path("oracle.db")) {
    const std::string tables =
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, note TEXT, total REAL);"
        "CREATE TABLE notes (note TEXT, n INTEGER);";
    source_.run(tables);
    PlainDatabase(process_.path("target.db")).run(tables);
    oracle_.run(tables + "ATTACH '" + process_.path("source.db") + "' AS source");
  }

  /// Half of the rows change, some are new, some orders go; the oracle follows at once.
  void change_source(int round) {
    const std::string number = std::to_string(round);
    source_.run(
        "BEGIN;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
        " INSERT OR REPLACE INTO people SELECT i * 2 + " +
        number + ", 'name " + number +
        " of ' || i FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        " INSERT OR REPLACE INTO orders SELECT i * 3 + " +
        number +
        ", (SELECT id FROM people WHERE id <= i ORDER BY id DESC LIMIT 1),"
        " 'round " +
        number +
        "', i / 7.0 FROM n;"
        "DELETE FROM orders WHERE id % 7 = " +
        number +
        " % 7;"
        "DELETE FROM notes WHERE n % 2 = 0;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
        " INSERT INTO notes SELECT 'round " +
        number +
        "', i % 40 FROM n;"
        "COMMIT");
    before_ = oracle_.contents(kKeys);
    oracle_.run("DELETE FROM main.orders; DELETE FROM main.notes");
    for (const std::string table : {"people", "orders", "notes"}) {
      oracle_.run("INSERT OR REPLACE INTO main." + table + " SELECT * FROM source." + table);
    }
    after_ = oracle_.contents(kKeys);
  }

  void use_plan(bool atomic_plan) {
    atomic_plan_ = atomic_plan;
    process_.write("plan.yaml", plan_text(atomic_plan));
  }

  /// How long an undisturbed engine takes, in microseconds.
  std::int64_t measure() {
    const std::int64_t started = base::system_clock().now_us();
    finish();
    return base::system_clock().now_us() - started;
  }

  /// True when the kill came in time.
  bool kill_during(const std::vector<std::string>& arguments, std::int64_t after_us) {
    const pid_t engine = process_.start(arguments, "killed");
    ::usleep(static_cast<useconds_t>(after_us));
    ::kill(engine, SIGKILL);
    const Ended ended = process_.wait(engine, "killed");
    EXPECT_TRUE(ended.code == -SIGKILL || ended.code == 0) << ended.code << ended.err;
    return ended.code == -SIGKILL;
  }

  bool kill_apply(std::int64_t after_us) { return kill_during(kApply, after_us); }

  std::string finish() {
    const Ended ended = process_.run(kApply);
    EXPECT_EQ(ended.code, 0) << ended.err << ended.out;
    expect(after_, "after the run that followed");
    return std::filesystem::read_symlink(process_.folder() / ".engine/runs/latest").filename();
  }

  /// With one unit the whole target is before or after, else each table is.
  void expect_before_or_after() {
    const Contents now = contents();
    if (atomic_plan_) {
      const std::string from_before = difference(before_, now);
      const std::string from_after = difference(after_, now);
      EXPECT_TRUE(from_before.empty() || from_after.empty()) << from_before << "\n" << from_after;
      return;
    }
    for (const auto& [table, rows] : now) {
      EXPECT_TRUE(rows == before_.at(table) || rows == after_.at(table)) << table;
    }
  }

  void roll_back(const std::string& run) {
    const Ended ended = process_.run({"rollback", run, "--yes"});
    EXPECT_EQ(ended.code, 0) << ended.err << ended.out;
    expect(before_, "after the rollback");
  }

 private:
  inline static const std::vector<std::string> kApply = {"run", "plan.yaml", "--apply", "--yes"};

  Contents contents() const { return PlainDatabase(process_.path("target.db")).contents(kKeys); }
  void expect(const Contents& expected, const std::string& when) const {
    EXPECT_EQ(difference(expected, contents()), "") << when;
  }

  EngineProcess process_;
  PlainDatabase source_, oracle_;
  Contents before_, after_;
  bool atomic_plan_ = true;
};

class Moments {
 public:
  explicit Moments(std::int64_t whole_us) : whole_us_(whole_us) {}
  std::int64_t next() {
    return std::uniform_int_distribution<std::int64_t>(0, whole_us_ * 11 / 10)(random_);
  }

 private:
  std::mt19937_64 random_{std::random_device()()};
  std::int64_t whole_us_;
};

TEST(Kill, DuringAnApply) {
  Killing killing;
  killing.use_plan(true);
  killing.change_source(0);
  Moments moments(killing.measure());
  int killed = 0;
  for (int round = 1; round <= kRounds && !HasFailure(); ++round) {
    killing.use_plan(round % 3 != 0);
    killing.change_source(round);
    const std::int64_t moment = moments.next();
    SCOPED_TRACE("round " + std::to_string(round) + ", killed after " + std::to_string(moment) +
                 " us");
    killed += killing.kill_apply(moment);
    // Not always: an engine has to mend what a killed one left without the help of another reader.
    if (round % 2 == 0) killing.expect_before_or_after();
    killing.finish();
  }
  EXPECT_GT(killed, kRounds / 3) << "most rounds ended before they were killed";
}

TEST(Kill, DuringARollback) {
  Killing killing;
  killing.use_plan(true);
  killing.change_source(0);
  Moments moments(killing.measure());
  for (int round = 1; round <= kRounds / 3 && !HasFailure(); ++round) {
    killing.change_source(round);
    const std::string run = killing.finish();
    const std::int64_t moment = moments.next();
    SCOPED_TRACE("round " + std::to_string(round) + ", killed after " + std::to_string(moment) +
                 " us");
    killing.kill_during({"rollback", run, "--yes"}, moment);
    if (round % 2 == 0) killing.expect_before_or_after();
    killing.roll_back(run);
    killing.finish();
  }
}

}  // namespace
}  // namespace engine::testing
