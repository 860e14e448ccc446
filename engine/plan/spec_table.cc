#include "plan/spec_table.h"

#include "plan/declare.h"
#include "plan/reader.h"

namespace engine::plan {

namespace {

using Shared = std::shared_ptr<const ObjectSpec>;

Shared share(ObjectSpec spec) {
  return std::make_shared<const ObjectSpec>(std::move(spec));
}

OptionSpec duration_option(std::string name, std::string doc) {
  return Declare(std::move(name), OptionKind::kDuration, std::move(doc)).example("6h");
}

Shared request_spec() {
  const auto later = [](Declare option) { return OptionSpec(option.since("0.5")); };
  const Declare value = text_option("value", "A value.");
  return share(
      {.name = "request",
       .doc = "An HTTP request that answers JSON.",
       .options =
           {later(text_option("url", "The address, beneath the connection's base_url.").required()),
            later(Declare("method", OptionKind::kChoice, "The HTTP method.")
                      .choices({{"GET", "0.5"}, {"POST", "0.5"}})
                      .standard("GET")),
            later(Declare("headers", OptionKind::kMap, "Headers of the request.").element(value)),
            later(Declare("params", OptionKind::kMap, "Query parameters.").element(value)),
            later(text_option("records", "The JSON path to the list of records.")),
            later(Declare("paginate", OptionKind::kMap, "How the next page is asked for.")
                      .element(value))},
       .positional = "url"});
}

Shared incremental_spec() {
  const auto later = [](Declare option) { return OptionSpec(option.since("0.3")); };
  return share(
      {.name = "incremental",
       .doc = "Only rows that are new since the last run are read.",
       .options = {later(text_option("cursor", "The source column that grows.").required()),
                   later(Declare("lag", OptionKind::kDuration, "Read again this far back.")),
                   later(Declare("nulls", OptionKind::kChoice, "Rows whose cursor is NULL.")
                             .choices({{"include", "0.3"}, {"exclude", "0.3"}, {"fail", "0.3"}})),
                   later(Declare("max_future", OptionKind::kDuration,
                                 "Rows further ahead do not move the watermark.")),
                   later(text_option("start", "beginning, target, or a value of the cursor.")
                             .standard("beginning"))},
       .positional = "cursor"});
}

Shared expected_spec() {
  const auto later = [](Declare option) { return OptionSpec(option.since("0.3")); };
  return share(
      {.name = "expected",
       .doc = "When new rows are due.",
       .options = {later(text_option("cron", "Five fields of a cron line.").required()),
                   later(text_option("timezone", "The zone of the cron line.").standard("UTC")),
                   later(Declare("grace", OptionKind::kDuration, "Lateness allowed.")),
                   later(names_option("except", "Dates that are left out."))},
       .positional = "cron"});
}

Shared guard_spec() {
  return share({.name = "guard",
                .doc = "Caps on what one run may change: a count, or a share of the target before.",
                .options = {cap_option("max_delete", "The most rows deleted."),
                            cap_option("max_update", "The most rows updated."),
                            cap_option("max_insert", "The most rows inserted."),
                            cap_option("min_source_rows",
                                       "The fewest rows read; a share is of the last run's.")},
                .positional = ""});
}

Shared rejects_spec() {
  return share({.name = "max_rejects",
                .doc = "How many rows may be rejected before the run stops.",
                .options = {Declare("count", OptionKind::kInt, "Rows.").at_least(0).since("0.2"),
                            Declare("ratio", OptionKind::kRatio, "Share of the rows read.")
                                .range(0, 1)
                                .since("0.2")},
                .positional = "count"});
}

Shared defined_column_spec() {
  return share(
      {.name = "defined column",
       .doc = "A column of a table definition.",
       .options =
           {Declare("type", OptionKind::kTypeName, "Its type.").required().example("decimal(12,2)"),
            bool_option("nullable", "Whether NULL may stand in it.").standard("true"),
            Declare("default", OptionKind::kScalar, "The value when none is given.")
                .example("active")},
       .positional = "type"});
}

Shared partition_spec() {
  return share(
      {.name = "partition_by",
       .doc = "How a target that can divides the table.",
       .options = {text_option("column", "The column.").required(),
                   Declare("by", OptionKind::kChoice, "The unit of time.")
                       .choices(
                           {{"hour", "0.1"}, {"day", "0.1"}, {"month", "0.1"}, {"year", "0.1"}})
                       .standard("day")},
       .positional = "column"});
}

std::vector<OptionSpec> route_options() {
  const OptionSpec reference =
      Declare("reference", OptionKind::kObject, "One reference.").object(reference_spec());
  return {
      Declare(
          "from", OptionKind::kObject,
          "Where rows come from: a table, a query, a file or a request. Without it, the table's "
          "own name.")
          .object(from_spec())
          .example("{table: crm_contacts, where: \"created >= :since\"}"),
      Declare("to", OptionKind::kObject, "The target table. Without it, the table's name here.")
          .object(target_file_spec())
          .example("contacts"),
      text_option("source", "The connection that is read.").example("staging"),
      text_option("target", "The connection that is written.").example("prod"),
      names_option(
          "key",
          "Columns that identify a row, in the target's names; or `catalog`, the primary "
          "key declared at the source. NULL or a duplicate is an error unless `dedupe` says "
          "which row wins.")
          .example("[id]"),
      Declare(
          "references", OptionKind::kAny,
          "A map from a child column to its parent, or a list for keys of several columns. Each "
          "is checked, and orders the tables.")
          .either({Declare("references", OptionKind::kMap, "By child column.").element(reference),
                   Declare("references", OptionKind::kList, "With `columns`.").element(reference)})
          .example("{addressId: properties}"),
      names_option("depends_on", "Tables that must be done before this one.").example("[contacts]"),
      Declare("level", OptionKind::kInt,
              "An assertion of order: every reference leads to a lower level.")
          .at_least(0)
          .example("2"),
  };
}

std::vector<OptionSpec> content_options() {
  const OptionSpec rule =
      Declare("column", OptionKind::kObject, "An expression over source columns, or a rule.")
          .object(column_rule_spec());
  return {
      Declare("columns", OptionKind::kMap,
              "Per target column an expression over source columns. `\"*\"`: keep (the rest as it "
              "is, the default) or drop.")
          .element(rule)
          .example("{email: lower(trim(email)), \"*\": keep}"),
      Declare("merge", OptionKind::kObject, "How rows meet the rows of the target.")
          .object(merge_spec())
          .example("{mode: upsert}"),
      Declare("incremental", OptionKind::kObject, "Only what is new since the last run.")
          .object(incremental_spec())
          .since("0.3")
          .example("{cursor: updated_at, lag: 10m}"),
      Declare("freshness", OptionKind::kObject, "How old the newest row may be.")
          .object(freshness_spec())
          .example("{column: updated_at, error_after: 48h}"),
      Declare("guard", OptionKind::kObject, "Caps on what one run may change.")
          .object(guard_spec())
          .example("{max_delete: 0, max_update: 20%}"),
      Declare("schema", OptionKind::kAny, "A table definition, inline or a file.")
          .either({text_option("schema", "The path of a definition.").path(),
                   Declare("schema", OptionKind::kObject, "The definition.")
                       .object(table_definition_spec())})
          .example("../schemas/tables/sensor_telemetry.yaml"),
      Declare(
          "create", OptionKind::kChoice,
          "Whether the target's table is created when it is missing. `if_missing` is the default "
          "where `schema` is given, `never` elsewhere.")
          .choices({{"if_missing", "0.1"}, {"never", "0.1"}, {"evolve", "0.3"}})
          .example("if_missing"),
      Declare("checks", OptionKind::kList, "What must hold, one key an item.")
          .element(Declare("check", OptionKind::kObject, "One check.").object(check_item_spec()))
          .example("[{not_null: [id]}]"),
  };
}

std::vector<OptionSpec> later_options() {
  return {
      Declare("on_new_column", OptionKind::kChoice,
              "A source column under `\"*\": keep` that was not there when the plan was last "
              "applied. `error` is the default under a protected profile, `add` elsewhere.")
          .choices({{"ignore", "0.2"}, {"error", "0.2"}, {"add", "0.2"}})
          .since("0.2"),
      Declare("nulls", OptionKind::kChoice, "How NULL is written to a document store.")
          .choices({{"keep", "0.5"}, {"omit", "0.5"}, {"write", "0.5"}})
          .since("0.5"),
      Declare("max_rejects", OptionKind::kObject, "How many rows may be rejected.")
          .object(rejects_spec())
          .standard("0")
          .since("0.2"),
      Declare("limit", OptionKind::kInt, "The most rows read; makes a run partial.")
          .at_least(1)
          .since("0.2"),
      Declare("matches", OptionKind::kInt, "How many tables a pattern must match.")
          .at_least(0)
          .since("0.2")
          .example("9"),
      names_option("except", "Tables that a pattern leaves out; patterns too.")
          .since("0.2")
          .example("[BackOfficeTmp]"),
  };
}

Shared retry_spec() {
  return share(
      {.name = "retry",
       .doc = "How failures that may pass are tried again.",
       .options =
           {Declare("attempts", OptionKind::kInt, "Tries, counting the first.")
                .range(1, 100)
                .standard("5"),
            Declare("backoff", OptionKind::kDuration, "The first pause; each next doubles.")
                .standard("1s"),
            Declare("max_backoff", OptionKind::kDuration, "The longest pause.").standard("1m")},
       .positional = "attempts"});
}

std::vector<OptionSpec> conduct_options() {
  return {
      Declare("batch_rows", OptionKind::kInt, "Rows of one write request, capped by the target.")
          .range(1, 10'000'000)
          .example("10000")
          .since("0.5"),
      Declare("batch_delay", OptionKind::kDuration, "A pause between two write requests.")
          .standard("0s")
          .since("0.5"),
      Declare("retry", OptionKind::kObject, "How failures that may pass are tried again.")
          .object(retry_spec())
          .example("{attempts: 5, backoff: 1s, max_backoff: 1m}")
          .since("0.4"),
      Declare("execute", OptionKind::kChoice, "Whether the engine or the database moves the rows.")
          .choices({{"auto", "0.1"}, {"stream", "0.1"}, {"pushdown", "0.6"}})
          .standard("auto"),
      bool_option("disabled", "Leaves the table out.").standard("false"),
      names_option("tags", "Words to choose tables and checks by.").example("[core]"),
      text_option("owner", "Who answers for the table.").example("data-team"),
      text_option("description", "What the table is for."),
      Declare("classification", OptionKind::kMap,
              "What a column holds; samples and rejects of `pii` columns are masked.")
          .element(text_option("class", "pii, or a word of your own."))
          .example("{email: pii}"),
  };
}

void append(std::vector<OptionSpec>& out, std::vector<OptionSpec> more) {
  for (OptionSpec& option : more) out.push_back(std::move(option));
}

}  // namespace

OptionSpec cap_option(std::string name, std::string doc, std::string since) {
  Declare out(std::move(name), OptionKind::kAny, std::move(doc));
  out.either({Declare("count", OptionKind::kInt, "Rows.").at_least(0),
              Declare("share", OptionKind::kRatio, "A share.").range(0, 1)});
  return out.since(std::move(since)).example("20%");
}

Shared from_spec() {
  static const Shared spec =
      share({.name = "from",
             .doc = "Where the rows of a table come from.",
             .options =
                 {text_option("table", "A table of the source.").example("crm_contacts"),
                  Declare("where", OptionKind::kExpression, "Which rows, in source columns.")
                      .example("created >= :since"),
                  text_option("query", "Read-only SQL in the source's dialect.").since("0.2"),
                  text_option("file", "A path or glob beneath the connection's root.").since("0.2"),
                  file_format_option(),
                  Declare("csv", OptionKind::kObject, "How a CSV is written.")
                      .object(csv_spec())
                      .since("0.2"),
                  Declare("request", OptionKind::kObject, "An HTTP request that answers JSON.")
                      .object(request_spec())
                      .since("0.5")},
             .positional = "table"});
  return spec;
}

Shared reference_spec() {
  static const Shared spec = share(
      {.name = "reference",
       .doc = "A reference from this table to a parent.",
       .options =
           {text_option("to", "The parent, by its name in the plan.")
                .required()
                .example("contacts"),
            names_option("fields", "The parent's columns; without it, its key."),
            names_option("columns", "The child's columns, in the list form."),
            text_option("via", "The id map that gives the parent its new ids.").since("0.2"),
            text_option("into", "The child's column that takes the one new id.").since("0.2"),
            Declare("on_orphan", OptionKind::kChoice, "What to do with a row without parent.")
                .choices({{"fail", "0.1"}, {"null", "0.2"}, {"keep", "0.2"}, {"reject", "0.2"}})
                .standard("fail"),
            cap_option("max_orphans", "The most orphans before the run stops.", "0.2")},
       .positional = "to"});
  return spec;
}

Shared column_rule_spec() {
  static const Shared spec = share(
      {.name = "column",
       .doc = "What fills one target column.",
       .options =
           {Declare("expr", OptionKind::kExpression, "An expression over source columns.")
                .example("lower(trim(email))"),
            Declare("default", OptionKind::kScalar, "The value in place of NULL.")
                .example("active"),
            Declare("type", OptionKind::kTypeName, "The type of the value.")
                .example("decimal(12,2)"),
            text_option("format", "How a text is read as a time.").example("%Y-%m-%d %H:%M:%S"),
            text_option("zone", "The zone of local times.").example("America/New_York"),
            Declare("dst", OptionKind::kChoice,
                    "Local times that a change of the clock skips or repeats; without it they "
                    "are errors.")
                .choices({{"earlier", "0.1"}, {"later", "0.1"}}),
            text_option("id", "The id map that makes the value.").since("0.2")},
       .positional = "expr"});
  return spec;
}

Shared freshness_spec() {
  static const Shared spec = share(
      {.name = "freshness",
       .doc = "How old the newest row may be.",
       .options =
           {text_option("column", "The column with the time of each row.").example("updated_at"),
            text_option("query", "Read-only SQL that gives the newest time.").since("0.2"),
            Declare("of", OptionKind::kChoice, "Which side is looked at.")
                .choices({{"source", "0.1"}, {"target", "0.1"}})
                .standard("source"),
            duration_option("warn_after", "An age that warns."),
            duration_option("error_after", "An age that stops the run."),
            text_option("timezone", "The zone of times without one.").standard("UTC"),
            Declare("on_empty", OptionKind::kChoice, "What a table without rows means.")
                .choices({{"fail", "0.1"}, {"warn", "0.1"}, {"pass", "0.1"}})
                .standard("fail"),
            duration_option("max_future", "How far ahead of the clock a row may be."),
            Declare("expected", OptionKind::kObject, "When new rows are due.")
                .object(expected_spec())
                .since("0.3")},
       .positional = ""});
  return spec;
}

Shared table_definition_spec() {
  static const Shared spec = share(
      {.name = "table definition",
       .doc = "The columns, key and layout of a table.",
       .options =
           {Declare("columns", OptionKind::kMap, "The type of each column, or more of it.")
                .element(Declare("column", OptionKind::kObject, "One column.")
                             .object(defined_column_spec()))
                .required()
                .example("{id: int64, name: {type: text, nullable: false}}"),
            names_option("primary_key", "Columns of the primary key.").example("[id]"),
            Declare("partition_by", OptionKind::kObject, "How the table is divided.")
                .object(partition_spec())
                .example("{column: recorded_at, by: day}"),
            names_option("cluster_by", "Columns that rows lie together by.").example("[sensor_id]"),
            Declare("indexes", OptionKind::kList, "Indexes, each a list of columns.")
                .element(names_option("index", "Columns of one index."))
                .example("[[email], [city, street]]")},
       .positional = ""});
  return spec;
}

Shared table_spec_shared() {
  static const Shared spec = [] {
    ObjectSpec table{
        .name = "table", .doc = "One table of the plan.", .options = {}, .positional = ""};
    append(table.options, route_options());
    append(table.options, content_options());
    append(table.options, conduct_options());
    append(table.options, later_options());
    return share(std::move(table));
  }();
  return spec;
}

const ObjectSpec& table_spec() {
  return *table_spec_shared();
}

}  // namespace engine::plan
