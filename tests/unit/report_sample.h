#pragma once

#include <string>
#include <vector>

#include "run/outcome.h"

namespace engine::testing {
inline std::vector<stages::CheckResult> passing(const std::string& table, int count) {
  std::vector<stages::CheckResult> checks;
  for (int i = 0; i < count; ++i) {
    stages::CheckResult check;
    check.table = table;
    check.kind = "not_null";
    check.label = "not_null(c" + std::to_string(i) + ")";
    check.looked_at = 10;
    checks.push_back(check);
  }
  return checks;
}

/// A table that was read and compared and of which nothing changes.
inline run::TableOutcome unchanged_table(const std::string& name) {
  run::TableOutcome table;
  table.name = name;
  table.source = "staging." + name;
  table.target = "app." + name;
  table.state = run::TableState::kStaged;
  table.books.read = 10;
  table.books.same = 10;
  table.target_before = 10;
  table.checks = passing(name, 2);
  return table;
}

inline stages::CheckResult orphans() {
  stages::CheckResult check;
  check.table = "requests";
  check.kind = "relationships";
  check.label = "relationships(agentContactId -> contacts)";
  check.status = stages::Status::kFail;
  check.looked_at = 9310;
  check.failed = 6;
  check.detail = "6 rows have no parent";
  check.samples = {{.key = "id=17", .value = "agentContactId=99"},
                   {.key = "id=18", .value = "agentContactId=***"}};
  check.span = {.file = "plans/crm.yaml", .line = 58, .column = 9};
  return check;
}

inline run::TableOutcome contacts() {
  run::TableOutcome table = unchanged_table("contacts");
  table.books = {};
  table.books.read = 120345;
  table.books.inserted = 412;
  table.books.updated = 87;
  table.books.same = 119846;
  table.undo_bytes = 300000;
  table.checks = passing("contacts", 9);
  table.freshness = stages::FreshnessResult{.table = "contacts",
                                            .status = stages::Status::kPass,
                                            .age_us = std::int64_t{10920} * 1000000,
                                            .limit = "error_after 24h",
                                            .detail = "3h02 ok",
                                            .span = {}};
  table.guards = {{.table = "contacts",
                   .guard = "max_update",
                   .status = stages::Status::kPass,
                   .detail = "update 0.10 % of 5 % ok",
                   .span = {}}};
  return table;
}

inline run::TableOutcome requests() {
  run::TableOutcome table = unchanged_table("requests");
  table.level = 2;
  table.books = {};
  table.books.read = 1204991;
  table.books.inserted = 9310;
  table.books.updated = 1204;
  table.books.same = 1194471;
  table.books.rejected = 6;
  table.undo_bytes = 4100000;
  table.checks = passing("requests", 11);
  table.checks.push_back(orphans());
  table.freshness =
      stages::FreshnessResult{.table = "requests",
                              .status = stages::Status::kFail,
                              .age_us = std::int64_t{111600} * 1000000,
                              .limit = "error_after 24h",
                              .detail = "31h FAIL (error_after 24h)",
                              .span = {.file = "plans/crm.yaml", .line = 46, .column = 7}};
  table.references = {{.label = "requests.agentContactId", .looked_at = 9310, .resolved = 9304}};
  return table;
}

/// A dry run of two tables, one of them blocked by a check and a freshness limit: the example of
/// the documentation.
inline run::Outcome blocked_dry_run() {
  run::Outcome outcome;
  outcome.command = "plan";
  outcome.engine_version = "0.1.0";
  outcome.run_id = "20261121-160722-7f3a91c2";
  outcome.plan_file = "plans/crm.yaml";
  outcome.plan_name = "crm-promotion";
  outcome.plan_sha256 = "00112233445566778899aabbccddeeff";
  outcome.profile = "production";
  outcome.source_text = "sqlite data/staging.db";
  outcome.target_text = "sqlite out/app.db";
  outcome.decided_by = "default";
  outcome.started_us = 1795277242000000;
  outcome.ended_us = 1795277245200000;
  outcome.tables = {contacts(), requests()};
  outcome.not_proven = {"triggers in the target", "1 check needs the merge itself"};
  outcome.last_run_seconds = 165;
  outcome.exit_code = 3;
  outcome.verdict = "blocked by 1 check and 1 freshness limit (exit 3)";
  return outcome;
}

}  // namespace engine::testing
