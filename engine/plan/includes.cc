#include "plan/includes.h"

#include <fmt/format.h>

#include <algorithm>

#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace engine::plan {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOnlyInPlan[] = {"version", "name", "profiles", "run"};

/// The path with links followed; the path itself when it does not exist.
fs::path real_path(const fs::path& path) {
  std::error_code problem;
  fs::path real = fs::weakly_canonical(fs::absolute(path, problem), problem);
  return problem ? path.lexically_normal() : real;
}

fs::path project_root(const fs::path& folder) {
  std::error_code ignored;
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git", ignored) || fs::exists(at / ".engine-root", ignored)) return at;
    if (at == at.parent_path()) return folder;
  }
}

bool lies_beneath(const fs::path& path, const fs::path& folder) {
  const auto [rest, ignored] =
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return rest == folder.end();
}

std::string without_mark(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

/// What a plan that cannot be read may have been meant to be.
std::string help_for(const fs::path& file) {
  std::error_code failure;
  if (fs::exists(file, failure)) return "the plan must be a file that this user may read";
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".yaml" || extension == ".yml") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  const auto near = base::nearest(file.filename().string(), names);
  if (near) {
    return fmt::format("did you mean {}?", base::quoted((file.parent_path() / *near).string()));
  }
  return "name a plan file; its path is relative to the folder you are in";
}

}  // namespace

const YamlNode* PlanFiles::read_one(const std::string& name, const fs::path& path) {
  std::error_code unknown;
  if (fs::file_size(path, unknown) > limits_.bytes && !unknown) {
    diagnostics_.error("E105", {.file = name, .line = 0},
                       fmt::format("the file is larger than {} MiB", limits_.bytes >> 20),
                       "split it into several plans, or name tables by a pattern");
    return nullptr;
  }
  std::string text = without_mark(base::read_file(path));
  const std::uint16_t file = tree_.add_file(name, std::move(text));
  diagnostics_.remember(name, tree_.file(file).text);
  return read_yaml(tree_, file, limits_, use_, diagnostics_);
}

const YamlNode* PlanFiles::read_plan_file(const std::string& file) {
  const fs::path real = real_path(file);
  root_folder_ = project_root(real.parent_path());
  const YamlNode* root = nullptr;
  try {
    root = read_one(file, file);
  } catch (const base::Error& error) {
    diagnostics_.error(error.code(), {.file = file, .line = 0}, error.message(), help_for(file));
    return nullptr;
  }
  if (root == nullptr || !root->is_mapping()) {
    if (diagnostics_.has_errors()) return nullptr;
    diagnostics_.error("E101", {.file = file, .line = 1, .column = 1},
                       "the plan is empty, or no mapping of keys",
                       "begin with 'version: 1', then 'connections' and 'tables'");
    return nullptr;
  }
  open_.push_back(real);
  add_sections(*root, false);
  std::vector<const YamlNode*> children;
  for (const Section& section : sections_) {
    children.push_back(section.key);
    children.push_back(join(section));
  }
  return tree_.make_mapping(*root, children);
}

void PlanFiles::add_sections(const YamlNode& root, bool included) {
  for (std::size_t i = 0; i < root.pairs(); ++i) {
    const YamlNode& key = root.key(i);
    const bool only_in_plan = std::find(std::begin(kOnlyInPlan), std::end(kOnlyInPlan),
                                        key.text()) != std::end(kOnlyInPlan);
    if (included && only_in_plan) {
      diagnostics_.error("E109", tree_.span(key),
                         fmt::format("an included file may not hold {}", base::quoted(key.text())),
                         "it belongs into the plan itself");
      continue;
    }
    const auto same = std::find_if(sections_.begin(), sections_.end(), [&](const Section& section) {
      return section.key->text() == key.text();
    });
    if (same == sections_.end()) {
      sections_.push_back({&key, {&root.value(i)}});
    } else {
      same->values.push_back(&root.value(i));
    }
  }
  // After the file's own keys: of two definitions the including file's stands first.
  if (const YamlNode* include = root.find("include")) follow(*include);
}

void PlanFiles::follow(const YamlNode& include) {
  if (include.is_scalar()) return include_file(include);
  for (const YamlNode* entry : include.list()) include_file(*entry);
}

