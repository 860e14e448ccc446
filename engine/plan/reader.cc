#include "plan/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/text.h"
#include "plan/fields.h"
#include "plan/merged_tree.h"
#include "plan/overlay.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

/// One reading of one plan: the steps stand in run(), in order.
class Reading {
 public:
  Reading(const std::string& file, const Registry& registry, const ReadOptions& options,
          base::Diagnostics& diagnostics)
      : registry_(registry),
        options_(options),
        diagnostics_(diagnostics),
        merged_(std::make_shared<MergedTree>()),
        files_(merged_->yaml, diagnostics) {
    merged_->variables = std::make_unique<Variables>(merged_->yaml, options);
    plan_.file = file;
    plan_.folder = std::filesystem::path(file).parent_path().string();
    plan_.profile = options.profile;
  }

  std::optional<Plan> run() {
    written_ = files_.read_plan_file(plan_.file);
    if (written_ == nullptr) return std::nullopt;
    check_version();
    find_profile();
    define_variables();
    merged_->root =
        profile_ == nullptr ? written_ : lay_profile(merged_->yaml, *written_, *profile_);
    StrictWalk walk(registry_, merged_->yaml, variables(), diagnostics_);
    walk_replaced_parts(walk);
    walk_plan(walk);
    Decoding decoding(registry_, merged_->yaml, variables(), diagnostics_, walk, files_, plan_,
                      options_.read_options);
    decode_sections(decoding, *merged_->root);
    decode_tables(decoding);
    apply_profile_checks();
    note_connections(walk);
    note_secrets(walk);
    finish();
    return std::move(plan_);
  }

 private:
  Variables& variables() { return *merged_->variables; }
  const YamlNode* section(std::string_view name) const { return merged_->root->find(name); }

  void check_version() {
    const YamlNode* version = written_->find("version");
    const base::Span start{.file = plan_.file, .line = 1, .column = 1};
    if (version == nullptr) {
      diagnostics_.error("E114", start, "the plan does not say its version",
                         "write 'version: 1' as the first key");
    } else if (version->text() != "1") {
      diagnostics_.error("E114", merged_->yaml.span(*version),
                         fmt::format("version {} is not supported", base::quoted(version->text())),
                         "this program reads version 1");
    } else if (written_->key(0).text() != "version") {
      diagnostics_.error("E114", merged_->yaml.span(*version), "'version' is not the first key",
                         "move 'version: 1' to the top");
    }
  }

  /// The key 'profiles', or the file where there is none.
  base::Span place_of_profiles() const {
    for (std::size_t i = 0; i < written_->pairs(); ++i) {
      const YamlNode& key = written_->key(i);
      if (key.text() == "profiles") return merged_->yaml.span(key);
    }
    return {.file = plan_.file, .line = 0};
  }

  void find_profile() {
    if (options_.profile.empty()) return;
    const YamlNode* profiles = written_->find("profiles");
    profile_ = profiles == nullptr ? nullptr : profiles->find(options_.profile);
    if (profile_ != nullptr) {
      const YamlNode* word = profile_->find("protected");
      plan_.is_protected = word != nullptr && word->text() == "true";
      return;
    }
    std::vector<std::string> known;
    for (std::size_t i = 0; profiles != nullptr && i < profiles->pairs(); ++i) {
      known.emplace_back(profiles->key(i).text());
    }
    const auto near = base::nearest(options_.profile, known);
    diagnostics_.error("E113", place_of_profiles(),
                       fmt::format("the plan has no profile {}", base::quoted(options_.profile)),
                       near            ? fmt::format("did you mean {}?", base::quoted(*near))
                       : known.empty() ? "it has no 'profiles'"
                                       : "it has: " + base::join(known, ", "));
  }

  void define_variables() {
    for (const YamlNode* holder : {written_, profile_}) {
      const YamlNode* vars = holder == nullptr ? nullptr : holder->find("vars");
      for (std::size_t i = 0; vars != nullptr && i < vars->pairs(); ++i) {
        variables().define(vars->key(i), vars->value(i));
      }
    }
    variables().apply_set(plan_.file, diagnostics_);
  }

  /// What the chosen profile replaces, and the other profiles: held against the declarations, but
  /// without values.
  void walk_replaced_parts(StrictWalk& walk) {
    variables().set_lenient(true);
    const KeyPath top{nullptr, ""};
    if (profile_ != nullptr) walk_sections(walk, *written_);
    const YamlNode* profiles = written_->find("profiles");
    if (profiles != nullptr && !profiles->is_mapping()) {
      walk.value(*plan_spec().find("profiles"), *profiles, KeyPath{&top, "profiles"});
    }
    for (std::size_t i = 0; profiles != nullptr && i < profiles->pairs(); ++i) {
      walk_profile(walk, profiles->key(i), profiles->value(i));
    }
    variables().set_lenient(false);
  }

  void walk_sections(StrictWalk& walk, const YamlNode& root) {
    const KeyPath top{nullptr, ""};
    for (const char* name : {"connections", "vars", "run", "limits", "observe"}) {
      const YamlNode* node = root.find(name);
      if (node != nullptr) walk.value(*plan_spec().find(name), *node, KeyPath{&top, name});
    }
  }

