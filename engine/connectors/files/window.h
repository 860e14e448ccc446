#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "connectors/files/input.h"

namespace engine::connectors::files {

/// A part of a stream in memory, from which whole records are taken at the front while more bytes
/// come in behind. At least kPadding zero bytes follow the last byte, so that readers may look at
/// blocks that reach beyond it.
class Window {
 public:
  static constexpr std::size_t kPadding = 64;

  explicit Window(std::unique_ptr<ByteInput> input);

  const char* begin() const { return buffer_.data() + begin_; }
  const char* end() const { return buffer_.data() + end_; }
  std::size_t size() const { return end_ - begin_; }
  /// No byte will come behind end().
  bool ended() const { return ended_; }
  void take(std::size_t bytes) { begin_ += bytes; }
  /// Brings more bytes, moving those that were not taken; as many again as there are, so that a
  /// long record is not looked at again and again. False when there are none.
  bool more();

 private:
  std::unique_ptr<ByteInput> input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool ended_ = false;
};

}  // namespace engine::connectors::files
