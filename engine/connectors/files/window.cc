#include "connectors/files/window.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace engine::connectors::files {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
/// A column holds less than 2 GiB, and a record that large is a broken file.
constexpr std::size_t kMaxRecord = std::size_t{1} << 30;

}  // namespace

Window::Window(std::unique_ptr<ByteInput> input)
    : input_(std::move(input)), buffer_(kBlock + kPadding) {}

bool Window::more() {
  if (ended_) return false;
  const std::size_t kept = size();
  if (kept > kMaxRecord) {
    throw base::Error(base::Fault::kData, "E421", "a record of more than 1 GiB",
                      "a quote or bracket that is never closed, most often");
  }
  const std::size_t wanted = kept + std::max(kept, kBlock);
  std::memmove(buffer_.data(), begin(), kept);
  if (buffer_.size() < wanted + kPadding) buffer_.resize(wanted + kPadding);
  begin_ = 0;
  end_ = kept;
  while (end_ < wanted) {
    const std::size_t got = input_->read(buffer_.data() + end_, wanted - end_);
    ended_ = got == 0;
    if (ended_) break;
    end_ += got;
  }
  std::memset(buffer_.data() + end_, 0, kPadding);
  return end_ > kept;
}

}  // namespace engine::connectors::files
