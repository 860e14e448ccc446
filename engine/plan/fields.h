#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/includes.h"
#include "plan/model.h"
#include "plan/scalars.h"
#include "plan/strict.h"

namespace engine::plan {

/// What every part of the decoding works on. The tree was held against its declarations before, so
/// decoding is silent about kinds; it reports only what a declaration cannot say.
struct Decoding {
  const Registry& registry;
  YamlTree& tree;
  Variables& variables;
  base::Diagnostics& diagnostics;
  StrictWalk& walk;
  PlanFiles& files;
  Plan& plan;
  std::set<std::string>* read_options;  ///< names "object/option" as they are read; may be nullptr
  ScalarReader scalars;

  Decoding(const Registry& known, YamlTree& nodes, Variables& vars, base::Diagnostics& mistakes,
           StrictWalk& strict, PlanFiles& plan_files, Plan& out, std::set<std::string>* read)
      : registry(known),
        tree(nodes),
        variables(vars),
        diagnostics(mistakes),
        walk(strict),
        files(plan_files),
        plan(out),
        read_options(read),
        scalars(nodes, vars, nullptr) {}

  void not_available(std::string what, std::string since, const YamlNode& node);
  ExpressionText expression(const YamlNode& node);
  base::Located text(const YamlNode& node) { return scalars.text(node); }
};

/// The keys of one mapping by their declaration. A lone scalar or list fills the positional key. A
/// getter answers with nothing where the key is absent, of a wrong kind (that was reported), or has
/// no value offline.
class Fields {
 public:
  Fields(Decoding& decoding, const ObjectSpec& spec, const YamlNode* node)
      : decoding_(decoding), spec_(spec), node_(node) {}

  const YamlNode* get(std::string_view name);
  bool has(std::string_view name) { return get(name) != nullptr; }

  std::optional<base::Located> text(std::string_view name);
  std::string plain(std::string_view name);
  base::Secret secret(std::string_view name);
  std::optional<std::int64_t> integer(
      std::string_view name);  ///< also duration (us) and size (bytes)
  bool flag(std::string_view name);
  /// The choice, or the declared default.
  std::string choice(std::string_view name);
  std::vector<base::Located> names(std::string_view name);
  std::vector<std::string> words(std::string_view name);
  std::optional<ExpressionText> expression(std::string_view name);
  std::optional<data::Type> type(std::string_view name);
  std::optional<Cap> cap(std::string_view name);
  std::optional<Threshold> threshold(std::string_view name);

 private:
  std::optional<OptionValue> value(std::string_view name);

  Decoding& decoding_;
  const ObjectSpec& spec_;
  const YamlNode* node_;
};

/// Names of a list, or of a lone scalar.
std::vector<base::Located> read_names(Decoding& decoding, const YamlNode& node);

/// The values of a mapping as its declaration reads them, for options that other rooms interpret.
OptionValue read_option(Decoding& decoding, const OptionSpec& spec, const YamlNode& node);
OptionValue read_object(Decoding& decoding, const ObjectSpec& spec, const YamlNode& node);

/// Parts of the plan.
void decode_sections(Decoding& decoding, const YamlNode& root);
/// `own` is the table's block as written, `merged` with the plan's defaults beneath it.
Table decode_table(Decoding& decoding, const YamlNode& name, const YamlNode& own,
                   const YamlNode& merged);
std::vector<Check> decode_checks(Decoding& decoding, const YamlNode& list);
TableDefinition decode_definition(Decoding& decoding, const YamlNode& node);
Merge decode_merge(Decoding& decoding, const YamlNode& node);
Freshness decode_freshness(Decoding& decoding, const YamlNode& node);
Guard decode_guard(Decoding& decoding, const YamlNode& node);
MaxRejects decode_max_rejects(Decoding& decoding, const YamlNode& node);
/// `file`, `format` and `csv` of a `from` or `to`; nullopt: it names no file.
std::optional<FileShape> decode_file(Decoding& decoding, Fields& fields, const ObjectSpec& spec);

}  // namespace engine::plan
