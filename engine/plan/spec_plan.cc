#include "plan/declare.h"
#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

using Shared = std::shared_ptr<const ObjectSpec>;

Shared share(ObjectSpec spec) {
  return std::make_shared<const ObjectSpec>(std::move(spec));
}

Declare later(Declare option, const char* version) {
  return option.since(version);
}

Shared connection_spec() {
  return share(
      {.name = kConnectionSpec,
       .doc = "A database, service or folder. Other keys depend on `type`.",
       .options = {text_option("type", "The kind of connection.").required().example("sqlite"),
                   text_option("table_name",
                               "Maps the plan's names to physical ones; holds `{table}`.")
                       .example("{table}-dev")},
       .positional = ""});
}

Declare vars_option() {
  return Declare("vars", OptionKind::kMap,
                 "Names with values, used as ${name} in options and :name in expressions.")
      .element(Declare("value", OptionKind::kScalar, "A value."))
      .example("{since: \"2024-01-01\"}");
}

Declare connections_option() {
  return Declare("connections", OptionKind::kMap, "What the plan reads and writes.")
      .element(
          Declare("connection", OptionKind::kObject, "One connection.").object(connection_spec()))
      .example("{staging: {type: sqlite, path: data/staging.db}}");
}

Shared rollout_spec() {
  return share({.name = "rollout",
                .doc = "In which steps a run is published.",
                .options = {Declare("strategy", OptionKind::kChoice, "The way.")
                                .choices({{"big_bang", "0.1"},
                                          {"phased", "0.3"},
                                          {"canary", "0.3"},
                                          {"blue_green", "0.3"}})
                                .standard("big_bang"),
                            Declare("groups", OptionKind::kList, "Tables of each phase, in order.")
                                .element(names_option("group", "Tables of one phase."))
                                .since("0.3"),
                            Declare("share", OptionKind::kRatio, "The share of rows of a canary.")
                                .range(0, 1)
                                .since("0.3"),
                            Declare("soak", OptionKind::kDuration, "How long a canary is watched.")
                                .since("0.3")},
                .positional = "strategy"});
}

Declare run_option() {
  return Declare("run", OptionKind::kObject, "How a run works.")
      .object(share(
          {.name = "run",
           .doc = "How a run works.",
           .options = {Declare("atomic", OptionKind::kChoice,
                               "How much one publish covers where the target has transactions.")
                           .choices({{"plan", "0.1"}, {"table", "0.1"}})
                           .standard("plan"),
                       Declare(
                           "on_failure", OptionKind::kChoice,
                           "rollback: undo what this run published, in reverse; stop: leave it.")
                           .choices({{"rollback", "0.1"}, {"stop", "0.1"}})
                           .standard("rollback"),
                       Declare("workers", OptionKind::kInt, "Threads.").range(1, 256).standard("4"),
                       Declare("memory", OptionKind::kSize,
                               "The ceiling of the whole process, held by spilling.")
                           .at_least(32 << 20)
                           .standard("512MiB"),
                       Declare("rollout", OptionKind::kObject, "In which steps rows are published.")
                           .object(rollout_spec())
                           .example("{strategy: big_bang}")},
           .positional = ""}))
      .example("{atomic: plan, on_failure: rollback}");
}

Declare limits_option() {
  return Declare("limits", OptionKind::kObject, "Each stops the run before, or cancels it.")
      .object(share(
          {.name = "limits",
           .doc = "What a run may use.",
           .options =
               {Declare("duration", OptionKind::kDuration, "Of the whole run.").example("60m"),
                Declare("query", OptionKind::kDuration, "Of one statement.")
                    .example("30s")
                    .since("0.4"),
                Declare("bytes_billed", OptionKind::kSize, "Of a service that bills by bytes.")
                    .since("0.6"),
                Declare("undo", OptionKind::kSize, "Of the rows kept for the way back.")
                    .example("2GiB")},
           .positional = ""}))
      .example("{duration: 60m}");
}

Declare state_option() {
  const Shared ledger = share({.name = "ledger",
                               .doc = "Where the engine's own tables lie in a target.",
                               .options = {text_option("schema", "The schema.").since("0.4")},
                               .positional = "schema"});
  return Declare("state", OptionKind::kObject, "Where the journal and artifacts of runs lie.")
      .object(share({.name = "state",
                     .doc = "Run journal and artifacts.",
                     .options = {text_option("dir", "The folder.").path().standard(".engine"),
                                 Declare("retain", OptionKind::kDuration, "How long runs are kept.")
                                     .standard("30d")
                                     .since("0.3"),
                                 Declare("ledger", OptionKind::kObject, "The engine's own tables.")
                                     .object(ledger)
                                     .since("0.4")},
                     .positional = "dir"}))
      .example("{dir: .engine, retain: 30d}");
}

