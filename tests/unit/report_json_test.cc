#include "report/report_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "report/observers.h"
#include "unit/report_sample.h"
#include "unit/support/json_schema.h"

namespace engine::report {
namespace {

using nlohmann::json;
using testing::blocked_dry_run;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::schema_complaints;

TEST(ReportJson, ConformsToItsSchema) {
  auto outcome = blocked_dry_run();
  EXPECT_THAT(schema_complaints(report_json(outcome), report_schema_json()), IsEmpty());
  EXPECT_THAT(schema_complaints(change_json(outcome), change_schema_json()), IsEmpty());
  outcome.errors = {{"E501", "locked", "held", "wait", {"table a"}}};
  outcome.tables[0].state = run::TableState::kPending;
  EXPECT_THAT(schema_complaints(report_json(outcome), report_schema_json()), IsEmpty());
  EXPECT_THAT(schema_complaints(report_json(run::Outcome{}), report_schema_json()), IsEmpty());
}

TEST(ReportJson, TheSchemaRefusesWhatIsWrong) {
  auto report = json::parse(report_json(blocked_dry_run()));
  report["exit_code"] = "3";
  report["tables"][0].erase("name");
  report["tables"][1]["checks"][0]["severity"] = "loud";
  report["extra"] = 1;
  EXPECT_THAT(schema_complaints(report.dump(), report_schema_json()),
              ::testing::UnorderedElementsAre(
                  "/exit_code: is no integer", "/tables/0/name: missing",
                  "/tables/1/checks/0/severity: is none of the choices", "/extra: not declared"));
}

TEST(ReportJson, CountsAreExactAndAbsentIsNotZero) {
  auto outcome = blocked_dry_run();
  outcome.tables[0].books.read = 9007199254740993;
  outcome.tables[1].state = run::TableState::kSkipped;
  const auto report = json::parse(report_json(outcome));
  EXPECT_EQ(report["schema_version"], 1);
  EXPECT_EQ(report["applied"], false);
  EXPECT_EQ(report["exit_code"], 3);
  EXPECT_EQ(report["tables"][0]["books"]["read"].get<std::int64_t>(), 9007199254740993);
  EXPECT_EQ(report["tables"][0]["books"]["closes"], false);
  EXPECT_FALSE(report["tables"][1].contains("books"));
  EXPECT_FALSE(report["tables"][1].contains("target_before"));
  EXPECT_FALSE(report.contains("peak_memory_bytes"));
}

TEST(ReportJson, BytesThatAreNoTextDoNotBreakIt) {
  auto outcome = blocked_dry_run();
  outcome.tables[1].errors = {"bad \xff byte"};
  const auto report = json::parse(report_json(outcome));
  EXPECT_EQ(report["tables"][1]["errors"][0], "bad \xef\xbf\xbd byte");
}

TEST(ChangeJson, HoldsOnlyTablesThatWereCompared) {
  auto outcome = blocked_dry_run();
  outcome.tables[1].state = run::TableState::kSkipped;
  const auto change = json::parse(change_json(outcome));
  ASSERT_EQ(change["tables"].size(), 1U);
  EXPECT_EQ(change["tables"][0]["insert"], 412);
  EXPECT_EQ(change["tables"][0]["update"], 87);
  EXPECT_EQ(change["tables"][0]["same"], 119846);
}

/// UPDATE=1 in the environment writes the schemas of the repository anew.
void expect_published(const char* name, const std::string& schema) {
  const auto path = std::filesystem::path(ENGINE_SOURCE_DIR) / "schemas" / name;
  if (std::getenv("UPDATE") != nullptr) std::ofstream(path) << schema;
  EXPECT_EQ(base::read_file(path), schema) << "run this test once with UPDATE=1";
}

TEST(Schemas, ThoseInTheRepositoryAreTheOnesOfTheCode) {
  expect_published("report.schema.json", report_schema_json());
  expect_published("change.schema.json", change_schema_json());
  expect_published("events.schema.json", events_schema_json());
}

}  // namespace
}  // namespace engine::report