  void walk_profile(StrictWalk& walk, const YamlNode& name, const YamlNode& node) {
    const KeyPath top{nullptr, "profiles"};
    const KeyPath path{&top, name.text()};
    const OptionSpec& spec = *plan_spec().find("profiles")->element;
    if (!node.is_mapping()) return walk.value(spec, node, path);
    for (std::size_t i = 0; i < node.pairs(); ++i) {
      const std::string_view key = node.key(i).text();
      const OptionSpec* option = spec.object->find(key);
      if (option == nullptr) {
        refuse_in_profile(walk, node.key(i));
      } else if (key == "connections" && node.value(i).is_mapping()) {
        walk_profile_connections(walk, node.value(i), path);
      } else {
        walk.value(*option, node.value(i), KeyPath{&path, key});
      }
    }
  }

  void refuse_in_profile(StrictWalk& walk, const YamlNode& key) {
    if (plan_spec().find(key.text()) == nullptr && table_spec().find(key.text()) == nullptr) {
      return walk.unknown_key(*plan_spec().find("profiles")->element->object, key);
    }
    diagnostics_.error("E122", merged_->yaml.span(key),
                       fmt::format("a profile may not change {}", base::quoted(key.text())),
                       "profiles overlay connections, vars, run, limits, observe and "
                       "checks.severity; never table logic");
  }

  void walk_profile_connections(StrictWalk& walk, const YamlNode& node, const KeyPath& path) {
    const YamlNode* written = written_->find("connections");
    for (std::size_t i = 0; i < node.pairs(); ++i) {
      const YamlNode* before = written == nullptr ? nullptr : written->find(node.key(i).text());
      const YamlNode* type = before == nullptr ? nullptr : before->find("type");
      walk.connection(node.value(i), KeyPath{&path, node.key(i).text()},
                      type == nullptr ? "" : type->text(), true);
    }
  }

  /// The plan as it will run, with notes of what this version lacks.
  void walk_plan(StrictWalk& walk) {
    const KeyPath top{nullptr, ""};
    const YamlNode& root = *merged_->root;
    for (std::size_t i = 0; i < root.pairs(); ++i) {
      const std::string_view name = root.key(i).text();
      const OptionSpec* option = plan_spec().find(name);
      if (option == nullptr) {
        walk.unknown_key(plan_spec(), root.key(i));
        continue;
      }
      if (name == "profiles" || name == "version") continue;
      walk.collect_into(name == "connections" ? nullptr : &plan_.not_available);
      if (name == "tables") {
        walk_tables(walk, root.value(i));
      } else {
        walk.value(*option, root.value(i), KeyPath{&top, name});
      }
    }
    walk.collect_into(nullptr);
    if (root.find("tables") == nullptr) {
      diagnostics_.error("E107", {.file = plan_.file, .line = 1, .column = 1},
                         "the plan lacks the key 'tables'", "name at least one table");
    }
  }

  /// Notes about a table do not repeat its name: each has its place.
  void walk_tables(StrictWalk& walk, const YamlNode& tables) {
    const OptionSpec& spec = *plan_spec().find("tables");
    if (!tables.is_mapping()) return walk.value(spec, tables, KeyPath{nullptr, "tables"});
    const KeyPath top{nullptr, ""};
    for (std::size_t i = 0; i < tables.pairs(); ++i) {
      if (tables.value(i).is_null()) continue;  // a table that defaults describe whole
      walk.value(*spec.element, tables.value(i), top);
    }
  }

  void decode_tables(Decoding& decoding) {
    const YamlNode* tables = section("tables");
    if (tables == nullptr || !tables->is_mapping()) return;
    const YamlNode* defaults = section("defaults");
    const bool has_defaults = defaults != nullptr && defaults->is_mapping();
    plan_.tables.reserve(tables->pairs());
    YamlNode empty;
    empty.kind = YamlKind::kMapping;
    for (std::size_t i = 0; i < tables->pairs(); ++i) {
      const YamlNode& value = tables->value(i);
      if (!value.is_mapping() && !value.is_null()) continue;
      const YamlNode* own = value.is_mapping() ? &value : merged_->yaml.make_mapping(value, {});
      const YamlNode* merged = has_defaults ? merge_deep(merged_->yaml, *defaults, *own) : own;
      plan_.tables.push_back(decode_table(decoding, tables->key(i), *own, *merged));
      merged_->tables.push_back(merged);
    }
    if (has_defaults) report_unused_defaults(*defaults, own_blocks(*tables));
  }

  static std::vector<const YamlNode*> own_blocks(const YamlNode& tables) {
    std::vector<const YamlNode*> out;
    for (std::size_t i = 0; i < tables.pairs(); ++i) out.push_back(&tables.value(i));
    return out;
  }