Declare snapshot_option() {
  return Declare("snapshot", OptionKind::kObject, "What is kept for the way back.")
      .object(share(
          {.name = "snapshot",
           .doc = "What is kept for the way back.",
           .options =
               {Declare("mode", OptionKind::kChoice,
                        "auto: the cheapest that can restore, which is before images of what a run "
                        "changes; full: those, and a whole copy of each table, or file, before the "
                        "run.")
                    .choices({{"auto", "0.1"}, {"full", "0.2"}, {"none", "0.3"}})
                    .standard("auto"),
                Declare("of", OptionKind::kChoice, "The tables of which side `full` copies.")
                    .choices({{"target", "0.1"}, {"both", "0.2"}})
                    .standard("target"),
                Declare("retain", OptionKind::kDuration,
                        "How long copies and before images are kept.")
                    .at_least(1)
                    .standard("24h"),
                Declare("keep", OptionKind::kInt,
                        "So many of the newest whole copies stay, whatever their age.")
                    .at_least(1)
                    .standard("1")
                    .since("0.2")},
           .positional = "mode"}))
      .example("{mode: auto, retain: 24h}");
}

Declare ids_option() {
  const Shared id =
      share({.name = "id",
             .doc = "A deterministic map from source keys to new ids.",
             .options = {names_option("from", "Source columns.").required(),
                         Declare("method", OptionKind::kChoice, "How an id is made.")
                             .choices({{"sha256", "0.2"},
                                       {"hmac_sha256", "0.2"},
                                       {"keep", "0.2"},
                                       {"sequence", "0.3"}})
                             .standard("sha256"),
                         text_option("namespace", "Keeps ids of two targets apart."),
                         text_option("key", "The secret of hmac_sha256.").secret(),
                         text_option("format",
                                     "uuid (default), hex16 to hex64, int63, or a form such as "
                                     "{hex8}-{hex8}.")},
             .positional = "from"});
  return Declare("ids", OptionKind::kMap, "Id maps; one may serve many tables.")
      .element(Declare("id", OptionKind::kObject, "One id map.").object(id))
      .since("0.2")
      .example("{contact: {from: [id], method: sha256, format: uuid}}");
}

Shared channel_spec() {
  return share(
      {.name = "channel",
       .doc = "Where alerts go.",
       .options = {later(text_option("webhook", "The address; empty sends nothing."), "0.7"),
                   later(Declare("shape", OptionKind::kChoice, "The shape of the message.")
                             .choices({{"generic", "0.7"}, {"slack", "0.7"}})
                             .standard("generic"),
                         "0.7")},
       .positional = "webhook"});
}

Shared alert_spec() {
  return share({.name = "alert",
                .doc = "When somebody is told.",
                .options = {later(text_option("when",
                                              "failed, rolled_back, stale, or a rule such as "
                                              "lag > 2h, duration > 1h, rejected > 10."),
                                  "0.7")
                                .required(),
                            later(Declare("severity", OptionKind::kChoice, "How bad it is.")
                                      .choices({{"critical", "0.7"}, {"warning", "0.7"}})
                                      .standard("warning"),
                                  "0.7"),
                            later(text_option("to", "A channel."), "0.7").required()},
                .positional = ""});
}

Shared metric_spec() {
  const Shared cloudwatch =
      share({.name = "cloudwatch",
             .doc = "Embedded-metric lines.",
             .options = {later(text_option("namespace", "The namespace.").required(), "0.7")},
             .positional = "namespace"});
  return share(
      {.name = "metric",
       .doc = "Where figures of a run go.",
       .options = {later(text_option("prometheus", "A text file.").path(), "0.7"),
                   later(Declare("cloudwatch", OptionKind::kObject, "Embedded-metric lines.")
                             .object(cloudwatch),
                         "0.7")},
       .positional = ""});
}

Declare observe_option() {
  return Declare("observe", OptionKind::kObject, "Who is told what about runs.")
      .object(share(
          {.name = "observe",
           .doc = "Who is told what about runs.",
           .options =
               {later(Declare("metrics", OptionKind::kList, "Where figures go.")
                          .element(
                              Declare("metric", OptionKind::kObject, "One.").object(metric_spec())),
                      "0.7"),
                later(Declare("channels", OptionKind::kMap, "Where alerts go, by name.")
                          .element(Declare("channel", OptionKind::kObject, "One.")
                                       .object(channel_spec())),
                      "0.7"),
                later(Declare("alerts", OptionKind::kList, "When somebody is told.")
                          .element(
                              Declare("alert", OptionKind::kObject, "One.").object(alert_spec())),
                      "0.7")},
           .positional = ""}))
      .since("0.7")
      .example("{metrics: [{prometheus: out/engine.prom}]}");
}

