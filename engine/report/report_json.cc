#include "report/report_json.h"

#include "base/clock.h"
#include "report/findings.h"
#include "report/json_object.h"
#include "report/machine_forms.h"
#include "report/snapshot_json.h"

namespace engine::report {
namespace {

using run::Books;
using run::ErrorOutcome;
using run::Outcome;
using run::TableOutcome;
using stages::CheckResult;

/// What a declaration gives, made at its first use: a report has thousands of checks.
template <auto declare>
const auto& once() {
  static const auto kMade = declare();
  return kMade;
}

const std::vector<std::string>& status_names() {
  static const std::vector<std::string> kNames = {"pass", "warn", "fail", "error", "skipped"};
  return kNames;
}

std::string stage_name(plan::CheckStage stage) {
  switch (stage) {
    case plan::CheckStage::kSource:
      return "source";
    case plan::CheckStage::kStaged:
      return "staged";
    case plan::CheckStage::kPublished:
      break;
  }
  return "published";
}

Json place_or_null(const base::Span& span) {
  if (!span.known()) return {};
  return {{"file", span.file.text()}, {"line", span.line}, {"column", span.column}};
}

Json place_type() {
  return JsonObject<base::Span>()
      .field("file", text_type(), "The plan file.",
             [](const auto& at) { return Json(at.file.text()); })
      .field("line", count_type(), "From 1.", [](const auto& at) { return Json(at.line); })
      .field("column", count_type(), "From 1, in bytes.",
             [](const auto& at) { return Json(at.column); })
      .schema();
}

JsonObject<Books> books_fields() {
  JsonObject<Books> out;
  const auto count = [&out](const char* name, const char* doc, std::int64_t Books::* member) {
    out.field(name, count_type(), doc, [member](const Books& books) { return books.*member; });
  };
  count("read", "Rows read from the source, after filters that ran there.", &Books::read);
  count("inserted", "Rows whose key was new.", &Books::inserted);
  count("updated", "Rows whose key was there with other values.", &Books::updated);
  count("same", "Rows the target held already.", &Books::same);
  count("deleted", "Rows that asked for a delete and were there.", &Books::deleted);
  count("absent", "Rows that asked for a delete and were not there.", &Books::absent);
  count("rejected", "Rows that may not pass.", &Books::rejected);
  count("filtered", "Rows the engine's own filter left out.", &Books::filtered);
  count("deduped", "Rows that lost to another row of their key.", &Books::deduped);
  count("kept", "Rows whose key was there and which may not change it.", &Books::kept);
  count("unmatched", "Rows for an update whose key was not there.", &Books::unmatched);
  count("removed",
        "Rows that only the target had, and that are gone; nothing of them was read, so they stand "
        "outside of the sum.",
        &Books::removed);
  out.field("closes", flag_type(), "read is the sum of all the others but removed.",
            [](const Books& books) { return books.close(); });
  return out;
}

JsonObject<stages::Sample> sample_fields() {
  return JsonObject<stages::Sample>()
      .field("key", text_type(), "The row's key, as name=value.",
             [](const auto& sample) { return Json(sample.key); })
      .field("value", text_type(), "The value, masked where its column is classed.",
             [](const auto& sample) { return Json(sample.value); });
}

JsonObject<CheckResult> check_fields() {
  JsonObject<CheckResult> out;
  out.field("label", text_type(), "The check and its columns.",
            [](const auto& check) { return Json(check.label); });
  out.maybe("name", text_type(), "The plan's name for it.",
            [](const auto& check) { return text_or_null(check.name); });
  out.field("kind", text_type(), "The kind of check.",
            [](const auto& check) { return Json(check.kind); });
  out.field("severity", choice_of({"error", "warn"}), "What a failure means.",
            [](const auto& check) {
              return check.severity == plan::CheckSeverity::kWarn ? "warn" : "error";
            });
  out.field("stage", choice_of({"source", "staged", "published"}), "Which rows it looked at.",
            [](const auto& check) { return stage_name(check.stage); });
  out.field(
      "scope", choice_of({"run", "table"}), "The run's rows, or the whole table.",
      [](const auto& check) { return check.scope == plan::CheckScope::kTable ? "table" : "run"; });
  out.field("status", choice_of(status_names()), "error: it could not be evaluated.",
            [](const auto& check) { return std::string(stages::status_name(check.status)); });
  out.field("looked_at", count_type(), "Rows or values looked at.",
            [](const auto& check) { return Json(check.looked_at); });
  out.field("failed", count_type(), "How many of them failed.",
            [](const auto& check) { return Json(check.failed); });
  out.maybe("detail", text_type(), "What was found, or why it could not be.",
            [](const auto& check) { return text_or_null(check.detail); });
  out.field("samples", list_of(once<sample_fields>().schema()), "Some of the failing rows.",
            [](const auto& check) { return once<sample_fields>().write_all(check.samples); });
  out.maybe("place", place_type(), "Where the plan asks for it.",
            [](const auto& check) { return place_or_null(check.span); });
  out.field("tags", list_of(text_type()), "Its tags.",
            [](const auto& check) { return Json(check.tags); });
  out.maybe("owner", text_type(), "Who to ask.",
            [](const auto& check) { return text_or_null(check.owner); });
  return out;
}

JsonObject<stages::FreshnessResult> freshness_fields() {
  using stages::FreshnessResult;
  return JsonObject<FreshnessResult>()
      .field("status", choice_of(status_names()), "Within its limits or not.",
             [](const FreshnessResult& found) {
               return std::string(stages::status_name(found.status));
             })
      .maybe("age_us", count_type(), "Newest value to now, microseconds; below 0 in the future.",
             [](const FreshnessResult& found) { return value_or_null(found.age_us); })
      .maybe("limit", text_type(), "The limit that counts.",
             [](const FreshnessResult& found) { return text_or_null(found.limit); })
      .maybe("detail", text_type(), "What else there is to say.",
             [](const FreshnessResult& found) { return text_or_null(found.detail); })
      .maybe("place", place_type(), "Where the plan asks for it.",
             [](const FreshnessResult& found) { return place_or_null(found.span); });
}

JsonObject<stages::GuardResult> guard_fields() {
  using stages::GuardResult;
  return JsonObject<GuardResult>()
      .field("guard", text_type(), "Which guard.",
             [](const GuardResult& found) { return Json(found.guard); })
      .field(
          "status", choice_of(status_names()), "Within its limit or not.",
          [](const GuardResult& found) { return std::string(stages::status_name(found.status)); })
      .field("detail", text_type(), "The share and its limit.",
             [](const GuardResult& found) { return Json(found.detail); })
      .maybe("place", place_type(), "Where the plan asks for it.",
             [](const GuardResult& found) { return place_or_null(found.span); });
}

JsonObject<run::ReferenceResult> reference_fields() {
  using run::ReferenceResult;
  return JsonObject<ReferenceResult>()
      .field("label", text_type(), "Table and columns.",
             [](const ReferenceResult& found) { return Json(found.label); })
      .field("looked_at", count_type(), "Values that are not NULL.",
             [](const ReferenceResult& found) { return Json(found.looked_at); })
      .field("resolved", count_type(), "Of these, how many have a parent.",
             [](const ReferenceResult& found) { return Json(found.resolved); })
      .field("nulled", count_type(), "Without parent; the column became NULL.",
             [](const ReferenceResult& found) { return Json(found.nulled); })
      .field("kept", count_type(), "Without parent; the value stayed.",
             [](const ReferenceResult& found) { return Json(found.kept); })
      .field("rejected", count_type(), "Without parent; the row was rejected.",
             [](const ReferenceResult& found) { return Json(found.rejected); });
}

void declare_table_identity(JsonObject<TableOutcome>& out) {
  out.field("name", text_type(), "The plan's name of the table.",
            [](const auto& table) { return Json(table.name); });
  out.maybe("source", text_type(), "Where its rows come from.",
            [](const auto& table) { return text_or_null(table.source); });
  out.field("target", text_type(), "Where they go.",
            [](const auto& table) { return Json(table.target); });
  out.field("level", count_type(), "Its place in the graph, from 1.",
            [](const auto& table) { return Json(table.level); });
  out.field("state", text_type(), "How far it came.",
            [](const auto& table) { return std::string(run::table_state_name(table.state)); });
}

void declare_table_counts(JsonObject<TableOutcome>& out) {
  out.maybe("books", once<books_fields>().schema(),
            "Rows of this run; absent where none were read.", [](const auto& table) {
              return was_read(table) ? once<books_fields>().write(table.books) : Json();
            });
  out.maybe(
      "target_before", count_type(), "Rows of the target before this run.",
      [](const auto& table) { return was_compared(table) ? Json(table.target_before) : Json(); });
  out.maybe("target_after", count_type(), "Rows of the target after it.",
            [](const auto& table) { return value_or_null(table.target_after); });
  out.field("would_create", flag_type(), "The table was missing before the run.",
            [](const auto& table) { return Json(table.would_create); });
  out.field("created", flag_type(), "This run created it.",
            [](const auto& table) { return Json(table.created); });
  out.maybe("undo_bytes", count_type(), "Size of the undo, bytes.", [](const auto& table) {
    return was_compared(table) ? Json(table.undo_bytes) : Json();
  });
  out.field("undo_estimated", flag_type(), "undo_bytes is an estimate.",
            [](const auto& table) { return Json(table.undo_estimated); });
  out.maybe("after_digest", text_type(), "Digest of the rows written, as the target holds them.",
            [](const auto& table) { return text_or_null(table.after_digest); });
  out.field("seconds", number_type(), "Time spent on it.",
            [](const auto& table) { return Json(table.seconds); });
  out.field("execute", text_type(), "How it ran.",
            [](const auto& table) { return Json(table.execute); });
  out.maybe("load", text_type(), "compare, or live into an empty target.",
            [](const auto& table) { return text_or_null(table.load); });
}

JsonObject<run::RejectsResult> rejects_fields() {
  using run::RejectsResult;
  return JsonObject<RejectsResult>()
      .field("rows", count_type(), "Rows that may not pass.",
             [](const RejectsResult& found) { return Json(found.rows); })
      .field("rows_read", count_type(), "Of so many rows read.",
             [](const RejectsResult& found) { return Json(found.rows_read); })
      .field("limit", text_type(), "What the plan allows.",
             [](const RejectsResult& found) { return Json(found.limit); })
      .field("within", flag_type(), "No more than that; else nothing is published.",
             [](const RejectsResult& found) { return Json(found.within); })
      .maybe("file", text_type(), "Rows and reasons, beneath the run's folder.",
             [](const RejectsResult& found) { return text_or_null(found.file); })
      .field("lines", count_type(), "Reasons in that file; a row may have several.",
             [](const RejectsResult& found) { return Json(found.lines); })
      .field("cut", flag_type(), "The file holds only the first of them.",
             [](const RejectsResult& found) { return Json(found.cut); })
      .field("shown", list_of(text_type()), "The first few of them.",
             [](const RejectsResult& found) { return Json(found.shown); });
}

void declare_table_findings(JsonObject<TableOutcome>& out) {
  out.field("checks", list_of(once<check_fields>().schema()), "What the checks found.",
            [](const auto& table) { return once<check_fields>().write_all(table.checks); });
  out.maybe("freshness", once<freshness_fields>().schema(), "How old the newest row is.",
            [](const auto& table) {
              return table.freshness ? once<freshness_fields>().write(*table.freshness) : Json();
            });
  out.field("guards", list_of(once<guard_fields>().schema()), "Limits on how much may change.",
            [](const auto& table) { return once<guard_fields>().write_all(table.guards); });
  out.field("references", list_of(once<reference_fields>().schema()), "Parents looked up.",
            [](const auto& table) { return once<reference_fields>().write_all(table.references); });
  out.maybe("rejects", once<rejects_fields>().schema(), "Rows left out; absent where none were.",
            [](const auto& table) {
              return table.rejects ? once<rejects_fields>().write(*table.rejects) : Json();
            });
  out.maybe("conflict_count", count_type(), "Of a restore: rows that others changed, left alone.",
            [](const auto& table) {
              return table.conflict_count == 0 ? Json() : Json(table.conflict_count);
            });
  out.maybe(
      "conflicts", list_of(text_type()), "Their keys, the first hundred.",
      [](const auto& table) { return table.conflicts.empty() ? Json() : Json(table.conflicts); });
  out.maybe("read_back", count_type(), "Of a restore: rows read back as they were kept.",
            [](const auto& table) { return value_or_null(table.read_back); });
  out.field("errors", list_of(text_type()), "What stood in the way.",
            [](const auto& table) { return Json(table.errors); });
  out.field("notes", list_of(text_type()), "What is good to know.",
            [](const auto& table) { return Json(table.notes); });
}

JsonObject<TableOutcome> table_fields() {
  JsonObject<TableOutcome> out;
  declare_table_identity(out);
  declare_table_counts(out);
  declare_table_findings(out);
  return out;
}

JsonObject<ErrorOutcome> error_fields() {
  return JsonObject<ErrorOutcome>()
      .field("code", text_type(), "See: engine explain CODE.",
             [](const auto& error) { return Json(error.code); })
      .field("fault", text_type(), "Whose fault it is; decides the exit code.",
             [](const auto& error) { return Json(error.fault); })
      .field("message", text_type(), "What happened.",
             [](const auto& error) { return Json(error.message); })
      .maybe("help", text_type(), "What to do next.",
             [](const auto& error) { return text_or_null(error.help); })
      .field("context", list_of(text_type()), "Where, innermost first.",
             [](const auto& error) { return Json(error.context); });
}

Json schema_version_type() {
  return {{"type", "integer"}, {"enum", Json::array({1})}};
}

void declare_plan(JsonObject<Outcome>& out) {
  out.field("schema_version", schema_version_type(), "Of this document.",
            [](const auto&) { return 1; });
  out.field("engine_version", text_type(), "Of the engine that wrote it.",
            [](const auto& run) { return Json(run.engine_version); });
  out.field("command", text_type(), "run, plan, check, rollback, snapshots or restore.",
            [](const auto& run) { return Json(run.command); });
  out.field("run_id", text_type(), "The run.", [](const auto& run) { return Json(run.run_id); });
  out.field("plan_name", text_type(), "The plan's name.",
            [](const auto& run) { return Json(run.plan_name); });
  out.field("plan_file", text_type(), "As given on the command line.",
            [](const auto& run) { return Json(run.plan_file); });
  out.field("plan_sha256", text_type(), "Digest of the compiled plan.",
            [](const auto& run) { return Json(run.plan_sha256); });
  out.maybe("profile", text_type(), "The profile, where one was chosen.",
            [](const auto& run) { return text_or_null(run.profile); });
  out.field("protected", flag_type(), "The profile is protected.",
            [](const auto& run) { return Json(run.is_protected); });
  out.field("source", text_type(), "Where rows come from, for people.",
            [](const auto& run) { return Json(run.source_text); });
  out.field("target", text_type(), "Where they go, for people.",
            [](const auto& run) { return Json(run.target_text); });
}

void declare_effect(JsonObject<Outcome>& out) {
  out.field("applied", flag_type(), "Something was published, and stands.",
            [](const auto& run) { return Json(run.applied); });
  out.field("dry_run", flag_type(), "Nothing could be written.",
            [](const auto& run) { return Json(run.dry_run); });
  out.field("partial", flag_type(), "Only some rows of tables; nothing was deleted.",
            [](const auto& run) { return Json(run.partial); });
  out.maybe("chosen", text_type(), "What the run was asked for; absent: everything.",
            [](const auto& run) { return text_or_null(run.chosen); });
  out.field("decided_by", text_type(), "Where the decision to apply or not came from.",
            [](const auto& run) { return Json(run.decided_by); });
  out.field("started_at", text_type(), "UTC.",
            [](const auto& run) { return base::iso_utc(run.started_us); });
  out.field("ended_at", text_type(), "UTC.",
            [](const auto& run) { return base::iso_utc(run.ended_us); });
  out.field("seconds", number_type(), "From start to end.",
            [](const auto& run) { return Json(seconds_of(run)); });
  out.maybe("last_run_seconds", number_type(), "How long the last applied run took.",
            [](const auto& run) { return value_or_null(run.last_run_seconds); });
  out.field("exit_code", count_type(), "Of the process.",
            [](const auto& run) { return Json(run.exit_code); });
  out.field("verdict", text_type(), "The outcome in a sentence.",
            [](const auto& run) { return Json(run.verdict); });
  out.maybe("phase", text_type(), "The last phase that was asked for; absent: all.",
            [](const auto& run) { return text_or_null(run.phase); });
  out.field("resumed", flag_type(), "An earlier process began the run.",
            [](const auto& run) { return Json(run.resumed); });
  out.maybe("resume", text_type(), "The command that goes on with the run.",
            [](const auto& run) { return text_or_null(run.resume); });
  out.maybe("consistency", text_type(), "What the reads saw.",
            [](const auto& run) { return text_or_null(run.consistency); });
  out.maybe("on_failure", text_type(), "rollback or stop.",
            [](const auto& run) { return text_or_null(run.on_failure); });
  out.field("rolled_back", flag_type(), "What was published has been undone.",
            [](const auto& run) { return Json(run.rolled_back); });
}

const JsonObject<Outcome>& outcome_fields() {
  static const JsonObject<Outcome> kFields = [] {
    JsonObject<Outcome> out;
    declare_plan(out);
    declare_effect(out);
    out.maybe("notes", list_of(text_type()), "What patterns of tables took.",
              [](const auto& run) { return run.notes.empty() ? Json() : Json(run.notes); });
    out.maybe("snapshot", once<snapshot_fields>().schema(), "Whole copies taken before a change.",
              [](const auto& run) {
                return run.snapshot ? once<snapshot_fields>().write(*run.snapshot) : Json();
              });
    out.field("not_proven", list_of(text_type()), "What a dry run leaves open.",
              [](const auto& run) { return Json(run.not_proven); });
    out.field("tables", list_of(once<table_fields>().schema()), "In plan order.",
              [](const auto& run) { return once<table_fields>().write_all(run.tables); });
    out.field("errors", list_of(once<error_fields>().schema()), "What ended the run.",
              [](const auto& run) { return once<error_fields>().write_all(run.errors); });
    out.field("run_folder", text_type(), "Where the run's files are.",
              [](const auto& run) { return Json(run.run_folder); });
    out.maybe("peak_memory_bytes", count_type(), "Of the process; absent where not known.",
              [](const auto& run) {
                return run.peak_memory_bytes == 0 ? Json() : Json(run.peak_memory_bytes);
              });
    return out;
  }();
  return kFields;
}

JsonObject<TableOutcome> table_change_fields() {
  JsonObject<TableOutcome> out;
  const auto count = [&out](const char* name, const char* doc, std::int64_t Books::* member) {
    out.field(name, count_type(), doc,
              [member](const TableOutcome& table) { return table.books.*member; });
  };
  out.field("name", text_type(), "The plan's name of the table.",
            [](const auto& table) { return Json(table.name); });
  out.field("target", text_type(), "What is changed.",
            [](const auto& table) { return Json(table.target); });
  count("read", "Rows read.", &Books::read);
  count("insert", "Rows to insert.", &Books::inserted);
  count("update", "Rows to update.", &Books::updated);
  out.field("delete", count_type(), "Rows to delete, or to mark as deleted.",
            [](const TableOutcome& table) { return table.books.gone(); });
  count("same", "Rows that are there already.", &Books::same);
  count("reject", "Rows that may not pass.", &Books::rejected);
  out.field("create", flag_type(), "The table is missing and is created.",
            [](const auto& table) { return Json(table.would_create || table.created); });
  out.field("undo_bytes", count_type(), "Size of the undo, bytes.",
            [](const auto& table) { return Json(table.undo_bytes); });
  out.field("undo_estimated", flag_type(), "undo_bytes is an estimate.",
            [](const auto& table) { return Json(table.undo_estimated); });
  return out;
}

/// Tables that were not compared change nothing, and have no entry: absent is not 0.
std::vector<TableOutcome> changed_tables(const Outcome& outcome) {
  std::vector<TableOutcome> out;
  for (const auto& table : outcome.tables) {
    const bool created_only = table.would_create || table.created;
    if (was_compared(table) || created_only) out.push_back(table);
  }
  return out;
}

const JsonObject<Outcome>& change_fields() {
  static const JsonObject<Outcome> kFields = [] {
    JsonObject<Outcome> out;
    declare_plan(out);
    out.field("applied", flag_type(), "It was made, and stands.",
              [](const auto& run) { return Json(run.applied); });
    out.field("compared_at", text_type(), "UTC.",
              [](const auto& run) { return base::iso_utc(run.started_us); });
    out.field("exit_code", count_type(), "0 when nothing stands in the way.",
              [](const auto& run) { return Json(run.exit_code); });
    out.field("verdict", text_type(), "The outcome in a sentence.",
              [](const auto& run) { return Json(run.verdict); });
    out.field("tables", list_of(once<table_change_fields>().schema()),
              "In plan order; tables that could not be compared are absent.", [](const auto& run) {
                return once<table_change_fields>().write_all(changed_tables(run));
              });
    return out;
  }();
  return kFields;
}

}  // namespace

std::string report_json(const Outcome& outcome) {
  return json_text(outcome_fields().write(outcome), 2) + "\n";
}

std::string report_ndjson(const Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    for (const auto& check : table.checks) {
      Json line = {{"table", table.name}};
      line.update(once<check_fields>().write(check));
      out += json_text(line, -1) + "\n";
    }
  }
  const Json end = {
      {"run_id", outcome.run_id}, {"exit_code", outcome.exit_code}, {"verdict", outcome.verdict}};
  return out + json_text(end, -1) + "\n";
}

std::string report_schema_json() {
  return schema_document("Report of a run", outcome_fields().schema());
}

std::string change_json(const Outcome& outcome) {
  return json_text(change_fields().write(outcome), 2) + "\n";
}

std::string change_schema_json() {
  return schema_document("Change of a plan", change_fields().schema());
}

}  // namespace engine::report
