#include "base/foreign_error.h"

#include <filesystem>

#include "base/file.h"

namespace engine::base {

Error foreign_error(const std::exception& error) {
  const auto* const refused = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  if (refused == nullptr) {
    return {Fault::kBug, "E900", std::string("internal: ") + error.what()};
  }
  try {
    throw_system_error("change", refused->path1(), refused->code().value());
  } catch (const Error& told) {
    return told;
  }
}

}  // namespace engine::base
