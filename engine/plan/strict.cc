#include "plan/strict.h"

#include <fmt/format.h>

#include "base/text.h"
#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

bool is_scalar_kind(OptionKind kind) {
  return kind < OptionKind::kObject;
}

template <typename Entries, typename Field>
std::vector<std::string> names_of(const Entries& entries, Field field) {
  std::vector<std::string> out;
  for (const auto& entry : entries) out.push_back(entry.*field);
  return out;
}

/// The keys of a declaration joined with keys that all of its kind take.
ObjectSpec joined(const ObjectSpec& own, const ObjectSpec& common, std::string name) {
  ObjectSpec out = own;
  out.name = std::move(name);
  out.options.insert(out.options.end(), common.options.begin(), common.options.end());
  return out;
}

const ObjectSpec& common_connection_spec() {
  return *plan_spec().find("connections")->element->object;
}

}  // namespace

std::string KeyPath::text() const {
  if (parent == nullptr) return std::string(name);
  const std::string before = parent->text();
  return before.empty() ? std::string(name) : before + "." + std::string(name);
}

StrictWalk::StrictWalk(const Registry& registry, YamlTree& tree, Variables& variables,
                       base::Diagnostics& diagnostics)
    : registry_(registry),
      tree_(tree),
      variables_(variables),
      diagnostics_(diagnostics),
      scalars_(tree, variables, &diagnostics) {}

const ObjectSpec* StrictWalk::connection_spec(std::string_view type) {
  const auto known = connection_specs_.find(type);
  if (known != connection_specs_.end()) return &known->second;
  const ConnectorDecl* decl = registry_.connector(type);
  if (decl == nullptr) return nullptr;
  ObjectSpec spec = joined(decl->options, common_connection_spec(), decl->type + " connection");
  return &connection_specs_.emplace(decl->type, std::move(spec)).first->second;
}

const ObjectSpec* StrictWalk::check_spec(std::string_view kind) {
  const auto known = check_specs_.find(kind);
  if (known != check_specs_.end()) return &known->second;
  const CheckDecl* decl = registry_.check(kind);
  if (decl == nullptr) return nullptr;
  ObjectSpec spec = joined(decl->options, check_common_spec(), decl->name);
  return &check_specs_.emplace(decl->name, std::move(spec)).first->second;
}

void StrictWalk::unknown_key(const ObjectSpec& spec, const YamlNode& key) {
  const std::vector<std::string> known = names_of(spec.options, &OptionSpec::name);
  const auto near = base::nearest(key.text(), known);
  diagnostics_.error("E106", tree_.span(key),
                     fmt::format("unknown key {}", base::quoted(key.text())),
                     near ? fmt::format("did you mean {}?", base::quoted(*near))
                          : fmt::format("keys of {}: {}", spec.name, base::join(known, ", ")));
}

void StrictWalk::unknown_name(const YamlNode& key, std::string_view what,
                              const std::vector<std::string>& known) {
  const auto near = base::nearest(key.text(), known);
  diagnostics_.error("E113", tree_.span(key),
                     fmt::format("unknown {} {}", what, base::quoted(key.text())),
                     near ? fmt::format("did you mean {}?", base::quoted(*near))
                          : fmt::format("known: {}", base::join(known, ", ")));
}

void StrictWalk::wrong_shape(const OptionSpec& spec, const YamlNode& node) {
  const char* found = node.is_mapping()    ? "a mapping"
                      : node.is_sequence() ? "a list"
                      : node.is_null()     ? "nothing"
                                           : "a single value";
  diagnostics_.error(
      "E104", tree_.span(node),
      fmt::format("{} takes {}, not {}", base::quoted(spec.name), kind_text(spec), found),
      spec.example.empty() ? "" : "for example: " + spec.example);
}

void StrictWalk::note(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  if (notes_ == nullptr) return;
  notes_->push_back({path.text(), spec.available_since, tree_.span(node)});
}

void StrictWalk::object(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path) {
  keys(spec, node, path, false);
}

