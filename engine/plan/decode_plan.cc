#include "plan/fields.h"
#include "plan/merged_tree.h"
#include "plan/reader.h"

namespace engine::plan {

namespace {

Connection decode_connection(Decoding& decoding, const YamlNode& name, const YamlNode& node) {
  Connection out;
  out.name = decoding.tree.located(name);
  const YamlNode* type = node.find("type");
  if (type == nullptr || !type->is_scalar()) return out;
  out.type = decoding.text(*type).text;
  const ConnectorDecl* decl = decoding.registry.connector(out.type);
  if (decl == nullptr) return out;
  out.options = read_object(decoding, decl->options, node);
  Fields common(decoding, *plan_spec().find("connections")->element->object, &node);
  common.get("type");
  if (auto mapping = common.text("table_name")) out.table_name = mapping->text;
  return out;
}

void check_table_name(Decoding& decoding, const Connection& connection, const YamlNode& node) {
  const YamlNode* mapping = node.find("table_name");
  if (mapping == nullptr || !connection.table_name) return;
  if (connection.table_name->find("{table}") != std::string::npos) return;
  decoding.diagnostics.error("E104", decoding.tree.span(*mapping),
                             "'table_name' lacks the word {table}",
                             "for example: \"{table}-dev\"; {table} stands for the plan's name");
}

void decode_run(Decoding& decoding, const YamlNode* node, RunOptions& out) {
  Fields run(decoding, *plan_spec().find("run")->object, node);
  out.atomic = run.choice("atomic") == "table" ? Atomic::kTable : Atomic::kPlan;
  out.on_failure = run.choice("on_failure") == "stop" ? OnFailure::kStop : OnFailure::kRollback;
  out.workers = static_cast<int>(run.integer("workers").value_or(out.workers));
  if (const auto memory = run.integer("memory")) out.memory = static_cast<std::uint64_t>(*memory);
  const YamlNode* rollout = run.get("rollout");
  Fields strategy(decoding, *plan_spec().find("run")->object->find("rollout")->object, rollout);
  strategy.choice("strategy");  // big_bang; others are not available in this version
}

void decode_limits(Decoding& decoding, const YamlNode* node, Limits& out) {
  Fields limits(decoding, *plan_spec().find("limits")->object, node);
  out.duration_us = limits.integer("duration");
  out.query_us = limits.integer("query");
  if (const auto undo = limits.integer("undo")) out.undo_bytes = static_cast<std::uint64_t>(*undo);
}

constexpr std::int64_t kHourUs = 3'600'000'000;

void decode_state(Decoding& decoding, const YamlNode* node, Plan& plan) {
  Fields state(decoding, *plan_spec().find("state")->object, node);
  plan.state.dir = state.plain("dir");
  plan.state.retain_us = state.integer("retain").value_or(30 * 24 * kHourUs);
}

void decode_snapshot(Decoding& decoding, const YamlNode* node, SnapshotOptions& out) {
  Fields snapshot(decoding, *plan_spec().find("snapshot")->object, node);
  const std::string mode = snapshot.choice("mode");
  out.mode = mode == "full"   ? SnapshotMode::kFull
             : mode == "none" ? SnapshotMode::kNone
                              : SnapshotMode::kAuto;
  out.both_sides = snapshot.choice("of") == "both";
  out.retain_us = snapshot.integer("retain").value_or(24 * kHourUs);
  out.keep = snapshot.integer("keep").value_or(1);
}

expr::NamedExpression decode_transform(Decoding& decoding, const YamlNode& name,
                                       const YamlNode& node) {
  const ObjectSpec& spec = *plan_spec().find("transforms")->element->object;
  Fields fields(decoding, spec, &node);
  expr::NamedExpression out;
  out.params = fields.words("params");
  if (auto body = fields.expression("expr")) out.body = std::move(body->syntax);
  out.span = decoding.tree.span(name);
  return out;
}

std::vector<std::string> texts_of(const YamlNode* node) {
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (node->is_scalar()) out.emplace_back(node->text());
  for (const YamlNode* item : node->list()) out.emplace_back(item->text());
  return out;
}

Format decode_format(Decoding& decoding, const YamlNode& name, const YamlNode& node) {
  const ObjectSpec& spec = *plan_spec().find("formats")->element->object;
  Fields fields(decoding, spec, &node);
  Format out{.name = std::string(name.text()),
             .regex = fields.plain("regex"),
             .description = fields.plain("description"),
             .valid = {},
             .invalid = {},
             .span = decoding.tree.span(name)};
  if (const YamlNode* examples = fields.get("examples")) {
    Fields texts(decoding, *spec.find("examples")->object, examples);
    out.valid = texts_of(texts.get("valid"));
    out.invalid = texts_of(texts.get("invalid"));
  }
  return out;
}

IdMap decode_id_map(Decoding& decoding, const YamlNode& name, const YamlNode& node) {
  Fields fields(decoding, *plan_spec().find("ids")->element->object, &node);
  IdMap out{.name = decoding.tree.located(name),
            .from = fields.names("from"),
            .name_space = fields.plain("namespace"),
            .key = fields.secret("key"),
            .has_key = fields.has("key"),
            .format = fields.text("format")};
  const std::string method = fields.choice("method");
  if (method == "hmac_sha256") out.method = IdMethod::kHmacSha256;
  if (method == "keep") out.method = IdMethod::kKeep;
  return out;
}

}  // namespace

void decode_sections(Decoding& decoding, const YamlNode& root) {
  Plan& plan = decoding.plan;
  Fields fields(decoding, plan_spec(), &root);
  for (const char* section : {"version", "include", "vars", "profiles", "defaults", "tables"}) {
    fields.get(section);  // read before, by the steps that need them first
  }
  if (auto name = fields.text("name")) plan.name = std::move(*name);
  if (plan.name.text.empty()) plan.name.text = std::filesystem::path(plan.file).stem().string();
  plan.description = fields.plain("description");
  if (const YamlNode* connections = fields.get("connections")) {
    for (std::size_t i = 0; i < connections->pairs(); ++i) {
      const YamlNode& node = connections->value(i);
      plan.connections.push_back(decode_connection(decoding, connections->key(i), node));
      check_table_name(decoding, plan.connections.back(), node);
    }
  }
  decode_run(decoding, fields.get("run"), plan.run);
  decode_limits(decoding, fields.get("limits"), plan.limits);
  decode_state(decoding, fields.get("state"), plan);
  decode_snapshot(decoding, fields.get("snapshot"), plan.snapshot);
  if (const YamlNode* transforms = fields.get("transforms")) {
    for (std::size_t i = 0; i < transforms->pairs(); ++i) {
      plan.transforms.emplace(transforms->key(i).text(),
                              decode_transform(decoding, transforms->key(i), transforms->value(i)));
    }
  }
  if (const YamlNode* ids = fields.get("ids")) {
    for (std::size_t i = 0; i < ids->pairs(); ++i) {
      plan.ids.push_back(decode_id_map(decoding, ids->key(i), ids->value(i)));
    }
  }
  if (const YamlNode* formats = fields.get("formats")) {
    for (std::size_t i = 0; i < formats->pairs(); ++i) {
      plan.formats.emplace(formats->key(i).text(),
                           decode_format(decoding, formats->key(i), formats->value(i)));
    }
  }
}

}  // namespace engine::plan
