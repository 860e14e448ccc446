#include "data/schema.h"

#include "base/error.h"

namespace engine::data {

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<std::size_t> Schema::places_of(const std::vector<std::string>& names) const {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto place = find(name);
    if (!place) base::bug("the rows have no column " + name);
    places.push_back(*place);
  }
  return places;
}

}  // namespace engine::data
