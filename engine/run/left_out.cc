#include "run/left_out.h"

#include <algorithm>
#include <set>
#include <string>

namespace engine::run {
namespace {

/// Names of the keys that tables of the run look up.
std::set<std::string> wanted_keys(const compile::Bound& bound) {
  std::set<std::string> names;
  const auto add = [&](const stages::BoundCheck& check) {
    if (!check.parent_table) return;
    names.insert(stages::parent_keys_name(*check.parent_table, check.parent_fields));
  };
  for (const compile::BoundTable& table : bound.tables) {
    if (table.left_out()) continue;
    for (const auto* checks :
         {&table.flight_checks, &table.image_checks, &table.published_checks}) {
      for (const stages::BoundCheck& check : *checks) add(check);
    }
    for (const compile::BoundReference& reference : table.references) add(reference.check);
  }
  return names;
}

void collect(Job& job, const compile::BoundTable& table, const compile::CollectedKeys& keys) {
  const auto spool = job.parent_keys(keys.name);
  connect::ReadRequest request = table.target_read;
  request.order_by.clear();
  std::erase_if(request.columns.fields, [&](const data::Field& field) {
    return std::find(keys.fields.begin(), keys.fields.end(), field.name) == keys.fields.end();
  });
  if (table.target_info && request.columns.size() == keys.fields.size()) {
    stages::KeyCollector collector(request.columns, keys.fields, spool);
    const auto rows = job.session.read_target(table.target, request);
    data::Batch batch;
    while (rows->next(batch)) {
      job.keep_going();
      collector.observe(batch);
    }
  }
  spool->finish();
}

}  // namespace

void collect_left_out(Job& job) {
  std::set<std::string> wanted;
  for (const compile::BoundTable& table : job.bound.tables) {
    if (!table.left_out() || table.collected.empty()) continue;
    if (wanted.empty()) wanted = wanted_keys(job.bound);
    for (const compile::CollectedKeys& keys : table.collected) {
      if (wanted.contains(keys.name)) collect(job, table, keys);
    }
  }
}

}  // namespace engine::run
