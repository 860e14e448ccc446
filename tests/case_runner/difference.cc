#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "case_runner/run_case.h"

namespace case_runner {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

void append_line(std::string& out, char sign, std::string_view line) {
  out += sign;
  out += line;
  if (!line.ends_with('\n')) out += "\\no-newline\n";
}

}  // namespace

std::string difference(const std::string& expected, const std::string& seen) {
  const auto a = lines_of(expected);
  const auto b = lines_of(seen);
  // Length of the longest common tail of lines from (i, j): quadratic, and texts are short.
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> common((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::string out;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      append_line(out, ' ', a[i++]);
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      append_line(out, '-', a[i++]);
    } else {
      append_line(out, '+', b[j++]);
    }
  }
  return out;
}

}  // namespace case_runner
