#pragma once

#include <string>
#include <string_view>

#include "connectors/files/store.h"

namespace engine::connectors::files {

// The engine's own files as JSON. Reading throws E503 when the text is not of that form, E504 when
// it is of another version.
std::string lock_text(const connect::LockRow& lock);
connect::LockRow read_lock(std::string_view text);
/// One line.
std::string entry_text(const FileEntry& entry);
FileEntry read_entry(std::string_view text);
std::string intent_text(const Intent& intent);
Intent read_intent(std::string_view text);
/// Of one undo folder.
std::string expiry_text(std::int64_t expires_us);
std::int64_t read_expiry(std::string_view text);

}  // namespace engine::connectors::files
