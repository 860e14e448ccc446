#include "state/wire.h"

#include "base/error.h"
#include "base/text.h"

namespace engine::state {

void throw_broken(const std::filesystem::path& file, std::string_view why) {
  throw base::Error(base::Fault::kState, "E503",
                    base::quoted(file.string()) + " is damaged: " + std::string(why),
                    "start the run again from its beginning; it reads its rows anew");
}

void throw_version(const std::filesystem::path& file, std::uint32_t version, std::uint32_t known) {
  throw base::Error(base::Fault::kState, "E504",
                    base::quoted(file.string()) + " has format version " + std::to_string(version) +
                        "; this engine knows up to version " + std::to_string(known),
                    "use the version of the engine that wrote it, or a newer one");
}

}  // namespace engine::state
