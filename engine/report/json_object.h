#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace engine::report {

/// Keys stay in the order in which they were declared.
using Json = nlohmann::ordered_json;

/// Pieces of JSON Schema.
inline Json text_type() {
  return {{"type", "string"}};
}
inline Json count_type() {
  return {{"type", "integer"}};
}
inline Json number_type() {
  return {{"type", "number"}};
}
inline Json flag_type() {
  return {{"type", "boolean"}};
}
inline Json list_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}
inline Json choice_of(const std::vector<std::string>& names) {
  return {{"type", "string"}, {"enum", names}};
}

/// How a T stands in JSON. Each field is declared once, with its type, its sentence and where it
/// comes from; the writing and the schema both follow from that, so they cannot differ.
template <typename T>
class JsonObject {
 public:
  /// A field that is always there.
  JsonObject& field(std::string name, Json type, std::string doc,
                    std::function<Json(const T&)> value) {
    fields_.push_back({std::move(name), std::move(type), std::move(doc), true, std::move(value)});
    return *this;
  }
  /// A field that is left out when its value is null: absent is not 0.
  JsonObject& maybe(std::string name, Json type, std::string doc,
                    std::function<Json(const T&)> value) {
    fields_.push_back({std::move(name), std::move(type), std::move(doc), false, std::move(value)});
    return *this;
  }

  Json write(const T& from) const {
    Json out = Json::object();
    for (const auto& field : fields_) {
      Json value = field.value(from);
      if (!value.is_null()) out[field.name] = std::move(value);
    }
    return out;
  }
  Json write_all(const std::vector<T>& from) const {
    Json out = Json::array();
    for (const auto& one : from) out.push_back(write(one));
    return out;
  }

  Json schema() const {
    Json properties = Json::object();
    Json required = Json::array();
    for (const auto& field : fields_) {
      Json property = field.type;
      property["description"] = field.doc;
      properties[field.name] = std::move(property);
      if (field.required) required.push_back(field.name);
    }
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
  }

 private:
  struct Field {
    std::string name;
    Json type;
    std::string doc;
    bool required;
    std::function<Json(const T&)> value;
  };
  std::vector<Field> fields_;
};

/// A whole schema document, indented, with a newline at the end.
std::string schema_document(std::string_view title, const Json& schema);
/// JSON text; bytes that are not UTF-8 become U+FFFD, for a report must never fail on its content.
/// `indent` -1 is one line.
std::string json_text(const Json& json, int indent);

/// Null when the text is empty.
inline Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}
template <typename Value>
Json value_or_null(const std::optional<Value>& value) {
  return value.has_value() ? Json(*value) : Json();
}

}  // namespace engine::report
