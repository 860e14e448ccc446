#include "plan/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "connectors/declared.h"
#include "plan/explain.h"
#include "stages/checks/declared.h"
#include "unit/plan_files.h"

namespace engine::plan {
namespace {

const std::string kRoot = ENGINE_SOURCE_DIR;

/// Compares a generated file with the one on disk; with UPDATE=1 it is written anew instead.
void expect_on_disk(const std::string& file, const std::string& wanted) {
  if (const char* update = std::getenv("UPDATE"); update != nullptr && *update == '1') {
    std::ofstream(file, std::ios::binary) << wanted;
  }
  EXPECT_TRUE(base::read_file(file) == wanted)
      << file << " is not what the declarations give; run this test with UPDATE=1";
}

TEST(PlanReference, SchemaOnDiskIsTheGeneratedOne) {
  expect_on_disk(kRoot + "/schemas/plan.schema.json", plan_schema_json(whole_registry()));
}

TEST(PlanReference, PageOnDiskHoldsTheGeneratedPart) {
  const std::string file = kRoot + "/plans/README.md";
  const std::string page = base::read_file(file);
  ASSERT_NE(page.find("<!-- generated: begin -->"), std::string::npos);
  expect_on_disk(file, with_reference(page, whole_registry()));
}

TEST(PlanReference, SchemaNamesEveryCheckAndConnection) {
  const auto schema = nlohmann::json::parse(plan_schema_json(whole_registry()));
  for (const CheckDecl& check : whole_registry().checks) {
    EXPECT_TRUE(schema["$defs"]["check"]["properties"].contains(check.name)) << check.name;
  }
  EXPECT_EQ(schema["$defs"]["connection"]["oneOf"].size(), whole_registry().connectors.size());
  EXPECT_TRUE(schema["properties"].contains("tables"));
}

/// Every option has the words that the reference prints.
void expect_described(const ObjectSpec& spec) {
  for (const OptionSpec& option : spec.options) {
    EXPECT_FALSE(option.doc.empty()) << spec.name << "." << option.name;
    EXPECT_FALSE(option.available_since.empty()) << spec.name << "." << option.name;
    if (option.kind == OptionKind::kChoice) {
      EXPECT_FALSE(option.choices.empty()) << option.name;
    }
    if (option.kind == OptionKind::kList || option.kind == OptionKind::kMap) {
      EXPECT_NE(option.element, nullptr) << option.name;
    }
    if (option.kind == OptionKind::kObject) {
      ASSERT_NE(option.object, nullptr) << option.name;
      if (option.object->name != "table") expect_described(*option.object);
    }
  }
}

TEST(PlanReference, EveryOptionIsDescribed) {
  expect_described(plan_spec());
  expect_described(table_spec());
  expect_described(check_common_spec());
  for (const CheckDecl& check : whole_registry().checks) expect_described(check.options);
  for (const ConnectorDecl& one : whole_registry().connectors) expect_described(one.options);
}

TEST(PlanReference, ExplainsKeysChecksAndConnectors) {
  const Registry registry = whole_registry();
  EXPECT_EQ(explain_option(registry, "merge.unchanged").value(),
            "  unchanged: one of skip, write\n      Rows that equal the target's.\n"
            "      default: skip\n");
  EXPECT_NE(explain_option(registry, "run")->find("on_failure"), std::string::npos);
  EXPECT_NE(explain_check(registry, "format")->find("severity"), std::string::npos);
  EXPECT_NE(explain_connector(registry, "bigquery")->find("not available before version 0.6"),
            std::string::npos);
  EXPECT_FALSE(explain_option(registry, "nonsense").has_value());
}

TEST(PlanReference, ExplainsATableWithTheOriginOfEveryValue) {
  const PlanFolder folder;
  const PlanRead got = read_whole(folder.write("plan.yaml", R"(version: 1
vars: {who: "${ENGINE_NOT_SET:-data}"}
connections: {a: {type: sqlite, path: a.db}}
defaults: {source: a, target: a, guard: {max_delete: 0}}
tables:
  x:
    key: [id, region]
    owner: "${who}-team"
    guard: {max_update: 20%}
    checks: [{range: {column: n, min: 0}}]
)"));
  ASSERT_EQ(got.diagnostics.render_all(), "");
  std::string text = explain_table(*got.plan, "x").value();
  const std::string prefix = folder.path().string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
    text.erase(at, prefix.size());
  }
  EXPECT_EQ(text, R"(x:                                  # plan.yaml:6
  source: a                         # plan.yaml:4
  target: a                         # plan.yaml:4
  guard:
    max_delete: 0                   # plan.yaml:4
    max_update: 20%                 # plan.yaml:9
  key: [id, region]                 # plan.yaml:7
  owner: "data-team"                # plan.yaml:8
  checks:
    - {range: {column: n, min: 0}}  # plan.yaml:10
)");
  EXPECT_FALSE(explain_table(*got.plan, "y").has_value());
}

}  // namespace
}  // namespace engine::plan