void StrictWalk::keys(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path,
                      bool partial) {
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    const OptionSpec* option = spec.find(node.key(i).text());
    if (option == nullptr) {
      unknown_key(spec, node.key(i));
      continue;
    }
    const KeyPath here{&path, option->name};
    value(*option, node.value(i), here);
  }
  if (!partial) required(spec, node, path);
}

void StrictWalk::required(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path) {
  for (const OptionSpec& option : spec.options) {
    if (!option.required || node.find(option.name) != nullptr) continue;
    const std::string where = path.text();
    diagnostics_.error(
        "E107", tree_.span(node),
        fmt::format("{} lacks the key {}", where.empty() ? spec.name : where,
                    base::quoted(option.name)),
        fmt::format("{}: {}{}", option.name, option.doc,
                    option.example.empty() ? "" : " For example: " + option.example));
  }
}

void StrictWalk::value(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  std::vector<NotAvailable>* const notes = notes_;
  const bool is_default = node.is_scalar() && !node.is_null() && node.text() == spec.default_text;
  if (!is_available(spec.available_since)) {
    if (!is_default) note(spec, node, path);
    notes_ = nullptr;
  }
  switch (spec.kind) {
    case OptionKind::kAny:
      any(spec, node, path);
      break;
    case OptionKind::kList:
      list(spec, node, path);
      break;
    case OptionKind::kMap:
      map(spec, node, path);
      break;
    case OptionKind::kObject:
      if (spec.object->name == kConnectionSpec) {
        connection(node, path, "", false);
      } else if (spec.object->name == kCheckSpec) {
        check_item(node, path);
      } else if (node.is_mapping()) {
        object(*spec.object, node, path);
      } else if (const OptionSpec* only = spec.object->find(spec.object->positional);
                 only != nullptr && !node.is_null()) {
        value(*only, node, path);
      } else {
        wrong_shape(spec, node);
      }
      break;
    default:
      scalar(spec, node, path);
  }
  notes_ = notes;
}

void StrictWalk::list(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  if (node.is_null()) return wrong_shape(spec, node);
  OptionSpec element = *spec.element;
  if (is_scalar_kind(element.kind)) element.name = spec.name;
  if (!node.is_sequence()) return value(element, node, path);
  for (const YamlNode* item : node.list()) value(element, *item, path);
}

void StrictWalk::map(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  if (!node.is_mapping()) return wrong_shape(spec, node);
  const bool has_star = spec.element->object == column_rule_spec();
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    if (has_star && node.key(i).text() == "*") {
      star(node.value(i));
      continue;
    }
    const KeyPath here{&path, node.key(i).text()};
    if (is_scalar_kind(spec.element->kind)) {
      OptionSpec element = *spec.element;
      element.name = std::string(node.key(i).text());
      value(element, node.value(i), here);
    } else {
      value(*spec.element, node.value(i), here);
    }
  }
}

void StrictWalk::star(const YamlNode& node) {
  if (node.text() == "keep" || node.text() == "drop") return;
  diagnostics_.error("E104", tree_.span(node),
                     fmt::format("'*' takes keep or drop, not {}", base::quoted(node.text())),
                     "keep: the other source columns come along; drop: they stay behind");
}

const OptionSpec* pick_alternative(const OptionSpec& spec, const YamlNode& node, YamlTree& tree,
                                   Variables& variables) {
  ScalarReader silent(tree, variables, nullptr);
  for (const OptionSpec& option : spec.alternatives) {
    const bool map = option.kind == OptionKind::kObject || option.kind == OptionKind::kMap;
    if (node.is_mapping() && map) return &option;
    if (node.is_sequence() && option.kind == OptionKind::kList) return &option;
    OptionValue ignored;
    if (node.is_scalar() && is_scalar_kind(option.kind) && silent.read(option, node, ignored)) {
      return &option;
    }
  }
  return nullptr;
}

