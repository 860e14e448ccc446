#pragma once

#include <filesystem>

namespace engine::base {

/// True when next to nothing can be written beside the file: fewer than 64 KiB, or no new file.
/// Tells a full disk where a library has only "input or output failed" to say.
bool is_disk_full(const std::filesystem::path& file);

/// From here on the names in the folder outlive a loss of power. Errors: as throw_system_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace engine::base
