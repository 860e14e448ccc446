#include "plan/explain.h"

#include <fmt/format.h>

#include "plan/merged_tree.h"

namespace engine::plan {

namespace {

struct Line {
  std::string text;
  std::string origin;
};

class Lines {
 public:
  explicit Lines(const MergedTree& tree) : tree_(tree) {}

  void mapping(const YamlNode& node, int depth) {
    for (std::size_t i = 0; i < node.pairs(); ++i) {
      const std::string key = name(node.key(i)) + ":";
      const YamlNode& value = node.value(i);
      if (is_short(value)) {
        add(depth, key + " " + inline_text(value), origin(value));
      } else {
        add(depth, key, "");
        children(value, depth + 1);
      }
    }
  }

  std::string take() {
    std::size_t width = 0;
    for (const Line& line : lines_) {
      if (!line.origin.empty())
        width = std::max(width, std::min<std::size_t>(line.text.size(), 60));
    }
    std::string out;
    for (const Line& line : lines_) {
      out += line.origin.empty() ? line.text
                                 : fmt::format("{:<{}}  # {}", line.text, width, line.origin);
      out += '\n';
    }
    return out;
  }

  void add(int depth, std::string text, std::string origin_text) {
    lines_.push_back({std::string(static_cast<std::size_t>(2 * depth), ' ') + std::move(text),
                      std::move(origin_text)});
  }

 private:
  void children(const YamlNode& node, int depth) {
    if (node.is_mapping()) return mapping(node, depth);
    for (const YamlNode* item : node.list()) {
      add(depth, "- " + inline_text(*item), origin(*item));
    }
  }

  /// A list of plain values stands on one line; what merges key by key stands on several, for each
  /// has an origin.
  static bool is_short(const YamlNode& node) {
    if (!node.is_sequence()) return node.is_scalar() || node.size == 0;
    for (const YamlNode* item : node.list()) {
      if (!item->is_scalar()) return false;
    }
    return true;
  }

  std::string name(const YamlNode& key) const {
    const std::string text(key.text());
    return text == "*" ? "\"*\"" : text;
  }

  std::string inline_text(const YamlNode& node) const {
    if (node.is_null()) return "null";
    if (node.is_scalar()) return scalar(node);
    std::string out;
    if (node.is_sequence()) {
      for (const YamlNode* item : node.list())
        out += (out.empty() ? "" : ", ") + inline_text(*item);
      return "[" + out + "]";
    }
    for (std::size_t i = 0; i < node.pairs(); ++i) {
      if (i > 0) out += ", ";
      out += name(node.key(i)) + ": " + inline_text(node.value(i));
    }
    return "{" + out + "}";
  }

  std::string scalar(const YamlNode& node) const {
    const std::string text = tree_.visible_text(node);
    const bool plain = node.kind == YamlKind::kPlain && text.find("${") == std::string::npos;
    return plain && !text.empty() ? text : "\"" + text + "\"";
  }

  std::string origin(const YamlNode& node) const {
    const base::Span span = tree_.yaml.span(node);
    return fmt::format("{}:{}", span.file.text(), span.line);
  }

  const MergedTree& tree_;
  std::vector<Line> lines_;
};

}  // namespace

std::optional<std::string> explain_table(const Plan& plan, std::string_view table) {
  const Table* found = plan.table(table);
  if (found == nullptr || plan.tree == nullptr) return std::nullopt;
  const auto index = static_cast<std::size_t>(found - plan.tables.data());
  Lines lines(*plan.tree);
  lines.add(0, found->name.text + ":",
            fmt::format("{}:{}", found->span.file.text(), found->span.line));
  lines.mapping(*plan.tree->tables[index], 1);
  return lines.take();
}

}  // namespace engine::plan
