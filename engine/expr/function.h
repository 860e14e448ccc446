#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "expr/coercion.h"

namespace engine::expr {

/// One way to call a function. Arguments behind the first `required` may be left out.
struct Signature {
  std::vector<data::Type> args;
  std::size_t required = 0;
  data::Type result;
  Kernel kernel = nullptr;
  bool can_fail = false;
  NullRule nulls = NullRule::kStrict;
  bool of_run = false;
};

/// Binds a call whose types depend on its arguments. `wanted` is the type the value goes to, or
/// null.
using Resolve = Outcome (*)(std::vector<NodePtr> args, const data::Type* wanted);

/// Makes what the kernel needs from constant arguments; null when there is nothing to prepare.
using PreparedPtr = std::shared_ptr<const Prepared>;
using Prepare = std::variant<PreparedPtr, Problem> (*)(const std::vector<NodePtr>& args);

inline constexpr std::size_t kAnyNumber = 1000;

/// A function of the language, declared once: documentation, reference page, binder and tests read
/// this.
struct FunctionSpec {
  FunctionDoc doc;
  std::size_t least = 0;  ///< number of arguments
  std::size_t most = 0;
  std::vector<Signature> signatures = {};
  Resolve resolve = nullptr;  ///< instead of signatures
  Prepare prepare = nullptr;
};

std::vector<FunctionSpec> text_functions();
std::vector<FunctionSpec> pattern_functions();
std::vector<FunctionSpec> number_functions();
std::vector<FunctionSpec> time_functions();
std::vector<FunctionSpec> id_functions();
std::vector<FunctionSpec> json_functions();

/// All functions, in the order of the reference page.
const std::vector<FunctionSpec>& functions();
const FunctionSpec* find_function(std::string_view name);

/// Chooses the signature, converts the arguments, prepares. The number of arguments was checked
/// before.
Outcome bind_function(const FunctionSpec& spec, std::vector<NodePtr> args,
                      const data::Type* wanted);

/// The value of a constant argument of that type, nullopt when it is NULL, of another type or no
/// constant.
std::optional<std::string> constant_text(const Node& node);
std::optional<std::int64_t> constant_int64(const Node& node);

/// Shorthand for declarations.
namespace types {
inline const data::Type text = data::Type::of(data::Kind::kText);
inline const data::Type int64 = data::Type::of(data::Kind::kInt64);
inline const data::Type float64 = data::Type::of(data::Kind::kFloat64);
inline const data::Type json = data::Type::of(data::Kind::kJson);
inline const data::Type date = data::Type::of(data::Kind::kDate);
inline const data::Type uuid = data::Type::of(data::Kind::kUuid);
inline const data::Type instant = data::Type::timestamp(true);
inline const data::Type local = data::Type::timestamp(false);
}  // namespace types

}  // namespace engine::expr
