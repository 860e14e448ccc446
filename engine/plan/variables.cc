#include "plan/variables.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace engine::plan {

namespace {

constexpr std::uint64_t kSecretFileBytes = std::uint64_t{1} << 20;

bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (text.empty() || !letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// What stands between `${` and `}`.
struct Form {
  enum Kind { kBad, kName, kSecret, kFile } kind = kBad;
  std::string_view name;  ///< or the path
  std::optional<std::string_view> standard;
  std::optional<std::string_view> message;
};

Form read_form(std::string_view inside) {
  Form form;
  const auto prefixed = [&](std::string_view prefix, Form::Kind kind) {
    if (!inside.starts_with(prefix)) return false;
    form.name = inside.substr(prefix.size());
    if (!form.name.empty() && (kind == Form::kFile || is_name(form.name))) form.kind = kind;
    return true;
  };
  if (prefixed("secret:", Form::kSecret) || prefixed("file:", Form::kFile)) return form;
  const std::size_t end = std::min(inside.find_first_of(":?"), inside.size());
  form.name = inside.substr(0, end);
  const std::string_view rest = inside.substr(end);
  if (rest.starts_with(":-")) form.standard = rest.substr(2);
  if (rest.starts_with("?")) form.message = rest.substr(1);
  const bool good = rest.empty() || form.standard.has_value() || form.message.has_value();
  if (good && is_name(form.name)) form.kind = Form::kName;
  return form;
}

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

constexpr const char* kForms =
    "write ${name}, ${NAME:-default}, ${NAME?message}, ${secret:NAME} or ${file:/path}; none may "
    "stand inside another";

}  // namespace

/// Expands one scalar and keeps, for every byte of the result, the column it came from.
class Variables::Expander {
 public:
  Expander(Variables& owner, const YamlNode& node, base::Diagnostics* diagnostics)
      : owner_(owner), source_(owner.tree_.located(node)), diagnostics_(diagnostics) {
    file_ = owner.tree_.file(node.file).name;
  }

  Expansion run() {
    const std::string_view text = source_.text;
    std::size_t at = 0;
    for (std::size_t open = text.find("${"); open != std::string_view::npos;
         open = text.find("${", at)) {
      copy(at, open);
      at = replace(open);
    }
    copy(at, text.size());
    finish();
    return std::move(out_);
  }

 private:
  void copy(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      append(std::string_view(source_.text).substr(i, 1), i);
  }

  void append(std::string_view bytes, std::size_t from) {
    out_.value.text += bytes;
    columns_.insert(columns_.end(), bytes.size(), source_.at(from).column);
  }

  void finish() {
    out_.value.span = source_.span;
    if (!source_.one_line()) columns_.clear();
    if (!source_.one_line() || !columns_.empty()) out_.value.columns = std::move(columns_);
  }

  /// Replaces the form that opens at `open`; returns where the text goes on.
  std::size_t replace(std::size_t open) {
    const std::string_view text = source_.text;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      mistake(open, text.size() - open, "'${' is never closed", kForms);
      return text.size();
    }
    const std::string_view inside = text.substr(open + 2, close - open - 2);
    const Form form = read_form(inside);
    if (form.kind == Form::kBad || inside.find("${") != std::string_view::npos) {
      mistake(open, close - open + 1,
              fmt::format("{} is no variable", base::quoted(text.substr(open, close - open + 1))),
              kForms);
      return close + 1;
    }
    place_ = {open, close - open + 1};
    if (form.kind == Form::kName) {
      name(form);
    } else {
      secret(form);
    }
    return close + 1;
  }

  void name(const Form& form) {
    const auto entry = owner_.entries_.find(form.name);
    const bool own = !owner_.open_.empty() && owner_.open_.back() == form.name;
    if (entry != owner_.entries_.end() && !own) {
      entry->second.used = true;
      return variable(entry->first, entry->second);
    }
    const std::optional<std::string> value = environment(form.name);
    if (value.has_value() && !(value->empty() && form.standard.has_value())) {
      out_.external = true;
      return append(*value, place_.first);
    }
    if (form.standard.has_value()) return append(*form.standard, place_.first);
    missing(form, fmt::format("variable {} is not set", base::quoted(form.name)));
  }

  void variable(const std::string& entry_name, const Entry& entry) {
    if (entry.set.has_value()) {
      out_.external = true;
      return append(*entry.set, place_.first);
    }
    const auto open = std::find(owner_.open_.begin(), owner_.open_.end(), entry_name);
    if (open != owner_.open_.end()) {
      return mistake(place_.first, place_.second,
                     fmt::format("variable {} is made of itself", base::quoted(entry_name)),
                     "give one of the variables a plain value");
    }
    owner_.open_.push_back(entry_name);
    const Expansion inner = owner_.expand(*entry.value, diagnostics_);
    owner_.open_.pop_back();
    out_.unknown |= inner.unknown;
    out_.secret |= inner.secret;
    out_.external |= inner.external;
    append(inner.value.text, place_.first);
  }

