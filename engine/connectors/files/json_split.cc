#include "connectors/files/json_split.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Behind the closing quote of the string that opens at `at`; nullptr: it does not close before
/// `end`.
const char* behind_string(const char* at, const char* end) {
  for (++at; at < end; ++at) {
    if (*at == '\\') {
      ++at;
    } else if (*at == '"') {
      return at + 1;
    }
  }
  return nullptr;
}

}  // namespace

JsonRecords::JsonRecords(Window& window, bool array, std::string label)
    : window_(window), array_(array), label_(std::move(label)) {}

void JsonRecords::refuse(const char* code, const std::string& what) const {
  throw Error(Fault::kData, code,
              base::quoted(label_) + " line " + std::to_string(next_line_) + ": " + what,
              "no row of it was published; correct the file, or say 'format: ndjson' or 'json'");
}

void JsonRecords::take(std::size_t bytes) {
  next_line_ +=
      static_cast<std::uint64_t>(std::count(window_.begin(), window_.begin() + bytes, '\n'));
  window_.take(bytes);
}

void JsonRecords::start() {
  started_ = true;
  window_.more();
  const std::string_view head(window_.begin(), window_.size());
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    throw Error(Fault::kData, "E406", base::quoted(label_) + " is UTF-16, not UTF-8",
                "convert it first: iconv -f UTF-16 -t UTF-8");
  }
  if (head.starts_with("\xef\xbb\xbf")) window_.take(3);
  if (!array_) return;
  if (!skip_space()) refuse("E424", "it holds nothing, not even an array");
  if (*window_.begin() != '[') refuse("E424", "it does not start with an array");
  take(1);
}

/// False: there is nothing but space until the end.
bool JsonRecords::skip_space() {
  while (true) {
    const char* at = window_.begin();
    while (at != window_.end() && is_space(*at)) ++at;
    take(static_cast<std::size_t>(at - window_.begin()));
    if (window_.size() > 0) return true;
    if (!window_.more()) return false;
  }
}

bool JsonRecords::next() {
  if (!started_) start();
  take(taken_);
  taken_ = 0;
  return array_ ? next_element() : next_line();
}

bool JsonRecords::next_line() {
  while (true) {
    std::size_t searched = 0;
    const void* found = nullptr;
    while (true) {
      found = std::memchr(window_.begin() + searched, '\n', window_.size() - searched);
      if (found != nullptr) break;
      searched = window_.size();
      if (!window_.more()) break;
    }
    if (found == nullptr && window_.size() == 0) return false;
    const auto* const end = found == nullptr ? window_.end() : static_cast<const char*>(found);
    text_ = base::trim_spaces({window_.begin(), static_cast<std::size_t>(end - window_.begin())});
    if (text_.ends_with('\r')) text_ = base::trim_spaces(text_.substr(0, text_.size() - 1));
    taken_ = static_cast<std::size_t>(end - window_.begin()) + (found == nullptr ? 0 : 1);
    line_ = next_line_;
    if (!text_.empty()) return true;
    take(taken_);
    taken_ = 0;
  }
}

JsonRecords::Scan JsonRecords::scan_element(const char* from) {
  const char* const end = window_.end();
  std::size_t depth = 0;
  for (const char* at = from; at < end; ++at) {
    switch (*at) {
      case '"':
        at = behind_string(at, end);
        if (at == nullptr) return Scan::kCut;
        --at;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
      case ',':
        if (depth == 0) {
          if (*at == '}') refuse("E424", "a bracket closes that was never opened");
          const char* last = at;
          while (last != from && is_space(last[-1])) --last;
          text_ = {from, static_cast<std::size_t>(last - from)};
          taken_ = static_cast<std::size_t>(at - from);
          return Scan::kWhole;
        }
        if (*at != ',') --depth;
        break;
      default:
        break;
    }
  }
  return Scan::kCut;
}

// Elements are taken up to the comma or bracket behind them, which the next call sees first.
bool JsonRecords::next_element() {
  if (ended_) return false;
  if (!skip_space()) refuse("E422", "the file ends within the array");
  if (*window_.begin() == ']') {
    take(1);
    ended_ = true;
    if (skip_space()) refuse("E424", "something stands behind the array");
    return false;
  }
  if (!first_) {
    if (*window_.begin() != ',') refuse("E424", "a comma is missing between two elements");
    take(1);
    if (!skip_space()) refuse("E422", "the file ends within the array");
    if (*window_.begin() == ']') refuse("E424", "a comma stands before the end of the array");
  }
  first_ = false;
  line_ = next_line_;
  while (scan_element(window_.begin()) == Scan::kCut) {
    if (!window_.more()) refuse("E422", "the file ends within the array");
  }
  if (text_.empty()) refuse("E424", "a comma stands where a row is expected");
  return true;
}

}  // namespace engine::connectors::files
