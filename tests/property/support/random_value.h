#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace engine::testing {

enum class ValueKind {
  kInteger,
  kReal,
  kText,
  kBytes,
  kBool,
  kDecimal,      ///< in a column of numeric affinity
  kDecimalText,  ///< digits kept as text
  kStamp,        ///< date-like text in a column of numeric affinity
};

/// Random values as SQL literals: extremes more often than their share.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T>
  T one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  std::string literal(ValueKind kind);
  /// Never NULL; two different literals of a kind are two different keys.
  std::string key_literal(ValueKind kind);
  std::string declared(ValueKind kind);

 private:
  std::string integer();
  std::string real();
  std::string text();
  std::string bytes();

  std::mt19937_64 random_;
};

std::string hex_of(const std::string& bytes);

}  // namespace engine::testing
