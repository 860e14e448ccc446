#include "house/support/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace house {
namespace {

namespace fs = std::filesystem;

// Blanks a file's bytes from left to right; each method starts at the token it is named after and
// returns the offset behind it.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string blank() {
    std::size_t at = 0;
    while (at < text_.size()) at = step(at);
    return std::move(out_);
  }

 private:
  std::size_t step(std::size_t at) {
    if (starts(at, "//")) return erase(at, line_end(at));
    if (starts(at, "/*")) return erase(at, after(at + 2, "*/"));
    if (text_[at] == '#' && first_of_line(at)) return erase(at, directive_end(at));
    if (starts(at, "R\"") && !inside_word(at)) return erase(at, raw_string_end(at));
    if (text_[at] == '"') return erase(at, literal_end(at));
    // A quote inside a number (1'000) is no literal.
    if (text_[at] == '\'' && !inside_word(at)) return erase(at, literal_end(at));
    return at + 1;
  }

  bool starts(std::size_t at, std::string_view what) const {
    return text_.substr(at).starts_with(what);
  }

  bool inside_word(std::size_t at) const {
    return at > 0 &&
           (std::isalnum(static_cast<unsigned char>(text_[at - 1])) != 0 || text_[at - 1] == '_');
  }

  bool first_of_line(std::size_t at) const {
    const std::size_t before = text_.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
    return at == 0 || before == std::string_view::npos || text_[before] == '\n';
  }

  std::size_t line_end(std::size_t at) const {
    return std::min(text_.find('\n', at), text_.size());
  }

  std::size_t after(std::size_t at, std::string_view what) const {
    const std::size_t found = text_.find(what, at);
    return found == std::string_view::npos ? text_.size() : found + what.size();
  }

  std::size_t directive_end(std::size_t at) const {
    std::size_t end = line_end(at);
    while (end < text_.size() && text_[end - 1] == '\\') end = line_end(end + 1);
    return end;
  }

  std::size_t raw_string_end(std::size_t at) const {
    const std::size_t open = text_.find('(', at);
    if (open == std::string_view::npos) return text_.size();
    return after(open, fmt::format("){}\"", text_.substr(at + 2, open - at - 2)));
  }

  std::size_t literal_end(std::size_t at) const {
    const char quote = text_[at];
    for (std::size_t i = at + 1; i < text_.size() && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    return line_end(at);
  }

  std::size_t erase(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (out_[i] != '\n') out_[i] = ' ';
    }
    return std::max(end, begin + 1);
  }

  std::string_view text_;
  std::string out_;
};

}  // namespace

std::string SourceFile::room() const {
  constexpr std::string_view kRoot = "engine/";
  if (!path.starts_with(kRoot)) return {};
  const std::size_t slash = path.find('/', kRoot.size());
  return slash == std::string::npos ? "" : path.substr(kRoot.size(), slash - kRoot.size());
}

SourceTree read_tree(const std::string& root, const std::vector<std::string>& folders) {
  SourceTree tree;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".cc" && path.extension() != ".h") continue;
      std::ifstream in(path, std::ios::binary);
      tree.push_back({path.lexically_relative(root).generic_string(),
                      std::string(std::istreambuf_iterator<char>(in), {})});
    }
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> found;
  constexpr std::string_view kDirective = "#include ";
  std::size_t line = 0;
  for (std::size_t at = 0; at < file.text.size();) {
    const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
    const std::string_view text = std::string_view(file.text).substr(at, end - at);
    ++line;
    at = end + 1;
    if (!text.starts_with(kDirective) || text.size() < kDirective.size() + 2) continue;
    const bool quoted = text[kDirective.size()] == '"';
    const std::string_view rest = text.substr(kDirective.size() + 1);
    found.push_back({std::string(rest.substr(0, rest.find(quoted ? '"' : '>'))), quoted, line});
  }
  return found;
}

std::string code_only(std::string_view text) {
  return Blanker(text).blank();
}

std::string at(const SourceFile& file, std::size_t line, std::string_view what) {
  return fmt::format("{}:{}: {}", file.path, line, what);
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  return static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1;
}

}  // namespace house
