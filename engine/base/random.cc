#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace engine::base {

std::string random_hex(std::size_t digits) {
  std::string bytes((digits + 1) / 2, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) bug("the system has no random source");
    filled += static_cast<std::size_t>(got);
  }
  return hex(bytes).substr(0, digits);
}

}  // namespace engine::base
