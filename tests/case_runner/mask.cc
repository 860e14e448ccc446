#include "case_runner/mask.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace case_runner {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kRules = {"dir", "source", "run", "time", "duration"};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Only moments near now are masked: a date in a case's own data is part of what is tested.
void mask_times(std::string& text) {
  for (const int days : {-1, 0, 1}) {
    const std::time_t moment = std::time(nullptr) + days * 86400;
    std::tm parts{};
    gmtime_r(&moment, &parts);
    const std::string day =
        fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    const std::string pattern = day + R"([T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?UTC|Z|[+-]\d\d:?\d\d)?)";
    RE2::GlobalReplace(&text, pattern, "<time>");
  }
}

void mask_durations(std::string& text) {
  static const RE2 minutes(R"(\b\d+h\d\d\b|\b\d+m\d\ds?\b)");
  static const RE2 seconds(R"(\b\d+(\.\d+)? ?(ms|us|s)\b)");
  RE2::GlobalReplace(&text, minutes, "<duration>");
  RE2::GlobalReplace(&text, seconds, "<duration>");
}

// Length of the valid UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view bytes, std::size_t at) {
  const auto lead = static_cast<unsigned char>(bytes[at]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || at + length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[at + i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

Masks::Masks(std::string folder, std::string source)
    : folder_(std::move(folder)), source_(std::move(source)) {}

void Masks::disable(std::string_view rule) {
  if (std::find(kRules.begin(), kRules.end(), rule) == kRules.end()) {
    throw std::runtime_error(fmt::format("unknown mask '{}'", rule));
  }
  disabled_.emplace(rule);
}

void Masks::learn_runs() {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  const auto options = fs::directory_options::skip_permission_denied;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_, options)) {
    if (!entry.is_directory() || entry.is_symlink()) continue;
    const fs::path parent = entry.path().parent_path();
    if (parent.filename() != "runs" || parent.parent_path().filename() != ".engine") continue;
    const std::string id = entry.path().filename();
    if (std::find(runs_.begin(), runs_.end(), id) == runs_.end() && id != "latest") {
      found.emplace_back(entry.last_write_time(), id);
    }
  }
  std::sort(found.begin(), found.end());
  for (auto& [when, id] : found) runs_.push_back(std::move(id));
}

std::string Masks::apply(std::string text) const {
  if (enabled("dir")) replace_all(text, folder_, "<dir>");
  if (enabled("source")) replace_all(text, source_, "<source>");
  if (enabled("run")) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const std::string name = fmt::format("<run{}>", i + 1);
      replace_all(text, runs_[i], name);
      // Commands also print a run by the last part of its id.
      const std::size_t dash = runs_[i].rfind('-');
      if (dash != std::string::npos) replace_all(text, runs_[i].substr(dash + 1), name);
    }
  }
  if (enabled("time")) mask_times(text);
  if (enabled("duration")) mask_durations(text);
  return text;
}

std::string Masks::make_printable(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = sequence_length(bytes, i);
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (length == 0 || (lead < 0x20 && lead != '\n' && lead != '\t') || lead == 0x7f) {
      out += fmt::format("\\x{:02x}", lead);
      ++i;
    } else {
      out += bytes.substr(i, length);
      i += length;
    }
  }
  return out;
}

}  // namespace case_runner
