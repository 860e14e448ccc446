#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace engine::base {

/// A value that must never be printed. There is no conversion to text and no stream operator;
/// `reveal()` is for the call that hands it to a client library, and nothing else.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace engine::base