Declare profiles_option() {
  const Shared severity =
      share({.name = "profile checks",
             .doc = "What a profile may change of checks.",
             .options = {Declare("severity", OptionKind::kChoice, "The severity of every check.")
                             .choices({{"error", "0.1"}, {"warn", "0.1"}})},
             .positional = "severity"});
  return Declare(
             "profiles", OptionKind::kMap,
             "Overlays chosen by --profile. Same connection type merges, another type replaces.")
      .element(Declare("profile", OptionKind::kObject, "One overlay.")
                   .object(share(
                       {.name = "profile",
                        .doc = "An overlay; never table logic.",
                        .options = {bool_option("protected", "Publishing needs --confirm NAME.")
                                        .standard("false"),
                                    connections_option(), vars_option(), run_option(),
                                    limits_option(), observe_option(),
                                    Declare("checks", OptionKind::kObject,
                                            "The severity of every check.")
                                        .object(severity)},
                        .positional = ""})))
      .example("{production: {protected: true}}");
}

Declare transforms_option() {
  return Declare("transforms", OptionKind::kMap, "Named expressions, called like functions.")
      .element(Declare("transform", OptionKind::kObject, "One.")
                   .object(share({.name = "transform",
                                  .doc = "A named expression.",
                                  .options = {names_option("params", "Names of its arguments."),
                                              Declare("expr", OptionKind::kExpression,
                                                      "The expression over them.")
                                                  .required()},
                                  .positional = "expr"})))
      .example("{normal_email: {params: [x], expr: \"lower(trim(x))\"}}");
}

Declare formats_option() {
  const Declare text = Declare("text", OptionKind::kScalar, "A text.");
  const Shared examples =
      share({.name = "examples",
             .doc = "Texts that the format takes and refuses.",
             .options = {Declare("valid", OptionKind::kList, "Texts it takes.").element(text),
                         Declare("invalid", OptionKind::kList, "Texts it refuses.").element(text)},
             .positional = "valid"});
  return Declare("formats", OptionKind::kMap, "Named formats for the `format` check.")
      .element(Declare("format", OptionKind::kObject, "One.")
                   .object(share(
                       {.name = "format",
                        .doc = "A format of your own.",
                        .options = {text_option("regex", "What the whole text must match (RE2).")
                                        .required(),
                                    text_option("description", "What it is."),
                                    Declare("examples", OptionKind::kObject,
                                            "Texts that match, and texts that do not; tried "
                                            "whenever the plan is read.")
                                        .object(examples)},
                        .positional = "regex"})))
      .example("{sku: {regex: \"[A-Z]{3}-[0-9]{4}\"}}");
}

Declare tests_option() {
  const Declare cell = Declare("cell", OptionKind::kScalar, "A value.");
  const Declare row = Declare("row", OptionKind::kMap, "A row.").element(cell);
  const Declare rows = Declare("rows", OptionKind::kList, "Rows.").element(row);
  return Declare("tests", OptionKind::kList, "Rows given and rows expected, run by `engine test`.")
      .element(
          Declare("test", OptionKind::kObject, "One test.")
              .object(share(
                  {.name = "test",
                   .doc = "A test of the plan.",
                   .options = {later(text_option("name", "Its name."), "0.3").required(),
                               later(Declare("given", OptionKind::kMap, "Rows of source tables.")
                                         .element(rows),
                                     "0.3")
                                   .required(),
                               later(Declare("expect", OptionKind::kMap, "Rows of target tables.")
                                         .element(rows),
                                     "0.3")
                                   .required()},
                   .positional = ""})))
      .since("0.3");
}

Declare table_option(const char* name, OptionKind kind, const char* doc) {
  const Declare table =
      Declare("table", OptionKind::kObject, "One table.").object(table_spec_shared());
  Declare out(name, kind, doc);
  if (kind == OptionKind::kMap) return out.element(table);
  return out.object(table_spec_shared());
}

}  // namespace

const ObjectSpec& plan_spec() {
  static const ObjectSpec spec{
      .name = "plan",
      .doc = "A plan.",
      .options = {Declare("version", OptionKind::kInt, "The version of the language: 1.")
                      .required()
                      .example("1"),
                  text_option("name", "The plan's name in reports.").example("crm-promotion"),
                  text_option("description", "What the plan is for."),
                  Declare("include", OptionKind::kList, "Files whose keys are part of this plan.")
                      .element(text_option("file", "A path.").path())
                      .example("[../transforms/formats.yaml]"),
                  vars_option(), connections_option(), profiles_option(), run_option(),
                  limits_option(), state_option(), snapshot_option(), ids_option(),
                  observe_option(), transforms_option(), formats_option(),
                  table_option("defaults", OptionKind::kObject,
                               "Keys that every table inherits; maps merge, lists replace."),
                  table_option("tables", OptionKind::kMap, "What is moved, by name.")
                      .required()
                      .example("{properties: {key: id}}"),
                  tests_option()},
      .positional = ""};
  return spec;
}

}  // namespace engine::plan
