#include "stages/checks/builtin.h"
#include "stages/checks/unique.h"

namespace engine::stages {

/// Neither NULL nor repeated.
std::optional<KindBinding> bind_primary_key(CheckBinder& binder) {
  auto columns = binder.columns();
  if (!columns) return std::nullopt;
  return uniqueness(binder, std::move(*columns),
                    {"is NULL or repeats another", "are NULL or repeat others"}, true);
}

}  // namespace engine::stages
