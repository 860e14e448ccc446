#include "property/support/id_sql.h"

#include <array>
#include <cstdint>

namespace engine::testing {
namespace {

using Words = std::array<std::uint32_t, 8>;

std::uint32_t turned(std::uint32_t word, int by) {
  return (word >> by) | (word << (32 - by));
}

/// The first 32 bits of the fraction of a root, as FIPS 180-4 defines its constants; exact, since
/// the root is found among integers: the largest x with x^power <= prime << (32 * power).
std::uint32_t root_bits(unsigned prime, int power) {
  __extension__ using Wide = unsigned __int128;
  const Wide wanted = static_cast<Wide>(prime) << (32 * power);
  Wide x = 0;
  for (int bit = 35; bit >= 0; --bit) {
    const Wide tried = x | (static_cast<Wide>(1) << bit);
    const Wide raised = power == 2 ? tried * tried : tried * tried * tried;
    if (raised <= wanted) x = tried;
  }
  return static_cast<std::uint32_t>(x);
}

std::vector<unsigned> primes(std::size_t count) {
  std::vector<unsigned> out;
  for (unsigned number = 2; out.size() < count; ++number) {
    bool prime = true;
    for (const unsigned smaller : out) prime = prime && number % smaller != 0;
    if (prime) out.push_back(number);
  }
  return out;
}

const std::array<std::uint32_t, 64>& round_constants() {
  static const std::array<std::uint32_t, 64> kConstants = [] {
    std::array<std::uint32_t, 64> out{};
    const std::vector<unsigned> first = primes(64);
    for (std::size_t i = 0; i < 64; ++i) out[i] = root_bits(first[i], 3);
    return out;
  }();
  return kConstants;
}

std::array<std::uint32_t, 64> schedule(const unsigned char* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte) w[i] = (w[i] << 8) | block[4 * i + byte];
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t b = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  return w;
}

void compress(Words& state, const unsigned char* block) {
  const auto w = schedule(block);
  Words s = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t big1 = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25);
    const std::uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const std::uint32_t t1 = s[7] + big1 + choice + round_constants()[i] + w[i];
    const std::uint32_t big0 = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22);
    const std::uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    s = {t1 + big0 + majority, s[0], s[1], s[2], s[3] + t1, s[4], s[5], s[6]};
  }
  for (std::size_t i = 0; i < 8; ++i) state[i] += s[i];
}

std::string digest_bytes(std::string bytes) {
  Words state{};
  const std::vector<unsigned> first = primes(8);
  for (std::size_t i = 0; i < 8; ++i) state[i] = root_bits(first[i], 2);
  const std::uint64_t bits = bytes.size() * 8;
  bytes += '\x80';
  while (bytes.size() % 64 != 56) bytes += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(bits >> shift);
  for (std::size_t at = 0; at < bytes.size(); at += 64) {
    compress(state, reinterpret_cast<const unsigned char*>(bytes.data()) + at);
  }
  std::string out;
  for (const std::uint32_t word : state) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
  }
  return out;
}

/// RFC 2104.
std::string keyed_bytes(std::string key, const std::string& bytes) {
  if (key.size() > 64) key = digest_bytes(key);
  key.resize(64);
  std::string inner, outer;
  for (const char c : key) {
    inner += static_cast<char>(c ^ 0x36);
    outer += static_cast<char>(c ^ 0x5c);
  }
  return digest_bytes(outer + digest_bytes(inner + bytes));
}

std::string bytes_of(sqlite3_value* value) {
  const void* const bytes = sqlite3_value_blob(value);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void give(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void digest_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  give(context, plain_sha256(bytes_of(arguments[0])));
}

void keyed_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  give(context, hex_of(keyed_bytes(bytes_of(arguments[0]), bytes_of(arguments[1]))));
}

void number_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  const std::uint64_t number = std::stoull(bytes_of(arguments[0]).substr(0, 16), nullptr, 16);
  sqlite3_result_int64(context, static_cast<std::int64_t>(number & INT64_MAX));
}

std::string literal(const std::string& text) {
  return "CAST(x'" + hex_of(text) + "' AS TEXT)";
}

std::string tagged(const std::string& tag, const std::string& text) {
  return "'" + tag + "' || length(CAST(" + text + " AS BLOB)) || ':' || " + text;
}

std::string canonical(const IdPart& part) {
  const std::string text = "CAST(" + part.sql + " AS TEXT)";
  if (part.digits) {
    const std::string number = "CAST(CAST(" + part.sql + " AS INTEGER) AS TEXT)";
    return "CASE WHEN " + number + " = " + part.sql + " THEN " + tagged("x", number) + " ELSE " +
           tagged("t", text) + " END";
  }
  switch (part.kind) {
    case ValueKind::kText:
      return tagged("t", text);
    case ValueKind::kBytes:
      return tagged("y", "('\\x' || lower(hex(" + part.sql + ")))");
    case ValueKind::kReal:
      return tagged("f", text);
    default:
      return tagged("x", text);
  }
}

/// Of the digest `h`.
std::string formatted(const std::string& format) {
  if (format == "int63") return "number63(h)";
  if (format == "uuid") {
    return "substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-8' || substr(h, 14, 3) || '-' || "
           "substr('89ab', 1 + (instr('0123456789abcdef', substr(h, 17, 1)) - 1) % 4, 1) || "
           "substr(h, 18, 3) || '-' || substr(h, 21, 12)";
  }
  if (format.starts_with("hex")) return "substr(h, 1, " + format.substr(3) + ")";
  std::string out = "''";
  int at = 1;
  for (std::size_t open = 0; open < format.size();) {
    if (format[open] != '{') {
      out += std::string(" || '") + format[open++] + "'";
      continue;
    }
    const std::size_t close = format.find('}', open);
    const std::string count = format.substr(open + 4, close - open - 4);
    out += " || substr(h, " + std::to_string(at) + ", " + count + ")";
    at += std::stoi(count);
    open = close + 1;
  }
  return out;
}

}  // namespace

std::string plain_sha256(const std::string& bytes) {
  return hex_of(digest_bytes(bytes));
}

std::string id_sql(const SchemaMap& map, const std::string& table,
                   const std::vector<IdPart>& parts) {
  if (map.method == IdMethod::kKeep) return parts.front().sql;
  std::string text = "'t11:engine-id-1' || " + tagged("t", literal(map.name_space)) + " || " +
                     tagged("t", literal(table));
  std::string nobody;
  for (const IdPart& part : parts) {
    text += " || " + canonical(part);
    nobody += (nobody.empty() ? "" : " OR ") + part.sql + " IS NULL";
  }
  const std::string digest = map.method == IdMethod::kHmac
                                 ? "keyed_digest(" + literal(kIdSecret) + ", " + text + ")"
                                 : "digest(" + text + ")";
  return "CASE WHEN " + nobody + " THEN NULL ELSE (SELECT " + formatted(map.format) +
         " FROM (SELECT " + digest + " AS h)) END";
}

void add_id_functions(const PlainDatabase& database) {
  const int how = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
  sqlite3* const handle = database.handle();
  sqlite3_create_function(handle, "digest", 1, how, nullptr, digest_function, nullptr, nullptr);
  sqlite3_create_function(handle, "keyed_digest", 2, how, nullptr, keyed_function, nullptr,
                          nullptr);
  sqlite3_create_function(handle, "number63", 1, how, nullptr, number_function, nullptr, nullptr);
}

}  // namespace engine::testing
