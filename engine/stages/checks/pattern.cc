#include "stages/checks/pattern.h"

#include <re2/re2.h>

namespace engine::stages {

namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{8} << 20;

RE2::Options options() {
  RE2::Options made;
  made.set_log_errors(false);
  made.set_max_mem(kMaxMemory);
  return made;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& text) : regex(text, options()) {}
  RE2 regex;
};

Pattern::Pattern(const std::string& text) : compiled_(std::make_unique<const Compiled>(text)) {
  if (!compiled_->regex.ok()) error_ = compiled_->regex.error();
}

Pattern::~Pattern() = default;

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(piece(text), compiled_->regex);
}

bool Pattern::matches(std::string_view text) const {
  return RE2::FullMatch(piece(text), compiled_->regex);
}

}  // namespace engine::stages
