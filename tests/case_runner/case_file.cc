#include "case_runner/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace case_runner {
namespace {

constexpr std::string_view kSectionMark = "----";
constexpr std::string_view kEndMark = "====";
constexpr std::string_view kNoNewline = "\\no-newline";
constexpr std::array<std::string_view, 4> kBodyVerbs = {"file", "file-escaped", "sql", "query"};
constexpr std::array<std::string_view, 8> kLineVerbs = {
    "env", "as-user", "tmpfs", "setup", "server", "hold-lock", "release-lock", "unmask"};

bool contains(const auto& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Text that would read as a mark carries one backslash more than it has.
bool is_escaped_mark(std::string_view line) {
  const std::size_t start = line.find_first_not_of('\\');
  if (start == std::string_view::npos) return false;
  const std::string_view rest = line.substr(start);
  return rest.starts_with(kSectionMark) || rest.starts_with(kEndMark);
}

std::string unescape_marks(std::string_view line) {
  if (line.starts_with('\\') && is_escaped_mark(line)) line.remove_prefix(1);
  return std::string(line);
}

std::pair<std::string_view, std::string_view> split_word(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {text, {}};
  const std::size_t rest = text.find_first_not_of(' ', space);
  return {text.substr(0, space),
          rest == std::string_view::npos ? std::string_view{} : text.substr(rest)};
}

class Parser {
 public:
  explicit Parser(CaseFile& file) : file_(file), text_(file.text) {}

  void parse() {
    while (!at_end()) {
      const std::size_t begin = offset_;
      const std::string_view line = next_line();
      if (line.empty() || line.starts_with('#')) continue;
      parse_block(begin, line);
    }
  }

 private:
  bool at_end() const { return offset_ >= text_.size(); }

  std::string_view peek() const {
    const std::size_t end = std::min(text_.find('\n', offset_), text_.size());
    return text_.substr(offset_, end - offset_);
  }

  std::string_view next_line() {
    const std::string_view line = peek();
    offset_ = std::min(offset_ + line.size() + 1, text_.size());
    ++line_;
    return line;
  }

  [[noreturn]] void fail(int line, std::string_view what) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", file_.path, line, what));
  }

  void parse_block(std::size_t begin, std::string_view line) {
    Block block;
    block.line = line_;
    const auto [verb, argument] = split_word(line);
    block.verb = verb;
    block.argument = argument;
    if (block.argument.empty()) fail(line_, fmt::format("'{}' needs an argument", verb));
    if (verb == "run" || verb == "query") {
      // The command of `run` starts on the verb's own line and may go on below it.
      read_body(block);
      read_expectation(block);
    } else if (contains(kBodyVerbs, verb)) {
      read_body(block);
      next_line();
    } else if (!contains(kLineVerbs, verb)) {
      fail(line_, fmt::format("unknown verb '{}' (byte {})", verb, begin));
    }
    file_.blocks.push_back(std::move(block));
  }

  void read_body(Block& block) {
    while (!at_end() && !peek().starts_with(kSectionMark)) {
      block.body += unescape_marks(next_line()) + "\n";
    }
    if (at_end()) fail(block.line, fmt::format("'{}' block without a '----' line", block.verb));
  }

  void read_expectation(Block& block) {
    block.expectation_begin = offset_;
    while (!at_end() && peek() != kEndMark) {
      if (peek().starts_with(kSectionMark)) {
        open_section(block, next_line().substr(kSectionMark.size()));
      } else {
        add_expected_line(block.expected.back(), next_line());
      }
    }
    if (at_end()) fail(block.line, fmt::format("'{}' block without a '====' line", block.verb));
    next_line();
    block.expectation_end = offset_;
  }

  static void add_expected_line(Section& section, std::string_view line) {
    if (line == kNoNewline) {
      if (!section.text.empty()) section.text.pop_back();
      return;
    }
    section.text += unescape_marks(line) + "\n";
  }

  void open_section(Block& block, std::string_view header) {
    Section section{"output", ""};
    while (!header.empty()) {
      header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
      const auto [word, rest] = split_word(header);
      header = rest;
      if (word == "exit") {
        block.exit_code = std::stoi(std::string(rest));
        header = split_word(rest).second;
      } else if (word == "output" || word == "stdout" || word == "stderr") {
        section.name = word;
      } else if (!word.empty()) {
        fail(line_, fmt::format("unknown section '{}' (output, stdout, stderr, exit N)", word));
      }
    }
    block.expected.push_back(std::move(section));
  }

  CaseFile& file_;
  std::string_view text_;
  std::size_t offset_ = 0;
  int line_ = 0;
};

void append_expected_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (is_escaped_mark(line)) out += '\\';
    out += line;
    out += '\n';
    if (end == std::string_view::npos) {
      out += kNoNewline;
      out += '\n';
      return;
    }
    text.remove_prefix(end + 1);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

CaseFile parse_case(std::string path, std::string text) {
  CaseFile file{std::move(path), std::move(text), {}};
  Parser(file).parse();
  if (file.blocks.empty()) throw std::runtime_error(file.path + ":1: no block in this case");
  return file;
}

CaseFile read_case(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + ":0: cannot be read");
  return parse_case(path, std::string(std::istreambuf_iterator<char>(in), {}));
}

std::string render_expectation(const std::vector<Section>& sections, int exit_code) {
  std::string out;
  for (const Section& section : sections) {
    out += kSectionMark;
    if (section.name != "output") out += " " + section.name;
    if (&section == &sections.front() && exit_code != 0) out += fmt::format(" exit {}", exit_code);
    out += '\n';
    append_expected_text(out, section.text);
  }
  out += kEndMark;
  out += '\n';
  return out;
}

std::string unescape(std::string_view text, const std::string& where) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char kind = ++i < text.size() ? text[i] : '\0';
    constexpr std::string_view kNames = "0tnr\\";
    constexpr std::string_view kBytes{"\0\t\n\r\\", 5};
    if (const std::size_t at = kNames.find(kind); at != std::string_view::npos) {
      out += kBytes[at];
    } else if (kind == 'x' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (kind != '\n') {
      throw std::runtime_error(fmt::format("{}: unknown escape '\\{}'", where, kind));
    }
  }
  return out;
}

}  // namespace case_runner
