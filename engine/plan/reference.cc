#include "plan/reference.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "expr/expression.h"
#include "plan/reader.h"
#include "plan/scalars.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

/// What an option takes, in a word or two.
std::string takes(const OptionSpec& option) {
  if (option.kind == OptionKind::kChoice) {
    std::string out;
    for (const std::string& choice : option.choices) {
      if (!out.empty()) out += ", ";
      out += code(choice);
      const auto later = option.choices_since.find(choice);
      if (later != option.choices_since.end()) out += " (" + later->second + ")";
    }
    return out;
  }
  if (option.kind == OptionKind::kObject) return "see *" + option.object->name + "*";
  if (option.kind == OptionKind::kMap) return "names to " + takes(*option.element);
  if (option.kind == OptionKind::kList) {
    return option.element->kind == OptionKind::kText ? "names"
                                                     : "list of " + takes(*option.element);
  }
  if (option.kind != OptionKind::kAny) return option.secret ? "secret text" : kind_text(option);
  std::string out;
  for (const OptionSpec& alternative : option.alternatives) {
    out += (out.empty() ? "" : ", or ") + takes(alternative);
  }
  return out;
}

class Writer {
 public:
  void heading(int level, const std::string& text) {
    out_ += std::string(static_cast<std::size_t>(level), '#') + " " + text + "\n\n";
  }
  void paragraph(const std::string& text) {
    if (!text.empty()) out_ += text + "\n\n";
  }

  void options(const std::vector<OptionSpec>& options) {
    if (options.empty()) return;
    out_ += "| key | takes | default | since | meaning |\n|---|---|---|---|---|\n";
    for (const OptionSpec& option : options) {
      std::string doc = option.doc;
      if (!option.example.empty()) doc += " Example: " + code(option.example);
      out_ += fmt::format("| {}{} | {} | {} | {} | {} |\n", code(option.name),
                          option.required ? " (required)" : "", cell(takes(option)),
                          code(option.default_text), option.available_since, cell(doc));
    }
    out_ += '\n';
  }

  /// The object and everything below it, each once.
  void object(int level, const ObjectSpec& spec) {
    if (!written_.insert(&spec).second) return;
    heading(level, spec.name);
    paragraph(spec.doc + alone(spec));
    options(spec.options);
    for (const OptionSpec& option : spec.options) below(level, option);
  }

  void below(int level, const OptionSpec& option) {
    if (option.element) below(level, *option.element);
    for (const OptionSpec& alternative : option.alternatives) below(level, alternative);
    if (!option.object || option.object->name == kConnectionSpec) return;
    if (option.object->name == kCheckSpec || option.object == table_spec_shared()) return;
    object(level, *option.object);
  }

  static std::string alone(const ObjectSpec& spec) {
    return spec.positional.empty() ? "" : " A value alone is its `" + spec.positional + "`.";
  }

  void line(const std::string& text) { out_ += text + "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::set<const ObjectSpec*> written_;
};

void write_connections(Writer& out, const Registry& registry) {
  out.heading(3, "Connections");
  out.paragraph("Every connection takes these keys, and those of its type.");
  out.options(plan_spec().find("connections")->element->object->options);
  for (const ConnectorDecl& decl : registry.connectors) {
    out.heading(4, decl.type);
    out.paragraph(decl.options.doc + " Since " + decl.available_since + ".");
    out.options(decl.options.options);
  }
}

void write_checks(Writer& out, const Registry& registry) {
  out.heading(3, "Checks");
  out.paragraph("Every check takes these keys, and its own.");
  out.options(check_common_spec().options);
  for (const CheckDecl& decl : registry.checks) {
    out.heading(4, decl.name);
    out.paragraph(decl.options.doc + Writer::alone(decl.options) + " Scope by default: `" +
                  decl.default_scope + "`. Since " + decl.available_since + ".");
    out.options(decl.options.options);
  }
}

void write_functions(Writer& out) {
  out.heading(3, "Functions");
  out.line("| function | meaning | example | gives |");
  out.line("|---|---|---|---|");
  for (const expr::FunctionDoc& function : expr::function_docs()) {
    out.line(fmt::format("| {} | {} | {} | {} |", code(function.signature), cell(function.doc),
                         code(function.example), code(function.result)));
  }
  out.line("");
}

}  // namespace

