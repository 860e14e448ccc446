#include "cli/version.h"

namespace engine::cli {

const char* version() {
  return ENGINE_VERSION;
}

}  // namespace engine::cli
