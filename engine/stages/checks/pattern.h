#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace engine::stages {

/// A regular expression of a plan: RE2, so linear in the text whatever it says; at most 8 MiB of
/// memory. Texts that are no UTF-8 do not match. Immutable; thread safe.
class Pattern {
 public:
  explicit Pattern(const std::string& text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Why it cannot be read; empty: it can.
  const std::string& error() const { return error_; }
  bool found_in(std::string_view text) const;
  /// The whole text matches.
  bool matches(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
  std::string error_;
};

}  // namespace engine::stages
