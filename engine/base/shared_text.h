#pragma once

#include <string>

namespace engine::base {

/// Text that never changes, whose copies share its bytes: a place costs one pointer for the name of
/// its file, and a whole file is held once by all who show lines of it. Copies may be used and
/// dropped on any thread.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text);                                    // NOLINT: as std::string
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT: as std::string
  SharedText(const SharedText& other) noexcept;
  SharedText(SharedText&& other) noexcept : held_(other.held_) { other.held_ = nullptr; }
  SharedText& operator=(SharedText other) noexcept;
  ~SharedText();

  const std::string& text() const;
  operator const std::string&() const { return text(); }  // NOLINT: as std::string
  bool empty() const { return held_ == nullptr; }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.held_ == b.held_ || a.text() == b.text();
  }

 private:
  struct Held;

  Held* held_ = nullptr;  ///< nullptr: the empty text
};

}  // namespace engine::base
