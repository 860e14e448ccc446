#include "plan/reader.h"

#include <gtest/gtest.h>

#include "connectors/declared.h"
#include "plan/digest.h"
#include "stages/checks/declared.h"
#include "unit/plan_files.h"

namespace engine::plan {
namespace {

const std::string kPlans = std::string(ENGINE_SOURCE_DIR) + "/plans/";

/// Every key that this version runs, once at least. The test below fails when one of them is never
/// asked for.
constexpr const char* kEverything = R"y(version: 1
name: everything
description: all keys
include: [formats.yaml]
vars: {since: "2024-01-01", who: team}
connections:
  a: {type: sqlite, path: data/a.db, table_name: "{table}_x"}
  b: {type: sqlite, path: /tmp/b.db}
  c: {type: files, root: import}
profiles:
  dev: {protected: true, connections: {b: {path: dev.db}}, vars: {who: devs}, checks: {severity: warn}}
run: {atomic: table, on_failure: stop, workers: 2, memory: 64MiB, rollout: {strategy: big_bang}}
limits: {duration: 60m, undo: 2GiB}
state: {dir: state}
snapshot: {mode: auto, of: target, retain: 12h}
ids: {person: {from: [id], method: hmac_sha256, namespace: n, key: "${file:id.key}", format: uuid}}
transforms: {normal: {params: [x], expr: "lower(trim(x))"}}
defaults:
  source: a
  target: b
  guard: {max_delete: 0}
tables:
  contacts:
    from: {table: crm, where: "created >= :since"}
    to: people
    key: id
    level: 1
    columns:
      email: normal(email)
      at: {expr: created, type: timestamp, format: "%Y", zone: UTC, dst: earlier, default: null}
      status: {expr: status, default: active}
      "*": drop
    merge: {mode: insert, dedupe: {order_by: [at desc, id]}, unchanged: write}
    freshness: {column: at, of: target, warn_after: 1h, error_after: 2h, timezone: UTC, on_empty: warn, max_future: 5m}
    guard: {max_update: 20%, max_insert: 10, min_source_rows: 50%}
    create: never
    execute: stream
    disabled: false
    tags: [core]
    owner: "${who}"
    description: people
    classification: {email: pii}
    checks:
      - not_null: [id, email]
      - accepted_values: {column: status, values: [active, 5, null]}
      - expression: {name: fine, expr: "id > 0", severity: warn, where: "id < 9", error_if: "> 0.5%", warn_if: "> 3", stage: published, scope: table, on_fail: stop, sample: 5, tags: [t], owner: me}
  codes:
    source: c
    from: {file: "*.txt", format: csv, csv: {delimiter: ";", quote: "'", header: false, "null": '-', columns: {code: text, size: int64}}}
    key: code
  orders:
    key: [region, id]
    depends_on: contacts
    references: [{columns: [contact, region], to: contacts, fields: [id, region], on_orphan: fail}]
  files_in:
    from: {file: "*.csv", format: csv, csv: {delimiter: ";", quote: "'", header: false, "null": "-", columns: {id: int64, at: text}}}
    key: id
    columns: {id: {id: person}, "*": keep}
    merge: {mode: upsert, when_matched: newest, newest: {by: at}, columns: [at], deleted_when: "at is null"}
    max_rejects: {count: 5, ratio: 1%}
    limit: 10
    on_new_column: ignore
  files_out: {to: {file: out.ndjson, format: ndjson}, merge: {mode: replace, exclusive: true}}
  asked: {from: {query: "SELECT 1 AS id"}, key: id, merge: {mode: mirror, delete: soft, deleted_at: gone}}
  "all_*": {key: catalog, matches: 2, except: [all_tmp]}
  made:
    schema:
      columns: {id: int64, name: {type: text, nullable: false, default: x}}
      primary_key: id
      partition_by: {column: name, by: month}
      cluster_by: [name]
      indexes: [[name, id]]
)y";

struct Everything {
  PlanFolder folder;
  std::set<std::string> read;
  PlanRead got;

