#include "report/json_object.h"

namespace engine::report {

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string schema_document(std::string_view title, const Json& schema) {
  Json document = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  document.update(schema);
  return json_text(document, 2) + "\n";
}

}  // namespace engine::report
