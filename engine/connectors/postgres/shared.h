#pragma once

#include <atomic>
#include <memory>

#include "connectors/postgres/snapshot.h"

namespace engine::connectors::postgres {

/// What the parts of one connection know of each other.
struct Shared {
  Settings settings;
  std::shared_ptr<Snapshot> snapshot;  ///< what readers see; ended by a publish
  bool writes = false;
  std::atomic<bool> publishing = false;  ///< the fence holds the lock row: nobody takes it over
};
using SharedPtr = std::shared_ptr<Shared>;

}  // namespace engine::connectors::postgres
