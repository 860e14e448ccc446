#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace engine::testing {

/// A call of the system that changes what is stored, as it is about to be made.
struct Call {
  enum class Kind {
    kWrite,
    kTruncate,
    kSync,
    kSyncAll,
    kCreate,
    kMove,
    kRemove,
    kLink,
    kFolder,
    kOpen
  };
  Kind kind = Kind::kWrite;
  const char* name = "";  ///< of the function
  int descriptor = -1;    ///< of kWrite, kTruncate, kSync, kSyncAll
  std::string path;       ///< of the others; where it leads, for two paths
  std::string from;       ///< of kMove
  off_t offset = 0;       ///< of kWrite; the new size of kTruncate
  std::size_t size = 0;   ///< of kWrite

  /// What a full disk refuses.
  bool takes_space() const {
    return kind == Kind::kWrite || kind == Kind::kCreate || kind == Kind::kLink ||
           kind == Kind::kFolder;
  }
};

}  // namespace engine::testing
