#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "expr/expression.h"

namespace engine::expr {

/// How the digest of a source key is written as an id.
struct IdFormat {
  enum class Kind { kUuid, kHex, kInt63, kTemplate };
  Kind kind = Kind::kUuid;
  int digits = 0;  ///< kHex
  /// kTemplate: texts and slices in turn, starting with a text; a slice takes the next so many hex
  /// digits of the digest.
  std::vector<std::string> texts;
  std::vector<int> slices;
};

/// "uuid", "hex16" to "hex64", "int63", or a template such as "{hex8}-{hex8}"; nullopt with the
/// reason otherwise.
std::optional<IdFormat> parse_id_format(std::string_view text, std::string& problem);

/// Version of the canonical input of ids; the first field of it.
inline constexpr std::string_view kIdVersion = "engine-id-1";

/// A deterministic id: a digest of (version, namespace, table, key values), each a field of the
/// canonical encoding (canonical.h).
struct IdRecipe {
  bool hmac = false;
  base::Secret key;  ///< of the hmac
  std::string name_space;
  std::string table;  ///< the parent's name in the plan
  IdFormat format;
  /// The source key's types in the parent: a value of another type is first read as one of these,
  /// and hashed as the text it is when it is none (no parent has that id).
  std::vector<data::Type> key_types;
};

/// The id of each row from its key values, NULL where one of them is NULL. `wanted` is the type of
/// the column it goes to; without one the format's own (uuid, int64 or text). nullptr with a
/// sentence in `problem` where the format gives no such type.
NodePtr id_node(const IdRecipe& recipe, std::vector<NodePtr> key, std::optional<data::Type> wanted,
                std::string& problem);

/// The bytes that are hashed for a row, for tests and `engine explain`.
std::string id_prefix(const IdRecipe& recipe);

}  // namespace engine::expr