std::string reference_markdown(const Registry& registry) {
  Writer out;
  out.paragraph(
      "*since* is the version of the engine that runs a key; what a later version will run "
      "is known, noted by `engine validate`, and refused by `plan` and `run`.");
  out.object(3, plan_spec());
  out.object(3, table_spec());
  write_connections(out, registry);
  write_checks(out, registry);
  write_functions(out);
  return out.take();
}

namespace {

constexpr std::string_view kBegin = "<!-- generated: begin -->\n";
constexpr std::string_view kEnd = "<!-- generated: end -->\n";

}  // namespace

std::string with_reference(const std::string& page, const Registry& registry) {
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return page;
  return page.substr(0, begin + kBegin.size()) + reference_markdown(registry) + page.substr(end);
}

std::string explain_options(const ObjectSpec& spec) {
  std::string out;
  for (const OptionSpec& option : spec.options) {
    out += fmt::format("  {}: {}{}\n", option.name, kind_text(option),
                       option.required ? " (required)" : "");
    out += "      " + option.doc + "\n";
    if (!option.default_text.empty()) out += "      default: " + option.default_text + "\n";
    if (!option.example.empty()) out += "      example: " + option.example + "\n";
    if (!is_available(option.available_since)) {
      out += "      not available before version " + option.available_since + "\n";
    }
  }
  return out;
}

namespace {

std::string availability(const std::string& since) {
  return is_available(since) ? "" : " (not available before version " + since + ")";
}

}  // namespace

std::optional<std::string> explain_connector(const Registry& registry, std::string_view type) {
  const ConnectorDecl* decl = registry.connector(type);
  if (decl == nullptr) return std::nullopt;
  return fmt::format("connector {}{}\n{}\n\n{}{}", decl->type, availability(decl->available_since),
                     decl->options.doc, explain_options(decl->options),
                     explain_options(*plan_spec().find("connections")->element->object));
}

std::optional<std::string> explain_check(const Registry& registry, std::string_view name) {
  const CheckDecl* decl = registry.check(name);
  if (decl == nullptr) return std::nullopt;
  return fmt::format("check {}{}\n{} Scope by default: {}.\n\n{}\nkeys of every check\n{}",
                     decl->name, availability(decl->available_since), decl->options.doc,
                     decl->default_scope, explain_options(decl->options),
                     explain_options(check_common_spec()));
}

namespace {

const ObjectSpec* object_of(const OptionSpec& option) {
  if (option.object) return option.object.get();
  if (option.element) return object_of(*option.element);
  for (const OptionSpec& alternative : option.alternatives) {
    if (const ObjectSpec* found = object_of(alternative)) return found;
  }
  return nullptr;
}

/// The option that a dotted path names, from the plan's or a table's keys; names of maps are
/// skipped.
const OptionSpec* find_option(const ObjectSpec& from, const std::vector<std::string>& path) {
  const ObjectSpec* object = &from;
  const OptionSpec* option = nullptr;
  for (const std::string& name : path) {
    const OptionSpec* next = object == nullptr ? nullptr : object->find(name);
    if (next == nullptr) return nullptr;
    option = next;
    object = object_of(*option);
  }
  return option;
}

}  // namespace

std::optional<std::string> explain_option(const Registry& registry, std::string_view path) {
  const std::vector<std::string> names = base::split(path, '.');
  const OptionSpec* option = find_option(table_spec(), names);
  if (option == nullptr) option = find_option(plan_spec(), names);
  if (option == nullptr) {
    if (auto text = explain_check(registry, path)) return text;
    return explain_connector(registry, path);
  }
  ObjectSpec one;
  one.options.push_back(*option);
  std::string out = explain_options(one);
  const ObjectSpec* object = object_of(*option);
  if (object != nullptr) out += "\nkeys of " + object->name + "\n" + explain_options(*object);
  return out;
}

}  // namespace engine::plan
