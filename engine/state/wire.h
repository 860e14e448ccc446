#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace engine::state {

static_assert(std::endian::native == std::endian::little,
              "the files of this room hold little-endian numbers and are written as they lie");

/// Numbers of the room's own files: little-endian, without padding.
template <typename Number>
void put(std::string& out, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}
inline void put(std::string& out, const base::Hash128& hash) {
  put(out, hash.low);
  put(out, hash.high);
}
/// Zero bytes until the size is a multiple of 8.
inline void pad_to_8(std::string& out) {
  out.append((8 - out.size() % 8) % 8, '\0');
}

/// The error for a file that is not what its digest, lengths or magic say: kState E503.
[[noreturn]] void throw_broken(const std::filesystem::path& file, std::string_view why);
/// The error for a file of a later format: kState E504.
[[noreturn]] void throw_version(const std::filesystem::path& file, std::uint32_t version,
                                std::uint32_t known);

/// Takes numbers and bytes from the front of `bytes`, which outlive it. What is not there is E503
/// naming `file`.
class WireReader {
 public:
  WireReader(std::string_view bytes, const std::filesystem::path& file)
      : bytes_(bytes), file_(file) {}

  template <typename Number>
  Number take() {
    Number value;
    std::memcpy(&value, take_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  base::Hash128 take_hash() {
    base::Hash128 hash;
    hash.low = take<std::uint64_t>();
    hash.high = take<std::uint64_t>();
    return hash;
  }
  std::string_view take_bytes(std::uint64_t length) {
    if (length > bytes_.size() - at_) throw_broken(file_, "it ends too early");
    const auto out = bytes_.substr(at_, static_cast<std::size_t>(length));
    at_ += static_cast<std::size_t>(length);
    return out;
  }
  void skip_padding() { take_bytes((8 - at_ % 8) % 8); }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  const std::filesystem::path& file_;
  std::size_t at_ = 0;
};

}  // namespace engine::state
