#include "plan/digest.h"

#include <algorithm>
#include <numeric>

#include "base/digest.h"
#include "plan/merged_tree.h"

namespace engine::plan {

std::string MergedTree::visible_text(const YamlNode& node) const {
  if (secrets.contains(&node)) return "<secret>";
  if (node.text().find("${") == std::string_view::npos) return std::string(node.text());
  const Expansion expansion = variables->expand(node, nullptr);
  if (expansion.secret) return "<secret>";
  return expansion.unknown ? "<unknown>" : expansion.value.text;
}

namespace {

/// Writes a length before every text, so that no two trees give the same bytes.
class Canonical {
 public:
  explicit Canonical(const MergedTree& tree) : tree_(tree) {}

  std::string take() { return std::move(out_); }

  void text(std::string_view bytes) {
    out_ += std::to_string(bytes.size());
    out_ += ':';
    out_ += bytes;
  }

  void node(const YamlNode& node) {
    if (node.is_mapping()) return mapping(node);
    if (node.is_sequence()) {
      out_ += '[';
      for (const YamlNode* item : node.list()) this->node(*item);
      out_ += ']';
    } else if (node.is_null()) {
      out_ += '~';
    } else {
      text(tree_.visible_text(node));
    }
  }

 private:
  void mapping(const YamlNode& node) {
    std::vector<std::size_t> order(node.pairs());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
      return node.key(left).text() < node.key(right).text();
    });
    out_ += '{';
    for (const std::size_t i : order) {
      text(node.key(i).text());
      this->node(node.value(i));
    }
    out_ += '}';
  }

  const MergedTree& tree_;
  std::string out_;
};

bool counts(std::string_view section) {
  constexpr std::string_view kWithout[] = {"profiles", "include",     "defaults",
                                           "tables",   "description", "tests"};
  return std::find(std::begin(kWithout), std::end(kWithout), section) == std::end(kWithout);
}

}  // namespace

std::string plan_digest(const Plan& plan) {
  if (plan.tree == nullptr) return {};
  const MergedTree& tree = *plan.tree;
  Canonical canonical(tree);
  std::map<std::string_view, const YamlNode*> sections;
  for (std::size_t i = 0; i < tree.root->pairs(); ++i) {
    if (counts(tree.root->key(i).text())) sections[tree.root->key(i).text()] = &tree.root->value(i);
  }
  for (const auto& [name, node] : sections) {
    canonical.text(name);
    canonical.node(*node);
  }
  std::map<std::string_view, const YamlNode*> tables;
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    tables[plan.tables[i].name.text] = tree.tables[i];
  }
  for (const auto& [name, node] : tables) {
    canonical.text(name);
    canonical.node(*node);
  }
  for (const auto& [name, value] : plan.vars) {
    canonical.text(name);
    canonical.text(value.text);
  }
  return base::sha256_hex(canonical.take());
}

}  // namespace engine::plan
