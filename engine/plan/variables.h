#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "plan/reader.h"
#include "plan/yaml_tree.h"

namespace engine::plan {

/// A scalar with its `${...}` replaced.
struct Expansion {
  base::Located value;
  bool unknown = false;   ///< offline: something in it has no value; `value.text` is not to be read
  bool secret = false;    ///< something in it came from ${secret:} or ${file:}
  bool external = false;  ///< something in it came from outside the plan's files
};

/// The plan's `vars`, then the environment. Values are pasted into parsed scalars, never parsed
/// again, never nested. Mistakes are E110, each reported once a place.
class Variables {
 public:
  Variables(const YamlTree& tree, const ReadOptions& options);

  /// One entry of `vars`; a later definition (of a profile) replaces the value.
  void define(const YamlNode& name, const YamlNode& value);
  /// Puts the values of --set over the entries; E113 for a name that is none.
  void apply_set(const std::string& file, base::Diagnostics& diagnostics);

  /// `diagnostics` may be nullptr: then mistakes are silent (they were reported before).
  Expansion expand(const YamlNode& node, base::Diagnostics* diagnostics);

  /// While lenient, what has no value is unknown in silence: for parts of the plan that another
  /// profile replaces.
  void set_lenient(bool lenient) { lenient_ = lenient; }

  /// The entries with a value, and the names that offline have none.
  std::map<std::string, base::Located> values(base::Diagnostics& diagnostics);
  const std::set<std::string>& unknown() const { return unknown_; }
  std::vector<std::string> names() const;
  bool is_defined(std::string_view name) const { return entries_.find(name) != entries_.end(); }

  /// `:name` of an expression, or `${name}`: the entry is needed.
  void mark_used(std::string_view name);
  /// Marks every name that `${...}` mentions in the text.
  void mark_uses_in(std::string_view text);
  /// E111 for entries that nothing uses.
  void report_unused(base::Diagnostics& diagnostics) const;

 private:
  struct Entry {
    const YamlNode* key = nullptr;
    const YamlNode* value = nullptr;
    std::optional<std::string> set;  ///< from the command line
    bool used = false;
  };
  class Expander;

  const YamlTree& tree_;
  bool offline_;
  bool lenient_ = false;
  std::map<std::string, std::string> set_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::set<std::string> unknown_;
  std::vector<std::string> open_;  ///< entries being expanded, to find a circle
};

}  // namespace engine::plan
