#include "run/id_maps.h"

#include <algorithm>
#include <filesystem>

namespace engine::run {

IdMapping::IdMapping(Job& job, std::size_t table) {
  const compile::BoundTable& bound = job.bound.tables[table];
  for (const compile::BoundId& id : bound.ids) {
    const bool known = std::any_of(followed_.begin(), followed_.end(), [&](const Followed& other) {
      return other.bound->map == id.map;
    });
    if (known) continue;
    followed_.push_back({&id, std::make_unique<state::IdMapPart>(
                                  job.folder.id_map_part(id.map, table), bound.name, job.memory,
                                  job.scratch("ids" + std::to_string(table) + "." +
                                              std::to_string(followed_.size())))});
  }
}

void IdMapping::observe(const data::Batch& source, const std::vector<std::uint32_t>& kept,
                        const data::Batch& staged) {
  for (const Followed& followed : followed_) {
    followed.part->add(source, followed.bound->read, kept, staged, followed.bound->column);
  }
}

void IdMapping::finish() {
  for (const Followed& followed : followed_) followed.part->finish();
}

void join_id_maps(const Job& job) {
  for (const plan::IdMap& map : job.plan.ids) {
    std::vector<std::filesystem::path> parts;
    for (std::size_t at = 0; at < job.bound.tables.size(); ++at) {
      std::filesystem::path part = job.folder.id_map_part(map.name.text, at);
      if (std::filesystem::exists(part)) parts.push_back(std::move(part));
    }
    if (parts.empty()) continue;
    std::vector<std::string> from;
    for (const base::Located& name : map.from) from.push_back(name.text);
    state::join_id_map(job.folder.id_map(map.name.text), from, parts);
  }
}

}  // namespace engine::run