  /// A key of `defaults` is used as soon as one table does not write it itself.
  void report_unused_defaults(const YamlNode& defaults, const std::vector<const YamlNode*>& over) {
    for (std::size_t i = 0; i < defaults.pairs(); ++i) {
      std::vector<const YamlNode*> deeper;
      bool used = false;
      for (const YamlNode* table : over) {
        const YamlNode* own = table->find(defaults.key(i).text());
        used = own == nullptr;
        if (used) break;
        if (own->is_mapping()) deeper.push_back(own);
      }
      if (used) continue;
      if (defaults.value(i).is_mapping() && !deeper.empty()) {
        report_unused_defaults(defaults.value(i), deeper);
        continue;
      }
      diagnostics_.error(
          "E111", merged_->yaml.span(defaults.key(i)),
          fmt::format("no table inherits the default {}", base::quoted(defaults.key(i).text())),
          "every table writes it itself; remove it here");
    }
  }

  void apply_profile_checks() {
    const YamlNode* checks = profile_ == nullptr ? nullptr : profile_->find("checks");
    if (checks == nullptr) return;
    const YamlNode* severity = checks->is_mapping() ? checks->find("severity") : checks;
    if (severity == nullptr) return;
    const bool warn = severity->text() == "warn";
    for (Table& table : plan_.tables) {
      for (Check& check : table.checks) {
        check.severity = warn ? CheckSeverity::kWarn : CheckSeverity::kError;
      }
    }
  }

  /// A connection of a later version counts only when a table that runs uses it.
  void note_connections(StrictWalk& walk) {
    const YamlNode* connections = section("connections");
    if (connections == nullptr) return;
    std::set<std::string_view> used;
    for (const Table& table : plan_.tables) {
      if (table.disabled) continue;
      if (table.from.has_value()) used.insert(table.source.text);
      used.insert(table.target.text);
    }
    walk.collect_into(&plan_.not_available);
    for (std::size_t i = 0; i < connections->pairs(); ++i) {
      if (used.contains(connections->key(i).text())) note_connection(walk, connections->value(i));
    }
    walk.collect_into(nullptr);
  }

  void note_connection(StrictWalk& walk, const YamlNode& node) {
    const YamlNode* type = node.find("type");
    const ConnectorDecl* decl = type == nullptr ? nullptr : registry_.connector(type->text());
    if (decl == nullptr) return;
    if (is_available(decl->available_since)) {
      walk.connection(node, KeyPath{nullptr, "connection"}, "", false);
      return;
    }
    plan_.not_available.push_back(
        {"connection type: " + decl->type, decl->available_since, merged_->yaml.span(*type)});
  }

  void note_secrets(StrictWalk& walk) {
    const YamlNode* connections = section("connections");
    for (std::size_t i = 0; connections != nullptr && i < connections->pairs(); ++i) {
      const YamlNode& node = connections->value(i);
      const YamlNode* type = node.find("type");
      const ObjectSpec* spec = type == nullptr ? nullptr : walk.connection_spec(type->text());
      for (std::size_t k = 0; spec != nullptr && k < node.pairs(); ++k) {
        const OptionSpec* option = spec->find(node.key(k).text());
        const auto& open = option == nullptr ? std::vector<std::string>() : option->choices;
        const bool shown = std::find(open.begin(), open.end(), node.value(k).text()) != open.end();
        if (option != nullptr && option->secret && !shown) merged_->secrets.insert(&node.value(k));
      }
    }
    const YamlNode* ids = section("ids");
    for (std::size_t i = 0; ids != nullptr && i < ids->pairs(); ++i) {
      if (const YamlNode* key = ids->value(i).find("key")) merged_->secrets.insert(key);
    }
  }

  /// What stands in an alias or in the defaults is noted once.
  void drop_repeated_notes() {
    std::set<std::string> seen;
    std::erase_if(plan_.not_available, [&](const NotAvailable& note) {
      return !seen.insert(note.span.text() + " " + note.since).second;
    });
  }

  void finish() {
    drop_repeated_notes();
    plan_.vars = variables().values(diagnostics_);
    plan_.unknown_vars.assign(variables().unknown().begin(), variables().unknown().end());
    variables().report_unused(diagnostics_);
    plan_.tables_by_name.resize(plan_.tables.size());
    std::iota(plan_.tables_by_name.begin(), plan_.tables_by_name.end(), std::size_t{0});
    std::sort(plan_.tables_by_name.begin(), plan_.tables_by_name.end(),
              [&](std::size_t left, std::size_t right) {
                return plan_.tables[left].name.text < plan_.tables[right].name.text;
              });
    plan_.tree = merged_;
  }

  const Registry& registry_;
  const ReadOptions& options_;
  base::Diagnostics& diagnostics_;
  std::shared_ptr<MergedTree> merged_;
  PlanFiles files_;
  Plan plan_;
  const YamlNode* written_ = nullptr;  ///< with includes, before the profile
  const YamlNode* profile_ = nullptr;
};

}  // namespace

std::optional<Plan> read_plan(const std::string& file, const Registry& registry,
                              const ReadOptions& options, base::Diagnostics& diagnostics) {
  return Reading(file, registry, options, diagnostics).run();
}

}  // namespace engine::plan