  void secret(const Form& form) {
    out_.secret = out_.external = true;
    if (owner_.offline_ || owner_.lenient_) {
      out_.unknown = true;
      return;
    }
    if (form.kind == Form::kFile) return secret_file(form);
    const std::optional<std::string> value = environment(form.name);
    if (value.has_value()) return append(*value, place_.first);
    missing(form, fmt::format("secret {} is not set", base::quoted(form.name)));
  }

  void secret_file(const Form& form) {
    std::filesystem::path path(form.name);
    if (path.is_relative()) path = std::filesystem::path(file_).parent_path() / path;
    try {
      std::string bytes = base::read_file(path, kSecretFileBytes);
      while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.pop_back();
      append(bytes, place_.first);
    } catch (const base::Error& error) {
      out_.unknown = true;
      report("E205", error.message(), "the file that ${file:} names must be readable by this user");
    }
  }

  void missing(const Form& form, std::string message) {
    out_.unknown = true;
    if (owner_.lenient_) return;
    if (owner_.offline_) {
      owner_.unknown_.emplace(form.name);
      return;
    }
    const std::string help =
        form.message.has_value()
            ? std::string(*form.message)
            : fmt::format("export {}=..., or write ${{{}:-default}}", form.name, form.name);
    report("E110", std::move(message), help);
  }

  void mistake(std::size_t offset, std::size_t length, std::string message, std::string help) {
    place_ = {offset, length};
    out_.unknown = true;
    report("E110", std::move(message), std::move(help));
  }

  void report(const char* code, std::string message, std::string help) {
    if (diagnostics_ == nullptr) return;
    diagnostics_->error(code, source_.at(place_.first, place_.second), std::move(message),
                        std::move(help));
  }

  Variables& owner_;
  base::Located source_;
  base::Diagnostics* diagnostics_;
  std::string file_;
  Expansion out_;
  std::vector<int> columns_;                   ///< of the result
  std::pair<std::size_t, std::size_t> place_;  ///< offset and length of the form being replaced
};

Variables::Variables(const YamlTree& tree, const ReadOptions& options)
    : tree_(tree), offline_(options.offline), set_(options.set) {}

void Variables::define(const YamlNode& name, const YamlNode& value) {
  Entry& entry = entries_[std::string(name.text())];
  if (entry.key == nullptr) entry.key = &name;
  entry.value = &value;
}

void Variables::apply_set(const std::string& file, base::Diagnostics& diagnostics) {
  for (const auto& [name, value] : set_) {
    const auto entry = entries_.find(name);
    if (entry != entries_.end()) {
      entry->second.set = value;
      continue;
    }
    const auto near = base::nearest(name, names());
    diagnostics.error(
        "E113", {.file = file, .line = 0},
        fmt::format("--set {}: the plan has no variable of that name", base::quoted(name)),
        near ? fmt::format("did you mean {}?", base::quoted(*near)) : "declare it under 'vars'");
  }
}

Expansion Variables::expand(const YamlNode& node, base::Diagnostics* diagnostics) {
  if (node.text().find("${") == std::string_view::npos) {
    Expansion out;
    out.value = tree_.located(node);
    return out;
  }
  return Expander(*this, node, diagnostics).run();
}

std::map<std::string, base::Located> Variables::values(base::Diagnostics& diagnostics) {
  std::map<std::string, base::Located> out;
  for (auto& [name, entry] : entries_) {
    if (entry.set.has_value()) {
      out[name] = tree_.located(*entry.value);
      out[name].text = *entry.set;
      continue;
    }
    open_.push_back(name);
    Expansion value = expand(*entry.value, &diagnostics);
    open_.pop_back();
    if (value.unknown) {
      unknown_.insert(name);
    } else if (!value.secret) {
      out[name] = std::move(value.value);
    }
  }
  return out;
}

std::vector<std::string> Variables::names() const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : entries_) out.push_back(name);
  return out;
}

void Variables::mark_used(std::string_view name) {
  const auto entry = entries_.find(name);
  if (entry != entries_.end()) entry->second.used = true;
}

void Variables::mark_uses_in(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    const std::size_t close = std::min(text.find('}', at), text.size());
    mark_used(read_form(text.substr(at + 2, close - at - 2)).name);
  }
}

void Variables::report_unused(base::Diagnostics& diagnostics) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.used || entry.key == nullptr) continue;
    diagnostics.error(
        "E111", tree_.span(*entry.key),
        fmt::format("nothing uses the variable {}", base::quoted(name)),
        fmt::format("use it as ${{{}}} in an option or :{} in an expression, or remove it", name,
                    name));
  }
}

}  // namespace engine::plan
