#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/model.h"
#include "plan/scalars.h"

namespace engine::plan {

/// Where the walk stands: a chain on the stack, written out only for a message.
struct KeyPath {
  const KeyPath* parent = nullptr;
  std::string_view name;

  /// "merge.mode".
  std::string text() const;
};

/// Holds a tree against its declarations and reports every mistake: unknown keys (E106) with the
/// nearest known one, missing ones (E107), wrong kinds and ranges (E104), unknown connection types
/// and checks (E113). What is known but not available in this version is noted. It changes nothing
/// and decodes nothing.
class StrictWalk {
 public:
  StrictWalk(const Registry& registry, YamlTree& tree, Variables& variables,
             base::Diagnostics& diagnostics);

  /// Notes go here; nullptr (the default): nowhere.
  void collect_into(std::vector<NotAvailable>* notes) { notes_ = notes; }

  /// A mapping against its keys, or what fills its positional key.
  void object(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path);
  void value(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  /// One connection. `type_of_base` is the type that a profile's entry overlays (then nothing is
  /// required), or empty.
  void connection(const YamlNode& node, const KeyPath& path, std::string_view type_of_base,
                  bool partial);

  /// E106 with the nearest key.
  void unknown_key(const ObjectSpec& spec, const YamlNode& key);

  /// The keys of a connection of this type, and of a check item of this kind; nullptr when unknown.
  const ObjectSpec* connection_spec(std::string_view type);
  const ObjectSpec* check_spec(std::string_view kind);

 private:
  void keys(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path, bool partial);
  void required(const ObjectSpec& spec, const YamlNode& node, const KeyPath& path);
  void list(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  void map(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  void any(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  void scalar(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  void star(const YamlNode& node);
  void check_item(const YamlNode& node, const KeyPath& path);
  void unknown_name(const YamlNode& key, std::string_view what,
                    const std::vector<std::string>& known);
  void wrong_shape(const OptionSpec& spec, const YamlNode& node);
  void note(const OptionSpec& spec, const YamlNode& node, const KeyPath& path);
  const OptionSpec* pick(const OptionSpec& spec, const YamlNode& node);

  const Registry& registry_;
  YamlTree& tree_;
  Variables& variables_;
  base::Diagnostics& diagnostics_;
  ScalarReader scalars_;
  std::vector<NotAvailable>* notes_ = nullptr;
  std::map<std::string, ObjectSpec, std::less<>> connection_specs_;
  std::map<std::string, ObjectSpec, std::less<>> check_specs_;
};

/// The alternative of a kAny option that a value of this shape means; nullptr when none does.
/// Scalars take the first alternative that reads them.
const OptionSpec* pick_alternative(const OptionSpec& spec, const YamlNode& node, YamlTree& tree,
                                   Variables& variables);

}  // namespace engine::plan