bool PlanFiles::allowed(const fs::path& path, const base::Span& said) {
  if (lies_beneath(path, root_folder_)) return true;
  diagnostics_.error("E109", said, "the file lies outside the project",
                     fmt::format("it must lie beneath {}, also after symbolic links; a file named "
                                 ".engine-root marks another root",
                                 root_folder_.string()));
  return false;
}

void PlanFiles::include_file(const YamlNode& entry) {
  if (!entry.is_scalar() || entry.is_null()) return;  // reported with the other kinds
  const base::Span said = tree_.span(entry);
  const fs::path folder = fs::path(tree_.file(entry.file).name.text()).parent_path();
  const fs::path path = (folder / std::string(entry.text())).lexically_normal();
  const fs::path real = real_path(path);
  if (!allowed(real, said)) return;
  if (std::find(open_.begin(), open_.end(), real) != open_.end()) {
    diagnostics_.error("E109", said, "the files include each other in a circle",
                       "remove one of the includes");
    return;
  }
  if (!done_.insert(real).second) return;
  try {
    const YamlNode* root = read_one(path.string(), path);
    if (root == nullptr) return;
    open_.push_back(real);
    add_sections(*root, true);
    open_.pop_back();
  } catch (const base::Error& error) {
    diagnostics_.error("E109", said, "the included file cannot be read: " + error.message(),
                       "the path is relative to the file that says it");
  }
}

const YamlNode* PlanFiles::read_part(const std::string& path, const base::Span& said) {
  const fs::path real = real_path(path);
  if (!allowed(real, said)) return nullptr;
  try {
    return read_one(path, path);
  } catch (const base::Error& error) {
    diagnostics_.error("E109", said, "the file cannot be read: " + error.message(),
                       "the path is relative to the file that says it");
    return nullptr;
  }
}

const YamlNode* PlanFiles::join(const Section& section) {
  if (section.values.size() == 1) return section.values.front();
  const auto all = [&](auto holds) {
    return std::all_of(section.values.begin(), section.values.end(), holds);
  };
  if (all([](const YamlNode* value) { return value->is_mapping(); })) return join_mappings(section);
  const std::string_view name = section.key->text();
  if (name == "include" || all([](const YamlNode* value) { return value->is_sequence(); })) {
    return join_lists(section);
  }
  diagnostics_.add({.severity = base::Severity::kError,
                    .code = "E121",
                    .message = fmt::format("{} is defined in two files", base::quoted(name)),
                    .span = tree_.span(*section.values[1]),
                    .help = "keep one of them",
                    .also = {tree_.span(*section.values[0])}});
  return section.values.front();
}

const YamlNode* PlanFiles::join_mappings(const Section& section) {
  std::vector<const YamlNode*> children;
  std::unordered_map<std::string_view, const YamlNode*> seen;
  for (const YamlNode* value : section.values) {
    for (std::size_t i = 0; i < value->pairs(); ++i) {
      const YamlNode& key = value->key(i);
      const auto [first, is_new] = seen.emplace(key.text(), &key);
      if (is_new) {
        children.push_back(&key);
        children.push_back(&value->value(i));
        continue;
      }
      const base::Span before = tree_.span(*first->second);
      diagnostics_.add(
          {.severity = base::Severity::kError,
           .code = "E121",
           .message = fmt::format("{} is defined twice in {}", base::quoted(key.text()),
                                  base::quoted(section.key->text())),
           .span = tree_.span(key),
           .help = fmt::format("it is defined at {} too; keep one", before.text()),
           .also = {before}});
    }
  }
  return tree_.make_mapping(*section.values.front(), children);
}

const YamlNode* PlanFiles::join_lists(const Section& section) {
  std::vector<const YamlNode*> items;
  for (const YamlNode* value : section.values) {
    if (value->is_scalar()) items.push_back(value);
    items.insert(items.end(), value->list().begin(), value->list().end());
  }
  YamlNode* node = tree_.make_node();
  *node = *section.values.front();
  node->kind = YamlKind::kSequence;
  node->children = tree_.keep_children(items);
  node->size = static_cast<std::uint32_t>(items.size());
  return node;
}

}  // namespace engine::plan
