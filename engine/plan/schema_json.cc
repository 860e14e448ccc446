#include <algorithm>

#include <nlohmann/json.hpp>

#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kVariablePattern = "\\$\\{";

Json variable_text() {
  return {{"type", "string"}, {"pattern", kVariablePattern}};
}

/// A scalar of this form, or a text with a variable in it.
Json or_variable(Json form) {
  return {{"anyOf", Json::array({std::move(form), variable_text()})}};
}

Json any_scalar(bool with_null) {
  Json types = Json::array({"string", "number", "boolean"});
  if (with_null) types.push_back("null");
  return {{"type", std::move(types)}};
}

/// Writes the declarations as JSON Schema, draft 2020-12. Tables, checks and connections stand
/// under $defs.
class SchemaWriter {
 public:
  explicit SchemaWriter(const Registry& registry) : registry_(registry) {}

  Json whole() {
    Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"title", "engine plan"},
                {"description", "The plan language, version 1. Generated; do not edit."}};
    out.update(mapping(plan_spec()));
    out["$defs"] = {{"table", mapping(table_spec())},
                    {"check", check()},
                    {"check_common", mapping(check_common_spec())},
                    {"connection", connection()},
                    {"connection_overlay", {{"type", "object"}}}};
    return out;
  }

 private:
  Json mapping(const ObjectSpec& spec) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const OptionSpec& option : spec.options) {
      properties[option.name] = described(option);
      if (option.required) required.push_back(option.name);
    }
    Json out = {
        {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) out["required"] = std::move(required);
    return out;
  }

  Json described(const OptionSpec& option) {
    Json out = {{"description", description(option)}};
    if (!option.default_text.empty()) out["default"] = option.default_text;
    if (!option.example.empty()) out["examples"] = Json::array({option.example});
    out.update(form(option));
    return out;
  }

  static std::string description(const OptionSpec& option) {
    if (is_available(option.available_since)) return option.doc;
    return option.doc + " Not available before version " + option.available_since + ".";
  }

  Json form(const OptionSpec& option) {
    switch (option.kind) {
      case OptionKind::kObject:
        return object(option);
      case OptionKind::kMap:
        return map(option);
      case OptionKind::kList:
        return list(option);
      case OptionKind::kAny:
        return any(option);
      case OptionKind::kBool:
        return or_variable({{"type", "boolean"}});
      case OptionKind::kInt:
        return or_variable(number(option, "integer"));
      case OptionKind::kFloat:
        return or_variable(number(option, "number"));
      case OptionKind::kChoice:
        return or_variable({{"enum", choices(option)}});
      case OptionKind::kRatio:
        return or_variable(pattern("^[0-9.]+ *%?$", Json::array({"string", "number"})));
      case OptionKind::kDuration:
        return or_variable(
            pattern("^[0-9.]+ *(ms|s|m|h|d)$|^0$", Json::array({"string", "integer"})));
      case OptionKind::kSize:
        return or_variable(pattern("^[0-9.]+ *([kKMGT]i?)?B$", Json::array({"string"})));
      case OptionKind::kThreshold:
        return pattern("^ *(>=|<=|!=|>|<|=) *[0-9.]+ *%?$", Json::array({"string"}));
      case OptionKind::kScalar:
        return any_scalar(true);
      default:
        return any_scalar(false);
    }
  }

  /// The word `null` without quotes is YAML's null.
  static Json choices(const OptionSpec& option) {
    Json out = option.choices;
    if (std::find(option.choices.begin(), option.choices.end(), "null") != option.choices.end()) {
      out.push_back(nullptr);
    }
    return out;
  }

  static Json number(const OptionSpec& option, const char* type) {
    Json out = {{"type", type}};
    if (option.minimum) out["minimum"] = static_cast<std::int64_t>(*option.minimum);
    if (option.maximum) out["maximum"] = static_cast<std::int64_t>(*option.maximum);
    return out;
  }

  static Json pattern(const char* text, Json types) {
    return {{"type", std::move(types)}, {"pattern", text}};
  }

  Json object(const OptionSpec& option) {
    const std::string& name = option.object->name;
    if (name == kConnectionSpec)
      return reference(in_profile_ ? "connection_overlay" : "connection");
    if (name == kCheckSpec) return reference("check");
    if (option.object == table_spec_shared()) {
      Json table = reference("table");
      return {{"anyOf", Json::array({std::move(table), {{"type", "null"}}})}};
    }
    const bool outside = in_profile_;
    if (name == "profile") in_profile_ = true;
    Json out = mapping(*option.object);
    in_profile_ = outside;
    const OptionSpec* only = option.object->find(option.object->positional);
    if (only == nullptr) return out;
    return {{"anyOf", Json::array({std::move(out), form(*only)})}};
  }

  static Json reference(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

  Json map(const OptionSpec& option) {
    Json out = {{"type", "object"}, {"additionalProperties", form(*option.element)}};
    if (option.element->object == column_rule_spec()) {
      out["properties"] = {{"*", {{"enum", Json::array({"keep", "drop"})}}}};
    }
    return out;
  }

  Json list(const OptionSpec& option) {
    Json element = form(*option.element);
    Json many = {{"type", "array"}, {"items", element}};
    return {{"anyOf", Json::array({std::move(many), std::move(element)})}};
  }

  Json any(const OptionSpec& option) {
    Json forms = Json::array();
    for (const OptionSpec& alternative : option.alternatives) forms.push_back(form(alternative));
    return {{"anyOf", std::move(forms)}};
  }

  Json connection() {
    const ObjectSpec& common = *plan_spec().find("connections")->element->object;
    Json forms = Json::array();
    for (const ConnectorDecl& decl : registry_.connectors) {
      ObjectSpec spec = decl.options;
      spec.options.insert(spec.options.end(), common.options.begin(), common.options.end());
      Json one = mapping(spec);
      one["title"] = decl.type;
      one["description"] = decl.options.doc;
      one["properties"]["type"] = {{"const", decl.type}};
      forms.push_back(std::move(one));
    }
    return {{"oneOf", std::move(forms)}};
  }

  Json check() {
    Json properties = Json::object();
    for (const CheckDecl& decl : registry_.checks) properties[decl.name] = check_kind(decl);
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"maxProperties", 1}};
  }

  Json check_kind(const CheckDecl& decl) {
    Json keys = mapping(decl.options);
    for (const OptionSpec& common : check_common_spec().options) {
      keys["properties"][common.name] = reference("check_common/properties/" + common.name);
    }
    Json forms = Json::array({std::move(keys)});
    const OptionSpec* only = decl.options.find(decl.options.positional);
    if (only != nullptr) forms.push_back(form(*only));
    Json out = {{"description", decl.options.doc}};
    out["anyOf"] = std::move(forms);
    return out;
  }

  const Registry& registry_;
  bool in_profile_ = false;
};

}  // namespace

std::string plan_schema_json(const Registry& registry) {
  return SchemaWriter(registry).whole().dump(1) + "\n";
}

}  // namespace engine::plan
