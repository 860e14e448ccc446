#include "base/diagnostic.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace engine::base {
namespace {

/// Wider source lines are cut around the caret.
constexpr std::size_t kLineColumns = 140;
constexpr std::size_t kColumnsBeforeCaret = 60;

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      break;
  }
  return "note";
}

/// A source line as it is printed, one element a terminal column, so that carets stand under what
/// they mean.
struct ShownLine {
  std::vector<std::string> columns;
  std::size_t caret_begin = 0;
  std::size_t caret_end = 0;
};

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::string shown_character(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  if (first == '\t') return " ";
  const bool control = first < 0x20 || first == 0x7F;
  return control || find_invalid_utf8(bytes) != std::string_view::npos ? "?" : std::string(bytes);
}

ShownLine show_line(std::string_view line, const Span& span) {
  ShownLine shown;
  const auto begin = static_cast<std::size_t>(std::max(span.column, 1)) - 1;
  const auto end = begin + static_cast<std::size_t>(std::max(span.length, 1));
  // Bytes that can never be seen are not looked at: a line may be the whole of a large file.
  const std::size_t limit = std::min(line.size(), end + 8 * kLineColumns);
  shown.caret_begin = shown.caret_end = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < limit;) {
    std::size_t next = i + 1;
    while (next < limit && next - i < 4 && !starts_character(line[next])) ++next;
    if (next > begin && i <= begin) shown.caret_begin = shown.columns.size();
    if (i < end) shown.caret_end = shown.columns.size() + 1;
    shown.columns.push_back(shown_character(line.substr(i, next - i)));
    i = next;
  }
  // A caret behind the last byte ("a value is missing here") stands one column after the text.
  shown.caret_begin = std::min(shown.caret_begin, shown.columns.size());
  if (begin >= line.size()) shown.caret_end = shown.caret_begin + 1;
  return shown;
}

void append_excerpt(std::string& out, const std::string& gutter, const Span& span,
                    std::string_view line) {
  const ShownLine shown = show_line(line, span);
  const std::size_t size = shown.columns.size();
  std::size_t first = 0;
  if (size > kLineColumns && shown.caret_begin > kColumnsBeforeCaret) {
    first = shown.caret_begin - kColumnsBeforeCaret;
  }
  const std::size_t last = std::min(size, first + kLineColumns);
  const std::string number = std::to_string(span.line);
  const std::string_view cut_before = first > 0 ? "..." : "";
  out += "\n" + gutter + " |\n" + std::string(gutter.size() - number.size(), ' ') + number + " |";
  if (size > 0) out += " ";
  out += cut_before;
  for (std::size_t i = first; i < last; ++i) out += shown.columns[i];
  if (last < size) out += "...";
  const std::size_t caret_end = std::max(shown.caret_begin + 1, std::min(shown.caret_end, last));
  out += "\n" + gutter + " | ";
  out += std::string(cut_before.size() + shown.caret_begin - first, ' ');
  out += std::string(caret_end - shown.caret_begin, '^');
}

bool same(const Diagnostic& a, const Diagnostic& b) {
  return a.severity == b.severity && a.code == b.code && a.span == b.span &&
         a.message == b.message && a.help == b.help;
}

}  // namespace

std::string Span::text() const {
  if (!known()) return file;
  return file.text() + ":" + std::to_string(line) + ":" + std::to_string(column);
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string code, Span span, std::string message, std::string help) {
  add({Severity::kError,
       std::move(code),
       std::move(message),
       std::move(span),
       std::move(help),
       {}});
}

void Diagnostics::warning(std::string code, Span span, std::string message, std::string help) {
  add({Severity::kWarning,
       std::move(code),
       std::move(message),
       std::move(span),
       std::move(help),
       {}});
}

void Diagnostics::note(Span span, std::string message, std::string help) {
  add({Severity::kNote, {}, std::move(message), std::move(span), std::move(help), {}});
}

void Diagnostics::remember(const std::string& file, SharedText text) {
  const std::size_t order = order_of(file);
  sources_[file] = Source{.order = order, .text = std::move(text), .line_starts = {}};
}

std::string_view Diagnostics::line(const std::string& file, int number) const {
  const auto found = sources_.find(file);
  if (found == sources_.end() || number < 1) return {};
  const std::string_view text = found->second.text.text();
  auto& starts = found->second.line_starts;
  if (starts.empty()) {
    starts.push_back(0);
    for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
      starts.push_back(at + 1);
    }
  }
  const auto index = static_cast<std::size_t>(number) - 1;
  if (index >= starts.size()) return {};
  auto line = text.substr(starts[index]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t Diagnostics::order_of(const std::string& file) const {
  const auto found = sources_.find(file);
  return found == sources_.end() ? sources_.size() : found->second.order;
}

void Diagnostics::sort() {
  const auto place = [this](const Diagnostic& d) {
    return std::tuple<std::size_t, const std::string&, int, int>(order_of(d.span.file), d.span.file,
                                                                 d.span.line, d.span.column);
  };
  // By number and not with std::stable_sort, whose buffer of this library is deprecated.
  std::vector<std::size_t> order(all_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto place_a = place(all_[a]);
    const auto place_b = place(all_[b]);
    return place_a == place_b ? a < b : place_a < place_b;
  });
  std::vector<Diagnostic> kept;
  std::size_t group = 0;  // where the diagnostics of the current place begin
  for (const auto index : order) {
    Diagnostic& diagnostic = all_[index];
    if (kept.empty() || place(kept.back()) != place(diagnostic)) group = kept.size();
    const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(group);
    const bool repeated = std::any_of(
        begin, kept.end(), [&](const Diagnostic& earlier) { return same(earlier, diagnostic); });
    if (!repeated) kept.push_back(std::move(diagnostic));
  }
  all_ = std::move(kept);
  errors_ = static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& d) { return d.severity == Severity::kError; }));
}

std::string Diagnostics::render(const Diagnostic& diagnostic) const {
  std::string out(severity_name(diagnostic.severity));
  if (!diagnostic.code.empty()) out += "[" + diagnostic.code + "]";
  out += ": " + diagnostic.message;
  const Span& span = diagnostic.span;
  // Two columns at least, so that help lines of small and of missing line numbers stand alike.
  const std::size_t digits = std::to_string(std::max(span.line, 0)).size();
  const std::string gutter(std::max<std::size_t>(2, digits), ' ');
  if (!span.file.empty()) out += "\n" + gutter + "--> " + span.text();
  if (span.known() && span.length > 0 && sources_.contains(span.file)) {
    append_excerpt(out, gutter, span, line(span.file, span.line));
  }
  for (const auto& other : diagnostic.also) out += "\n" + gutter + " = also: " + other.text();
  if (!diagnostic.help.empty()) out += "\n" + gutter + " = help: " + diagnostic.help;
  return out;
}

std::string Diagnostics::render_all() const {
  std::string out;
  for (const auto& diagnostic : all_) {
    if (!out.empty()) out += "\n\n";
    out += render(diagnostic);
  }
  return out;
}

}  // namespace engine::base
