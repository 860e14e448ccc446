#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fault/interpose/call.h"

namespace engine::testing {

/// What a loss of power may take: every change since the last sync of its file, or of its folder
/// where names are concerned. Knows how to put the old bytes and the old names back.
class Unsynced {
 public:
  /// `stash` is a folder on the same file system for files that lost their names. With a seed only
  /// some files and folders lose their changes.
  Unsynced(std::string stash, std::optional<std::uint64_t> seed)
      : stash_(std::move(stash)), seed_(seed) {}

  /// Called before the call is made. Unless it fails, call `keep` behind it.
  void note(const Call& call);
  void keep();

  /// The last change first.
  void take_back() const;

 private:
  using Place = std::pair<dev_t, ino_t>;  ///< a file or a folder: what one sync makes last
  struct Change {
    Place place;
    std::function<void()> undo;
  };

  void note_bytes(const Call& call);
  void note_names(const Call& call);
  int own_descriptor(const Call& call, Place place);
  std::string stashed(const std::string& path);
  bool is_lost(const Place& place) const;

  std::string stash_;
  std::optional<std::uint64_t> seed_;
  std::uint64_t stashed_ = 0;
  std::map<Place, int> descriptors_;  ///< never closed: that would free the locks of the process
  std::optional<Change> next_;
  std::optional<Place> synced_;
  bool whole_device_ = false;  ///< all that lies where `synced_` lies
  std::vector<Change> changes_;
  std::map<Place, std::uint64_t> places_;  ///< numbered as they were changed first
};

}  // namespace engine::testing