  explicit Everything(const std::string& profile = "") {
    folder.write("id.key", "k\n");
    folder.write("formats.yaml",
                 "formats: {sku: {regex: '[A-Z]+', description: d, examples: {valid: [A], "
                 "invalid: [a]}}}\n");
    const std::string file = folder.write("plan.yaml", kEverything);
    got = read_whole(file, {.profile = profile, .read_options = &read});
  }
  const Plan& plan() const { return *got.plan; }
  const Table& table(std::string_view name) const { return *plan().table(name); }
};

TEST(PlanReader, ReadsEveryKeyOfThisVersion) {
  const Everything all;
  EXPECT_EQ(all.got.diagnostics.render_all(), "");
  for (const NotAvailable& missing : all.plan().not_available) ADD_FAILURE() << missing.what;
}

TEST(PlanReader, ReadsThePlan) {
  const Everything all;
  const Plan& plan = all.plan();
  EXPECT_EQ(plan.name.text, "everything");
  EXPECT_EQ(plan.run.atomic, Atomic::kTable);
  EXPECT_EQ(plan.run.on_failure, OnFailure::kStop);
  EXPECT_EQ(plan.run.memory, std::uint64_t{64} << 20);
  EXPECT_EQ(plan.limits.duration_us, 3'600'000'000LL);
  EXPECT_EQ(plan.state.dir, "state");
  EXPECT_EQ(plan.snapshot.retain_us, 12 * 3'600'000'000LL);
  EXPECT_EQ(plan.vars.at("since").text, "2024-01-01");
  EXPECT_EQ(plan.connection("a")->options.find("path")->text.text, "data/a.db");
  EXPECT_EQ(plan.connection("a")->table_name, "{table}_x");
  EXPECT_EQ(plan.transforms.at("normal").params, std::vector<std::string>{"x"});
  EXPECT_EQ(plan.formats.at("sku").invalid, std::vector<std::string>{"a"});
}

TEST(PlanReader, ReadsATable) {
  const Everything all;
  const Table& table = all.table("contacts");
  EXPECT_EQ(table.from->table.text, "crm");
  EXPECT_NE(table.from->where->syntax, nullptr);
  EXPECT_EQ(table.to->text, "people");
  EXPECT_EQ(table.key.at(0).text, "id");
  EXPECT_EQ(table.star, Star::kDrop);
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_TRUE(table.columns[1].default_is_null);
  EXPECT_EQ(table.columns[2].default_value->text, "active");
  EXPECT_EQ(table.merge.mode, MergeMode::kInsert);
  EXPECT_TRUE(table.merge.dedupe.at(0).descending);
  EXPECT_EQ(table.merge.dedupe.at(0).column.text, "at");
  EXPECT_EQ(table.guard.max_delete->count, 0);
  EXPECT_DOUBLE_EQ(table.guard.max_update->ratio, 0.2);
  EXPECT_EQ(table.freshness->max_future_us, 300'000'000);
  EXPECT_EQ(table.owner, "team");
  EXPECT_EQ(table.classification.at("email"), "pii");
}

TEST(PlanReader, ReadsAFile) {
  const Everything all;
  const FileShape& file = *all.table("codes").from->file;
  EXPECT_EQ(file.path.text, "*.txt");
  EXPECT_EQ(file.format, FileFormat::kCsv);
  EXPECT_EQ(file.delimiter, ';');
  EXPECT_EQ(file.quote, '\'');
  EXPECT_FALSE(file.header);
  EXPECT_EQ(file.null_text, "-");
  ASSERT_EQ(file.columns.size(), 2U);
  EXPECT_EQ(file.columns[1].name.text, "size");
  EXPECT_EQ(file.columns[1].type, data::Type::of(data::Kind::kInt64));
  EXPECT_TRUE(file.every_attribute);
}

TEST(PlanReader, ReadsChecks) {
  const Everything all;
  const std::vector<Check>& checks = all.table("contacts").checks;
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks[0].options.find("columns")->items.at(1).text.text, "email");
  const auto& values = checks[1].options.find("values")->items;
  EXPECT_EQ(values.at(1).text.text, "5");
  EXPECT_TRUE(values.at(2).is_null);
  const Check& last = checks[2];
  EXPECT_FALSE(last.options.find("expr")->text.text.empty());
  EXPECT_EQ(last.severity, CheckSeverity::kWarn);
  EXPECT_TRUE(last.error_if->relative);
  EXPECT_DOUBLE_EQ(last.error_if->value, 0.005);
  EXPECT_EQ(last.stage, CheckStage::kPublished);
  EXPECT_EQ(last.scope, CheckScope::kTable);
  EXPECT_EQ(last.sample, 5);
}

TEST(PlanReader, ReadsTablesThatAreCreatedOnlyAndShortForms) {
  const Everything all;
  const Table& made = all.table("made");
  EXPECT_TRUE(made.create_only());
  EXPECT_EQ(made.create, Create::kIfMissing);
  EXPECT_FALSE(made.schema->columns.at(1).nullable);
  EXPECT_EQ(made.schema->partition_by, "month");
  EXPECT_EQ(made.schema->indexes.at(0).size(), 2U);
  const Table& orders = all.table("orders");
  EXPECT_EQ(orders.from->table.text, "orders");
  EXPECT_EQ(orders.depends_on.at(0).text, "contacts");
  EXPECT_EQ(orders.references.at(0).columns.size(), 2U);
}

TEST(PlanReader, LaysAProfileOverThePlan) {
  const Everything all("dev");
  EXPECT_EQ(all.got.diagnostics.render_all(), "");
  EXPECT_TRUE(all.plan().is_protected);
  EXPECT_EQ(all.plan().connection("b")->options.find("path")->text.text, "dev.db");
  EXPECT_EQ(all.table("contacts").owner, "devs");
  for (const Check& check : all.table("contacts").checks) {
    EXPECT_EQ(check.severity, CheckSeverity::kWarn);
  }
}

/// Names "object/option" of everything below a declaration that this version runs.
void collect_available(const ObjectSpec& spec, std::set<std::string>& out) {
  for (const OptionSpec& option : spec.options) {
    if (!is_available(option.available_since)) continue;
    out.insert(spec.name + "/" + option.name);
    std::vector<const OptionSpec*> open{&option};
    while (!open.empty()) {
      const OptionSpec* one = open.back();
      open.pop_back();
      if (one->object && one->object->name != "table") collect_available(*one->object, out);
      if (one->element) open.push_back(one->element.get());
      for (const OptionSpec& alternative : one->alternatives) open.push_back(&alternative);
    }
  }
}

TEST(PlanReader, LeavesNoDeclaredOptionUnread) {
  const Everything all;
  std::set<std::string> declared;
  collect_available(plan_spec(), declared);
  collect_available(table_spec(), declared);
  for (const std::string& option : declared) {
    if (option.starts_with("profile")) continue;  // read as an overlay, not by name
    EXPECT_TRUE(all.read.contains(option)) << option << " is declared and never read";
  }
}

TEST(PlanReader, TheWorkedCasesValidate) {
  for (const char* name : {"promotion", "promotion_protected", "from_archive", "property_platform",
                           "marts_release", "marts_restore", "legacy_sales"}) {
    const PlanRead got = read_whole(kPlans + name + ".yaml", {.offline = true});
    EXPECT_EQ(got.diagnostics.render_all(), "") << name;
    EXPECT_FALSE(got.plan->not_available.empty()) << name;
  }
}

TEST(PlanReader, TheFirstWorkedCaseRunsUnderItsEmbeddedProfile) {
  const PlanRead got = read_whole(kPlans + "promotion.yaml", {.profile = "embedded"});
  EXPECT_EQ(got.diagnostics.render_all(), "");
  EXPECT_EQ(got.plan->tables.size(), 8U);
  for (const NotAvailable& missing : got.plan->not_available) {
    ADD_FAILURE() << missing.what << " " << missing.span.text();
  }
}

TEST(PlanReader, SaysByNameWhatThisVersionLacks) {
  const PlanFolder folder;
  const PlanRead got = read_whole(folder.write("plan.yaml", R"(version: 1
connections: {a: {type: sqlite, path: a.db}, unused: {type: trino, url: u, user: u, catalog: c}}
defaults: {source: a, target: a}
tables:
  y: {key: id, checks: [{failed_rows: {query: q}}], incremental: {cursor: id}}
)"));
  EXPECT_EQ(got.diagnostics.render_all(), "");
  std::vector<std::string> notes;
  for (const NotAvailable& note : got.plan->not_available) {
    notes.push_back(
        fmt::format("{} {} {}:{}", note.what, note.since, note.span.line, note.span.column));
  }
  EXPECT_EQ(notes,
            (std::vector<std::string>{"checks.failed_rows 0.3 5:39", "incremental 0.3 5:66"}));
}

TEST(PlanDigest, ChangesWithMeaningOnly) {
  const PlanFolder folder;
  const auto digest = [&](const std::string& tables) {
    const PlanRead got = read_whole(folder.write(
        "plan.yaml", "version: 1\nconnections: {a: {type: sqlite, path: a.db}}\n" + tables));
    return plan_digest(*got.plan);
  };
  const std::string plain =
      digest("defaults: {source: a, target: a}\ntables: {x: {key: id, level: 1}}\n");
  EXPECT_EQ(plain.size(), 64U);
  EXPECT_EQ(plain, digest("# words\ntables:\n  x:\n    level: 1\n    key: \"id\"\n    "
                          "source: a\n    target: a\n"));
  EXPECT_NE(plain, digest("defaults: {source: a, target: a}\ntables: {x: {key: id, level: 2}}\n"));
}

}  // namespace
}  // namespace engine::plan
