#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/files/window.h"

namespace engine::connectors::files {

/// Takes a stream of JSON apart into its rows, as text: the lines of NDJSON, or the elements of one
/// top-level array. A row's text is valid until the next one is asked for; Window::kPadding bytes
/// behind it can be read. What is inside a row is not looked at more than its ends need.
class JsonRecords {
 public:
  JsonRecords(Window& window, bool array, std::string label);

  /// False at the end. Empty lines are no rows. E422 when an array ends early, E424 when there is
  /// none.
  bool next();
  std::string_view text() const { return text_; }
  std::uint64_t line() const { return line_; }

 private:
  enum class Scan { kWhole, kCut, kEnd };
  void start();
  bool next_line();
  bool next_element();
  Scan scan_element(const char* from);
  bool skip_space();
  void take(std::size_t bytes);
  [[noreturn]] void refuse(const char* code, const std::string& what) const;

  Window& window_;
  bool array_;
  std::string label_;
  std::string_view text_;
  std::size_t taken_ = 0;  ///< bytes of the last row, still at the front of the window
  std::uint64_t line_ = 0, next_line_ = 1;
  bool started_ = false, first_ = true, ended_ = false;
};

}  // namespace engine::connectors::files
