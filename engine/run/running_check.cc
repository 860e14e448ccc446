#include "run/running_check.h"

namespace engine::run {

std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime) {
  std::vector<RunningCheck> checks;
  for (const stages::BoundCheck& check : bound) checks.push_back({&check, check.make(runtime)});
  return checks;
}

void observe(std::vector<RunningCheck>& checks, const data::Batch& batch) {
  for (RunningCheck& running : checks) running.check->observe(batch);
}

}  // namespace engine::run
