#pragma once

#include <memory>
#include <vector>

#include "stages/check.h"

namespace engine::run {

/// A check while its table runs, with what the plan says of it.
struct RunningCheck {
  const stages::BoundCheck* bound = nullptr;
  std::unique_ptr<stages::Check> check;
};
std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime);
void observe(std::vector<RunningCheck>& checks, const data::Batch& batch);

}  // namespace engine::run
