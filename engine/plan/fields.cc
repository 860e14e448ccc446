#include "plan/fields.h"

namespace engine::plan {

void Decoding::not_available(std::string what, std::string since, const YamlNode& node) {
  plan.not_available.push_back({std::move(what), std::move(since), tree.span(node)});
}

ExpressionText Decoding::expression(const YamlNode& node) {
  ExpressionText out{std::make_shared<const base::Located>(tree.located(node)), nullptr};
  if (!node.is_null()) out.syntax = scalars.expression(out.text, diagnostics);
  return out;
}

const YamlNode* Fields::get(std::string_view name) {
  if (decoding_.read_options != nullptr) {
    decoding_.read_options->insert(spec_.name + "/" + std::string(name));
  }
  if (node_ == nullptr) return nullptr;
  if (node_->is_mapping()) return node_->find(name);
  return name == spec_.positional && !node_->is_null() ? node_ : nullptr;
}

std::optional<OptionValue> Fields::value(std::string_view name) {
  const YamlNode* node = get(name);
  if (node == nullptr || !node->is_scalar()) return std::nullopt;
  OptionValue out;
  if (!decoding_.scalars.read(*spec_.find(name), *node, out) || out.unknown) return std::nullopt;
  return out;
}

std::optional<base::Located> Fields::text(std::string_view name) {
  std::optional<OptionValue> found = value(name);
  if (!found) return std::nullopt;
  return std::move(found->text);
}

std::string Fields::plain(std::string_view name) {
  std::optional<base::Located> found = text(name);
  if (!found) return spec_.find(name)->default_text;
  return std::move(found->text);
}

base::Secret Fields::secret(std::string_view name) {
  std::optional<OptionValue> found = value(name);
  return found ? found->secret.value_or({}) : base::Secret();
}

std::optional<std::int64_t> Fields::integer(std::string_view name) {
  const std::optional<OptionValue> found = value(name);
  if (!found) return std::nullopt;
  return found->integer;
}

bool Fields::flag(std::string_view name) {
  const std::optional<OptionValue> found = value(name);
  return found ? found->flag : spec_.find(name)->default_text == "true";
}

std::string Fields::choice(std::string_view name) {
  return plain(name);
}

std::vector<base::Located> read_names(Decoding& decoding, const YamlNode& node) {
  std::vector<base::Located> out;
  if (node.is_scalar() && !node.is_null()) out.push_back(decoding.text(node));
  for (const YamlNode* item : node.list()) {
    if (node.is_sequence() && item->is_scalar() && !item->is_null()) {
      out.push_back(decoding.text(*item));
    }
  }
  return out;
}

std::vector<base::Located> Fields::names(std::string_view name) {
  const YamlNode* node = get(name);
  return node == nullptr ? std::vector<base::Located>() : read_names(decoding_, *node);
}

std::vector<std::string> Fields::words(std::string_view name) {
  std::vector<std::string> out;
  for (base::Located& word : names(name)) out.push_back(std::move(word.text));
  return out;
}

std::optional<ExpressionText> Fields::expression(std::string_view name) {
  const YamlNode* node = get(name);
  if (node == nullptr || !node->is_scalar() || node->is_null()) return std::nullopt;
  return decoding_.expression(*node);
}

std::optional<data::Type> Fields::type(std::string_view name) {
  const std::optional<OptionValue> found = value(name);
  return found ? data::parse_type(found->text.text) : std::nullopt;
}

std::optional<Cap> Fields::cap(std::string_view name) {
  const YamlNode* node = get(name);
  if (node == nullptr || !node->is_scalar() || node->is_null()) return std::nullopt;
  const std::optional<base::Located> found = decoding_.text(*node);
  Cap out{.relative = false, .ratio = 0, .count = 0, .text = *found};
  if (const auto count = parse_whole(found->text)) {
    out.count = *count;
    return out;
  }
  const auto share = parse_ratio(found->text);
  if (!share) return std::nullopt;
  out.relative = true;
  out.ratio = *share;
  return out;
}

std::optional<Threshold> Fields::threshold(std::string_view name) {
  std::optional<base::Located> found = text(name);
  const auto parts = found ? parse_threshold(found->text) : std::nullopt;
  if (!parts) return std::nullopt;
  return Threshold{parts->comparison, parts->value, parts->relative, std::move(*found)};
}

OptionValue read_object(Decoding& decoding, const ObjectSpec& spec, const YamlNode& node) {
  OptionValue out;
  out.kind = OptionKind::kObject;
  out.text.span = decoding.tree.span(node);
  Fields fields(decoding, spec, &node);
  for (const OptionSpec& option : spec.options) {
    const YamlNode* value = fields.get(option.name);
    if (value != nullptr) out.fields[option.name] = read_option(decoding, option, *value);
  }
  return out;
}

namespace {

OptionValue read_map(Decoding& decoding, const OptionSpec& spec, const YamlNode& node) {
  OptionValue out;
  out.kind = OptionKind::kMap;
  out.text.span = decoding.tree.span(node);
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    out.fields[node.key(i).text()] = read_option(decoding, *spec.element, node.value(i));
  }
  return out;
}

OptionValue read_list(Decoding& decoding, const OptionSpec& spec, const YamlNode& node) {
  OptionValue out;
  out.kind = OptionKind::kList;
  out.text.span = decoding.tree.span(node);
  if (!node.is_sequence()) {
    out.items.push_back(read_option(decoding, *spec.element, node));
    return out;
  }
  std::vector<OptionValue>& items = out.items.make();
  items.reserve(node.size);
  for (const YamlNode* item : node.list()) {
    items.push_back(read_option(decoding, *spec.element, *item));
  }
  return out;
}

}  // namespace

OptionValue read_option(Decoding& decoding, const OptionSpec& spec, const YamlNode& node) {
  if (spec.kind == OptionKind::kAny) {
    const OptionSpec* option = pick_alternative(spec, node, decoding.tree, decoding.variables);
    return option == nullptr ? OptionValue{} : read_option(decoding, *option, node);
  }
  if (spec.kind == OptionKind::kObject) return read_object(decoding, *spec.object, node);
  if (spec.kind == OptionKind::kMap) return read_map(decoding, spec, node);
  if (spec.kind == OptionKind::kList) return read_list(decoding, spec, node);
  OptionValue out;
  out.kind = spec.kind;
  out.text.span = decoding.tree.span(node);
  if (!node.is_scalar()) return out;
  decoding.scalars.read(spec, node, out);
  if (spec.kind == OptionKind::kExpression && !node.is_null() &&
      is_available(spec.available_since)) {
    decoding.scalars.expression(std::make_shared<const base::Located>(out.text),
                                decoding.diagnostics);
  }
  return out;
}

}  // namespace engine::plan
