#include <gtest/gtest.h>

#include "process/support/contents.h"
#include "process/support/engine_process.h"

/// Peak memory does not grow with the table: ten times the rows, nearly the same peak.
namespace engine::testing {
namespace {

constexpr std::int64_t kFewRows = 200'000;
constexpr std::int64_t kManyRows = 2'000'000;
/// The page caches of both ends, which the few rows do not fill.
constexpr std::int64_t kRoomKib = 72 * 1024;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

struct Peaks {
  std::int64_t load = 0;   ///< into an empty table
  std::int64_t merge = 0;  ///< one row of a hundred changed
};

std::int64_t applied(const EngineProcess& process) {
  const Ended ended = process.run({"run", "plan.yaml", "--apply", "--yes"});
  EXPECT_EQ(ended.code, 0) << ended.err << ended.out;
  return ended.peak_kib;
}

Peaks peaks(std::int64_t rows) {
  const EngineProcess process;
  const PlainDatabase source(process.path("source.db"));
  const std::string table = "CREATE TABLE narrow (id INTEGER PRIMARY KEY, v INTEGER);";
  source.run("PRAGMA synchronous=OFF;" + table +
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
             std::to_string(rows) + ") INSERT INTO narrow SELECT i, i * 7 FROM n");
  PlainDatabase(process.path("target.db")).run(table);
  process.write("plan.yaml",
                "version: 1\nname: memory\n"
                "connections: {from: {type: sqlite, path: source.db}, into: {type: sqlite, path: "
                "target.db}}\n"
                "defaults: {source: from, target: into}\n"
                "tables: {narrow: {key: id, checks: [{unique: id}]}}\n");
  Peaks out;
  out.load = applied(process);
  source.run("UPDATE narrow SET v = -v WHERE id % 100 = 0");
  out.merge = applied(process);
  return out;
}

TEST(Memory, PeakDoesNotGrowWithTheTable) {
  if (kSanitized) GTEST_SKIP() << "sanitizers have a memory of their own";
  const Peaks few = peaks(kFewRows);
  const Peaks many = peaks(kManyRows);
  RecordProperty("load_kib", std::to_string(few.load) + " -> " + std::to_string(many.load));
  EXPECT_LE(many.load, few.load * 12 / 10 + kRoomKib);
  EXPECT_LE(many.merge, few.merge * 12 / 10 + kRoomKib);
}

}  // namespace
}  // namespace engine::testing
