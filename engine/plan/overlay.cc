#include "plan/overlay.h"

#include <array>

namespace engine::plan {

const YamlNode* merge_deep(YamlTree& tree, const YamlNode& under, const YamlNode& over) {
  if (!under.is_mapping() || !over.is_mapping()) return &over;
  std::vector<const YamlNode*> children;
  children.reserve(under.size + over.size);
  for (std::size_t i = 0; i < under.pairs(); ++i) {
    const YamlNode* above = over.find(under.key(i).text());
    children.push_back(&under.key(i));
    children.push_back(above == nullptr ? &under.value(i)
                                        : merge_deep(tree, under.value(i), *above));
  }
  for (std::size_t i = 0; i < over.pairs(); ++i) {
    if (under.find(over.key(i).text()) != nullptr) continue;
    children.push_back(&over.key(i));
    children.push_back(&over.value(i));
  }
  return tree.make_mapping(over, children);
}

const YamlNode* with_value(YamlTree& tree, const YamlNode& mapping, std::string_view name,
                           const YamlNode& value) {
  std::vector<const YamlNode*> children(mapping.list().begin(), mapping.list().end());
  for (std::size_t i = 0; i < mapping.pairs(); ++i) {
    if (mapping.key(i).text() != name) continue;
    children[2 * i + 1] = &value;
    return tree.make_mapping(mapping, children);
  }
  YamlNode* key = tree.make_node();
  *key = value;
  key->kind = YamlKind::kPlain;
  const std::string_view kept = tree.keep(name);
  key->bytes = kept.data();
  key->size = static_cast<std::uint32_t>(kept.size());
  children.push_back(key);
  children.push_back(&value);
  return tree.make_mapping(mapping, children);
}

namespace {

bool changes_type(const YamlNode& under, const YamlNode& over) {
  const YamlNode* before = under.find("type");
  const YamlNode* after = over.find("type");
  return before != nullptr && after != nullptr && before->text() != after->text();
}

const YamlNode* lay_connections(YamlTree& tree, const YamlNode& under, const YamlNode& over) {
  const YamlNode* out = &under;
  for (std::size_t i = 0; i < over.pairs(); ++i) {
    const YamlNode& value = over.value(i);
    const YamlNode* before = under.find(over.key(i).text());
    const bool replaces = before == nullptr || changes_type(*before, value);
    out = with_value(tree, *out, over.key(i).text(),
                     replaces ? value : *merge_deep(tree, *before, value));
  }
  return out;
}

}  // namespace

const YamlNode* lay_profile(YamlTree& tree, const YamlNode& root, const YamlNode& profile) {
  const YamlNode* out = &root;
  constexpr std::array<std::string_view, 5> kSections = {"connections", "vars", "run", "limits",
                                                         "observe"};
  for (const std::string_view section : kSections) {
    const YamlNode* over = profile.find(section);
    if (over == nullptr || !over->is_mapping()) continue;
    const YamlNode* under = root.find(section);
    const YamlNode* merged = over;
    if (under != nullptr && under->is_mapping()) {
      merged = section == "connections" ? lay_connections(tree, *under, *over)
                                        : merge_deep(tree, *under, *over);
    }
    out = with_value(tree, *out, section, *merged);
  }
  return out;
}

}  // namespace engine::plan
