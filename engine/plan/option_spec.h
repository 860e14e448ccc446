#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/located.h"
#include "base/rare.h"
#include "base/secret.h"

namespace engine::plan {

/// The version of the language this program runs. What is declared for a later one is known and
/// refused by name.
inline constexpr std::string_view kVersion = "0.2";
/// Whether something declared `since` a version works in this one.
bool is_available(std::string_view since);

/// What an option takes. Scalars are read as the declared kind, never guessed.
enum class OptionKind {
  kText,
  kBool,
  kInt,
  kFloat,
  kRatio,       ///< "0.1%" or 0.001
  kDuration,    ///< "6h"; microseconds
  kSize,        ///< "512MiB"; bytes
  kExpression,  ///< text of the expression language
  kChoice,      ///< one of `choices`
  kTypeName,    ///< a type of the language
  kThreshold,   ///< "> 10", "> 0.5%"
  kScalar,      ///< a value of any scalar form, kept as text (accepted values, bounds)
  kObject,      ///< keys of `object`
  kMap,         ///< any name to a value of `element`
  kList,        ///< list of `element`; a lone element counts as a list of one
  kAny,         ///< one of several shapes, `alternatives`
};

struct ObjectSpec;

/// One option, declared once: the reader, the linter, the JSON Schema, `engine explain` and the
/// reference page all come from it. `available_since` later than this version means: known,
/// described, refused by plan and run by name.
struct OptionSpec {
  std::string name;
  OptionKind kind = OptionKind::kText;
  std::string doc;           ///< one or two sentences
  std::string default_text;  ///< as it would be written; empty: none
  std::string example;
  std::string available_since;  ///< "0.1", "0.2", ...
  bool required = false;
  bool secret = false;
  bool path = false;  ///< a path, relative to the folder of the file that says it
  std::vector<std::string> choices;
  /// Choices that this version cannot run yet, with the version that will.
  std::map<std::string, std::string> choices_since;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::shared_ptr<const ObjectSpec> object;
  std::shared_ptr<const OptionSpec> element;
  std::vector<OptionSpec> alternatives;
};

/// A mapping with known keys. `positional` names the option that a lone scalar or list fills
/// (`not_null: [a, b]` is `not_null: {columns: [a, b]}`).
struct ObjectSpec {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  std::string positional;

  const OptionSpec* find(std::string_view option) const;
};

struct OptionField;
struct OptionValue;

/// Values by name in the order they were written. A flat list: options are few, and plans have many
/// such lists.
class OptionFields {
 public:
  OptionFields();
  OptionFields(const OptionFields&);
  OptionFields(OptionFields&&) noexcept;
  OptionFields& operator=(const OptionFields&);
  OptionFields& operator=(OptionFields&&) noexcept;
  ~OptionFields();

  /// The value of that name, made when there is none.
  OptionValue& operator[](std::string_view name);
  const OptionValue* find(std::string_view name) const;
  const OptionField* begin() const;
  const OptionField* end() const;
  std::size_t size() const;
  bool empty() const { return size() == 0; }

 private:
  base::RareList<OptionField> entries_;
};

/// A value read as its option's kind, which says what of it means something. An expression is held
/// as text; its mistakes were reported when it was read.
struct OptionValue {
  OptionKind kind = OptionKind::kText;
  bool is_null = false;  ///< kScalar: a YAML null
  bool quoted = false;   ///< kScalar: stood in quotes
  bool flag = false;     ///< kBool
  bool unknown = false;  ///< offline: a variable without value stands in it
  /// The place of any value. The text of kText kExpression kChoice kTypeName kThreshold kScalar,
  /// after variables. A path is relative to the plan's folder, whichever file said it, or absolute.
  base::Located text;
  union {
    std::int64_t integer = 0;  ///< kInt kDuration (us) kSize (bytes)
    double real;               ///< kFloat kRatio
  };
  base::Rare<base::Secret> secret;    ///< secret options: here, and not in `text`
  OptionFields fields;                ///< kObject kMap
  base::RareList<OptionValue> items;  ///< kList

  const OptionValue* find(std::string_view name) const;
};

struct OptionField {
  std::string name;
  OptionValue value;
};

/// What a connector says of the connections it makes.
struct ConnectorDecl {
  std::string type;  ///< "sqlite"
  std::string available_since;
  ObjectSpec options;
};

/// What a check says of its options; the common keys are added by this room.
struct CheckDecl {
  std::string name;  ///< "not_null"
  std::string available_since;
  ObjectSpec options;
  std::string default_scope;  ///< "run" or "table"
  bool judges_rows = false;   ///< each row by itself, so that a failing one can be rejected
};

/// The joined declarations of all connectors and checks, handed in by the command line.
struct Registry {
  std::vector<ConnectorDecl> connectors;
  std::vector<CheckDecl> checks;

  const ConnectorDecl* connector(std::string_view type) const;
  const CheckDecl* check(std::string_view name) const;
};

}  // namespace engine::plan
