#include "house/support/rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string_view>

#include "house/support/function_scanner.h"

namespace house {
namespace {

constexpr std::size_t kFileLines = 500;
constexpr std::size_t kFunctionLines = 70;

// From the ground up; each room may include itself and those before it.
constexpr std::array<std::string_view, 12> kRooms = {"base",    "data",   "expr",       "plan",
                                                     "connect", "state",  "stages",     "compile",
                                                     "run",     "report", "connectors", "cli"};
constexpr std::array<std::string_view, 5> kConnectorsMayRead = {"base", "data", "expr", "plan",
                                                                "connect"};
constexpr std::array<std::string_view, 8> kHeavy = {
    "spdlog/", "CLI/", "nlohmann/", "simdjson", "sqlite3.h", "yaml-cpp/", "openssl/", "re2/"};
constexpr std::array<std::string_view, 16> kTopLevel = {
    "CMakeLists.txt", "CMakePresets.json", "engine", "plans",
    "schemas",        "transforms",        "tests",  "bench",
    "examples",       "README.md",         ".ci",    ".clang-format",
    ".clang-tidy",    ".gitignore",        ".git",   "build"};

bool contains(const auto& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool may_include(std::string_view room, std::string_view other) {
  if (room == other) return true;
  if (room == "connectors") return contains(kConnectorsMayRead, other);
  // The connectors' implementations are unknown to every room but the one that wires them.
  if (other == "connectors") return room == "cli";
  const auto own = std::find(kRooms.begin(), kRooms.end(), room);
  return std::find(kRooms.begin(), own, other) != own;
}

std::string room_of_include(const Include& include) {
  const std::size_t slash = include.name.find('/');
  return slash == std::string::npos ? "" : include.name.substr(0, slash);
}

bool is_heavy(const std::string& name) {
  return std::any_of(kHeavy.begin(), kHeavy.end(),
                     [&name](std::string_view heavy) { return name.starts_with(heavy); });
}

// Adds the heavy headers that `file` reaches by its own includes, with the way there.
void reach_heavy(const std::map<std::string, const SourceFile*>& headers, const SourceFile& file,
                 std::set<std::string>& seen, std::vector<std::string>& found) {
  for (const Include& include : includes_of(file)) {
    if (!include.quoted && is_heavy(include.name)) {
      found.push_back(at(file, include.line, include.name));
    }
    const auto header = headers.find("engine/" + include.name);
    if (include.quoted && header != headers.end() && seen.insert(header->first).second) {
      reach_heavy(headers, *header->second, seen, found);
    }
  }
}

void add_matches(const SourceFile& file, const std::string& text, const RE2& pattern,
                 std::string_view what, Violations& violations) {
  std::string_view rest = text;
  re2::StringPiece input(text);
  re2::StringPiece match;
  while (RE2::FindAndConsume(&input, pattern, &match)) {
    const auto offset = static_cast<std::size_t>(match.data() - text.data());
    violations.push_back(
        at(file, line_of(rest, offset), fmt::format("'{}': {}", match.as_string(), what)));
  }
}

std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void hold_size(const std::string& key, std::size_t size, std::size_t limit, const Ratchet& ratchet,
               const std::string& place, Violations& violations) {
  const auto known = ratchet.find(key);
  if (known == ratchet.end()) {
    if (size > limit) {
      violations.push_back(fmt::format("{}: {} lines, at most {}", place, size, limit));
    }
  } else if (size > known->second) {
    violations.push_back(fmt::format("{}: grew to {} lines from {}; it may only shrink", place,
                                     size, known->second));
  } else if (size < known->second) {
    violations.push_back(fmt::format("{}: shrank to {}; write '{} {}' in tests/house_ratchet.txt{}",
                                     place, size, key, size,
                                     size <= limit ? ", or rather delete that line" : ""));
  }
}

}  // namespace

Violations staircase(const SourceTree& tree) {
  Violations violations;
  for (const SourceFile& file : tree) {
    const std::string room = file.room();
    if (room.empty()) continue;
    if (!contains(kRooms, room)) {
      violations.push_back(at(file, 1, fmt::format("'{}' is no room of the house", room)));
      continue;
    }
    for (const Include& include : includes_of(file)) {
      const std::string other = room_of_include(include);
      if (!include.quoted || !contains(kRooms, other) || may_include(room, other)) continue;
      violations.push_back(
          at(file, include.line,
             fmt::format("{}/ may not include {}/ ({})", room, other, include.name)));
    }
  }
  return violations;
}

Violations one_yaml_reader(const SourceTree& tree) {
  Violations users;
  for (const SourceFile& file : tree) {
    for (const Include& include : includes_of(file)) {
      if (include.name.starts_with("yaml-cpp/")) {
        users.push_back(at(file, include.line, "includes yaml-cpp, as another file does"));
        break;
      }
    }
  }
  return users.size() > 1 ? users : Violations{};
}

Violations heavy_headers(const SourceTree& tree) {
  std::map<std::string, const SourceFile*> headers;
  for (const SourceFile& file : tree) {
    if (file.is_header()) headers[file.path] = &file;
  }
  Violations violations;
  for (const SourceFile& file : tree) {
    for (const Include& include : includes_of(file)) {
      const auto header = headers.find("engine/" + include.name);
      if (!include.quoted || header == headers.end()) continue;
      if (header->second->room() == file.room()) continue;
      std::set<std::string> seen = {header->first};
      std::vector<std::string> found;
      reach_heavy(headers, *header->second, seen, found);
      for (const std::string& heavy : found) {
        violations.push_back(
            at(file, include.line, fmt::format("{} brings in {}", include.name, heavy)));
      }
    }
  }
  return violations;
}

Violations threads(const SourceTree& tree) {
  static const RE2 pattern(R"((std::(?:thread|jthread|async)\b|\bpthread_create\b))");
  Violations violations;
  for (const SourceFile& file : tree) {
    if (file.room().empty() || file.room() == "run") continue;
    std::string code = code_only(file.text);
    RE2::GlobalReplace(&code, "std::thread::id", "               ");
    add_matches(file, code, pattern, "only run/ starts threads", violations);
  }
  return violations;
}

Violations empty_names(const SourceTree& tree) {
  // Whole words of an identifier, in both spellings: FileUtils, file_utils, kHelpers. A local
  // variable may be the common part of two things; a type or a namespace may not.
  static const RE2 identifiers(
      R"((\b\w*(?:[Uu]til|[Hh]elper|[Mm]anager)s?(?:[A-Z_]\w*)?\b|\b\w*Common\b|namespace common\b))");
  static const RE2 files(R"(((?:util|helper|manager|common)s?)[._/])");
  Violations violations;
  for (const SourceFile& file : tree) {
    add_matches(file, code_only(file.text), identifiers, "a name that says nothing", violations);
    std::string word;
    if (RE2::PartialMatch(file.path, files, &word)) {
      violations.push_back(at(file, 1, fmt::format("'{}' in the file's name says nothing", word)));
    }
  }
  return violations;
}

Violations banned_text(const SourceTree& tree) {
  // Written in pieces, so that this file passes.
  static const RE2 unfinished(
      "(\\bTO"
      "DO\\b|\\bFIX"
      "ME\\b|\\bX"
      "XX\\b)");
  static const RE2 machine(
      "(/wo"
      "rk/|/t"
      "mp/|/ho"
      "me/|/ro"
      "ot/)");
  Violations violations;
  for (const SourceFile& file : tree) {
    add_matches(file, file.text, unfinished, "finish it or leave it out", violations);
    if (!file.room().empty()) {
      add_matches(file, file.text, machine, "a path of one machine", violations);
    }
    if (file.is_header() && file.text.find("#pragma once\n") == std::string::npos) {
      violations.push_back(at(file, 1, "a header without #pragma once"));
    }
  }
  return violations;
}

Ratchet read_ratchet(const std::string& text) {
  Ratchet ratchet;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = line.rfind(' ');
    ratchet[line.substr(0, space)] = std::stoul(line.substr(space + 1));
  }
  return ratchet;
}

Violations sizes(const SourceTree& tree, const Ratchet& ratchet) {
  Violations violations;
  std::set<std::string> seen;
  for (const SourceFile& file : tree) {
    seen.insert(file.path);
    hold_size(file.path, line_count(file.text), kFileLines, ratchet, file.path + ":1", violations);
    for (const Function& function : functions_in(file)) {
      const std::string key = file.path + ":" + function.name;
      const std::string place = at(file, function.line, function.name);
      if (function.lines > kFunctionLines || ratchet.contains(key)) {
        if (!seen.insert(key).second) continue;  // of overloads, the first stands for all
        hold_size(key, function.lines, kFunctionLines, ratchet, place, violations);
      }
    }
  }
  for (const auto& [key, size] : ratchet) {
    if (!seen.contains(key)) {
      violations.push_back(fmt::format("tests/house_ratchet.txt:1: '{}' is gone: delete it", key));
    }
  }
  return violations;
}

std::size_t median_function_lines(const SourceTree& tree) {
  std::vector<std::size_t> lines;
  for (const SourceFile& file : tree) {
    for (const Function& function : functions_in(file)) lines.push_back(function.lines);
  }
  if (lines.empty()) return 0;
  const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2);
  std::nth_element(lines.begin(), middle, lines.end());
  return *middle;
}

Violations top_level(const std::vector<std::string>& names) {
  Violations violations;
  for (const std::string& name : names) {
    if (!contains(kTopLevel, name)) violations.push_back(name + ":1: has no place at the top");
  }
  return violations;
}

}  // namespace house
