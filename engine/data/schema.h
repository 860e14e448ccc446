#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/type.h"

namespace engine::data {

struct Field {
  std::string name;
  Type type;
  bool nullable = true;
  bool operator==(const Field&) const = default;
};

/// Names are unique and compare as bytes.
struct Schema {
  std::vector<Field> fields;

  std::size_t size() const { return fields.size(); }
  std::optional<std::size_t> find(std::string_view name) const;
  /// Of names that it must have.
  std::vector<std::size_t> places_of(const std::vector<std::string>& names) const;
  bool operator==(const Schema&) const = default;
};

}  // namespace engine::data
