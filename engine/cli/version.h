#pragma once

namespace engine::cli {

/// "0.1.0", as the build declares it.
const char* version();

}  // namespace engine::cli