void StrictWalk::any(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  const OptionSpec* option = pick_alternative(spec, node, tree_, variables_);
  if (option != nullptr) return value(*option, node, path);
  if (!node.is_scalar() || node.is_null()) return wrong_shape(spec, node);
  diagnostics_.error("E104", tree_.span(node),
                     fmt::format("{} takes {}, not {}", base::quoted(spec.name), kind_text(spec),
                                 base::quoted(node.text())),
                     spec.example.empty() ? "" : "for example: " + spec.example);
}

void StrictWalk::scalar(const OptionSpec& spec, const YamlNode& node, const KeyPath& path) {
  if (!node.is_scalar()) return wrong_shape(spec, node);
  const bool plain_text = spec.kind == OptionKind::kText && !spec.secret && !node.is_null();
  const bool has_variable = node.text().find("${") != std::string_view::npos;
  const bool may_be_url = node.text().find("://") != std::string_view::npos;
  if (plain_text && !has_variable && !may_be_url && !node.text().starts_with(':')) return;
  const bool runs = is_available(spec.available_since) && notes_ != nullptr;
  if (spec.kind == OptionKind::kExpression && runs && !node.is_null()) return;  // decoded later
  OptionValue read;
  if (!scalars_.read(spec, node, read) || read.unknown) return;
  if (spec.kind == OptionKind::kExpression) {
    scalars_.expression(std::make_shared<const base::Located>(read.text), diagnostics_);
  }
  const auto later = spec.choices_since.find(read.text.text);
  if (later == spec.choices_since.end() || notes_ == nullptr) return;
  if (read.text.text == spec.default_text) return;
  notes_->push_back({path.text() + ": " + read.text.text, later->second, read.text.span});
}

void StrictWalk::connection(const YamlNode& node, const KeyPath& path,
                            std::string_view type_of_base, bool partial) {
  if (!node.is_mapping()) {
    diagnostics_.error("E104", tree_.span(node),
                       fmt::format("{} takes a mapping with a 'type'", base::quoted(path.name)),
                       "for example: {type: sqlite, path: data/staging.db}");
    return;
  }
  const YamlNode* type = node.find("type");
  if (type == nullptr && type_of_base.empty()) {
    return required(common_connection_spec(), node, path);
  }
  const bool known_type = type != nullptr && type->is_scalar();
  const std::string_view name = known_type ? type->text() : type_of_base;
  const ObjectSpec* spec = connection_spec(name);
  if (spec == nullptr) {
    return unknown_name(type != nullptr ? *type : node, "connection type",
                        names_of(registry_.connectors, &ConnectorDecl::type));
  }
  keys(*spec, node, path, partial && name == type_of_base);
}

void StrictWalk::check_item(const YamlNode& node, const KeyPath& path) {
  if (node.pairs() == 0) {
    diagnostics_.error("E104", tree_.span(node), "a check is a mapping with one key, its kind",
                       "for example: - not_null: [id]");
    return;
  }
  const YamlNode& kind = node.key(0);
  const CheckDecl* decl = registry_.check(kind.text());
  if (decl == nullptr) {
    return unknown_name(kind, "check", names_of(registry_.checks, &CheckDecl::name));
  }
  if (node.pairs() > 1) {
    diagnostics_.error("E104", tree_.span(node.key(1)), "a check has one key, its kind",
                       fmt::format("put the others inside: - {}: {{..., {}: ...}}", kind.text(),
                                   node.key(1).text()));
  }
  OptionSpec option;
  option.name = decl->name;
  option.kind = OptionKind::kObject;
  option.available_since = decl->available_since;
  option.object =
      std::shared_ptr<const ObjectSpec>(std::shared_ptr<void>(), check_spec(decl->name));
  const YamlNode& body = node.value(0);
  const KeyPath here{&path, decl->name};
  static const YamlNode kEmpty = [] {
    YamlNode empty;
    empty.kind = YamlKind::kMapping;
    return empty;
  }();
  if (!body.is_null()) return value(option, body, here);
  YamlNode empty = kEmpty;
  empty.line = kind.line;
  empty.offset = kind.offset;
  empty.file = kind.file;
  value(option, empty, here);
}

}  // namespace engine::plan
