#include "unit/support/json_schema.h"

#include <set>

#include <nlohmann/json.hpp>

namespace engine::testing {
namespace {

using Json = nlohmann::json;

class Checker {
 public:
  void check(const Json& value, const Json& schema, const std::string& path) {
    only_known(schema, path);
    if (schema.contains("type") && !has_type(value, schema["type"])) {
      return complain(path, "is no " + schema["type"].get<std::string>());
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
      complain(path, "is none of the choices");
    }
    if (value.is_object()) check_object(value, schema, path);
    if (value.is_array() && schema.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        check(value[i], schema["items"], path + "/" + std::to_string(i));
      }
    }
  }
  std::vector<std::string> complaints;

 private:
  void complain(const std::string& path, const std::string& what) {
    complaints.push_back(path + ": " + what);
  }
  void only_known(const Json& schema, const std::string& path) {
    static const std::set<std::string> kKnown = {"type",       "enum",  "required",
                                                 "properties", "items", "additionalProperties",
                                                 "$schema",    "title", "description"};
    for (const auto& entry : schema.items()) {
      if (!kKnown.contains(entry.key())) complain(path, "unknown keyword " + entry.key());
    }
  }
  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "boolean" && value.is_boolean();
  }
  void check_object(const Json& value, const Json& schema, const std::string& path) {
    const Json none = Json::object();
    const Json& properties = schema.contains("properties") ? schema["properties"] : none;
    for (const auto& name : schema.value("required", Json::array())) {
      if (!value.contains(name)) complain(path + "/" + name.get<std::string>(), "missing");
    }
    for (const auto& entry : value.items()) {
      const auto at = path + "/" + entry.key();
      if (properties.contains(entry.key())) {
        check(entry.value(), properties[entry.key()], at);
      } else if (!schema.value("additionalProperties", true)) {
        complain(at, "not declared");
      }
    }
  }
};

}  // namespace

std::vector<std::string> schema_complaints(const std::string& document, const std::string& schema) {
  Checker checker;
  checker.check(Json::parse(document), Json::parse(schema), "");
  return checker.complaints;
}

}  // namespace engine::testing
