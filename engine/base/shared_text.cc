#include "base/shared_text.h"

#include <atomic>
#include <cstdint>
#include <utility>

namespace engine::base {

/// A std::shared_ptr would do, at twice the size in each of a plan's million places.
struct SharedText::Held {
  std::string text;
  std::atomic<std::uint32_t> holders = 1;
};

SharedText::SharedText(std::string text)
    : held_(text.empty() ? nullptr : new Held{.text = std::move(text)}) {}

SharedText::SharedText(const SharedText& other) noexcept : held_(other.held_) {
  // Whoever copies holds it already, so nothing needs an order here.
  if (held_ != nullptr) held_->holders.fetch_add(1, std::memory_order_relaxed);
}

SharedText& SharedText::operator=(SharedText other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

SharedText::~SharedText() {
  // The last holder frees what the others have finished reading.
  if (held_ != nullptr && held_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
}

const std::string& SharedText::text() const {
  static const std::string kEmpty;
  return held_ == nullptr ? kEmpty : held_->text;
}

}  // namespace engine::base
