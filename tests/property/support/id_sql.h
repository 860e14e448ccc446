#pragma once

#include <string>
#include <vector>

#include "process/support/contents.h"
#include "property/support/random_value.h"

namespace engine::testing {

enum class IdMethod { kSha256, kHmac, kKeep };

/// An id map as a plan names it.
struct SchemaMap {
  std::string name;
  std::vector<std::string> from;
  IdMethod method = IdMethod::kSha256;
  std::string name_space;
  std::string format = "uuid";
};

/// The value of one key column in SQL. `digits`: whole numbers that a text column holds.
struct IdPart {
  std::string sql;
  ValueKind kind = ValueKind::kInteger;
  bool digits = false;
};

/// What every hmac_sha256 map of a plan hashes under.
inline constexpr const char* kIdSecret = "open sesame";

/// The new id in plain SQL, as plans/README.md publishes it; NULL where a part is NULL. The
/// database needs add_id_functions().
std::string id_sql(const SchemaMap& map, const std::string& table,
                   const std::vector<IdPart>& parts);

/// `digest(text)` and `keyed_digest(key, text)` give 64 hex digits, `number63(hex)` the first eight
/// bytes without the highest bit: by an SHA-256 written from FIPS 180-4 for this alone.
void add_id_functions(const PlainDatabase& database);

/// 64 hex digits.
std::string plain_sha256(const std::string& bytes);

}  // namespace engine::testing
