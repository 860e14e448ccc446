#include "plan/reader.h"

#include <gtest/gtest.h>

#include "connectors/declared.h"
#include "stages/checks/declared.h"

namespace engine::plan {
namespace {

Registry registry() {
  return {.connectors = connectors::declared_connectors(), .checks = stages::declared_checks()};
}

TEST(PlanReader, ReadsTheFirstWorkedCaseUnderItsEmbeddedProfile) {
  base::Diagnostics diagnostics;
  const std::string file = std::string(ENGINE_SOURCE_DIR) + "/plans/promotion.yaml";
  const auto plan = read_plan(file, registry(), {.profile = "embedded"}, diagnostics);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(diagnostics.render_all(), "");
  EXPECT_EQ(plan->tables.size(), 8U);
  for (const NotAvailable& missing : plan->not_available) {
    ADD_FAILURE() << missing.what << " " << missing.span.text();
  }
}

}  // namespace
}  // namespace engine::plan
