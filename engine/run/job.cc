#include "run/job.h"

namespace engine::run {

std::shared_ptr<state::KeySpool> Job::parent_keys(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& spool = parents_[name];
  if (!spool) {
    spool =
        std::make_shared<state::KeySpool>(memory, scratch("keys" + std::to_string(++spools_made_)));
  }
  return spool;
}

void Job::forget_keys(const std::string& name) {
  const std::lock_guard lock(mutex_);
  parents_.erase(name);
}

stages::CheckRuntime Job::check_runtime(std::size_t table) {
  stages::CheckRuntime runtime;
  runtime.memory = &memory;
  runtime.scratch = folder.scratch().string();
  const auto add = [&](const stages::BoundCheck& check) {
    if (!check.parent_table) return;
    const std::string name = stages::parent_keys_name(*check.parent_table, check.parent_fields);
    runtime.parents[name] = parent_keys(name);
  };
  const compile::BoundTable& of = bound.tables[table];
  for (const auto* checks : {&of.flight_checks, &of.image_checks, &of.published_checks}) {
    for (const stages::BoundCheck& check : *checks) add(check);
  }
  for (const compile::BoundReference& reference : of.references) add(reference.check);
  return runtime;
}

}  // namespace engine::run
