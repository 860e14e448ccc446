#pragma once

#include <memory>
#include <vector>

#include "compile/bound.h"
#include "run/rejects.h"
#include "stages/check.h"

namespace engine::run {

/// A check while its table runs, with what the plan says of it.
struct RunningCheck {
  const stages::BoundCheck* bound = nullptr;
  std::unique_ptr<stages::Check> check;
};
std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime);
/// Those of `bound` that reject rows, or those that only judge.
std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime, bool rejecting);
void observe(std::vector<RunningCheck>& checks, const data::Batch& batch);

/// Rejects the rows of `batch`, just observed, that break a rule of a rejecting check. `rows` says
/// where they stand in the source's batch; nullptr: at the same place.
void reject_failing(std::vector<RunningCheck>& checks, const data::Batch& batch,
                    const std::vector<std::uint32_t>* rows, const std::vector<std::string>& masked,
                    BatchRejects& rejects);

/// The rows that will be in the target, where some ask for a delete; nullopt: all.
std::optional<std::vector<std::uint32_t>> arriving_rows(const compile::BoundTable& table,
                                                        const data::Batch& staged);

}  // namespace engine::run
