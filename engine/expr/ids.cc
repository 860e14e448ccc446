#include "expr/ids.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include "base/sha256.h"
#include "base/text.h"
#include "data/value_text.h"
#include "expr/canonical.h"
#include "expr/function.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

constexpr int kDigestDigits = 64;

/// "hex8" is 8; 0 where it is no such word.
int hex_digits(std::string_view word) {
  if (word.substr(0, 3) != "hex") return 0;
  int digits = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data() + 3, end, digits);
  return read.ptr == end && digits > 0 && digits <= kDigestDigits ? digits : 0;
}

std::optional<IdFormat> parse_template(std::string_view text, std::string& problem) {
  IdFormat format{.kind = IdFormat::Kind::kTemplate, .digits = 0, .texts = {""}, .slices = {}};
  int total = 0;
  while (!text.empty()) {
    if (text.front() != '{') {
      format.texts.back() += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::size_t close = text.find('}');
    const int digits = close == std::string_view::npos ? 0 : hex_digits(text.substr(1, close - 1));
    if (digits == 0) {
      problem = "a slice is written {hex8}, with 1 to 64 digits";
      return std::nullopt;
    }
    total += digits;
    format.slices.push_back(digits);
    format.texts.emplace_back();
    text.remove_prefix(close + 1);
  }
  if (total <= kDigestDigits) return format;
  problem = "its slices take " + std::to_string(total) + " digits, the digest has 64";
  return std::nullopt;
}

/// What the kernel needs: the input's constant part, and how the digest becomes a value.
class IdMaker : public Prepared {
 public:
  explicit IdMaker(const IdRecipe& recipe)
      : prefix_(id_prefix(recipe)), format_(recipe.format), key_types_(recipe.key_types) {
    if (recipe.hmac) hmac_.emplace(recipe.key.reveal());
  }

  const std::string& prefix() const { return prefix_; }
  const IdFormat& format() const { return format_; }
  const Type& key_type(std::size_t index) const { return key_types_[index]; }
  const base::HmacStart* hmac() const { return hmac_ ? &*hmac_ : nullptr; }

 private:
  std::string prefix_;
  IdFormat format_;
  std::vector<Type> key_types_;
  std::optional<base::HmacStart> hmac_;
};

bool is_exact(Kind kind) {
  return kind == Kind::kInt64 || kind == Kind::kDecimal || kind == Kind::kNumber;
}

/// Values of these two types have the same canonical form when they mean the same.
bool same_form(const Type& from, const Type& to) {
  return (is_exact(from.kind) && is_exact(to.kind)) ||
         (from.kind == to.kind && from.zoned == to.zoned);
}

/// One part of the key on its way into the input: converted to the parent's type, a batch at a
/// time.
class KeyPart {
 public:
  KeyPart(const Operand& operand, const Type& type) : operand_(operand) {
    if (!same_form(operand.column->type(), type)) convert(type);
  }

  void append(std::string& out, std::size_t row) const {
    const std::size_t at = operand_.at(row);
    const bool readable = converted_ != nullptr && !converted_->is_null(at);
    append_canonical(out, readable ? *converted_ : *operand_.column, at);
  }
  /// As most keys are.
  bool is_integer() const {
    return converted_ == nullptr && operand_.column->type().kind == Kind::kInt64;
  }
  std::int64_t integer(std::size_t row) const { return operand_.int64(row); }

 private:
  void convert(const Type& type) {
    const data::Column& column = *operand_.column;
    data::ColumnBuilder builder(type, column.size());
    std::string text;
    for (std::size_t row = 0; row < column.size(); ++row) {
      text.clear();
      if (!column.is_null(row)) data::append_value_text(text, column, row);
      // As a cast reads it: spaces around a value do not count.
      if (column.is_null(row) || !data::append_parsed(builder, base::trim_spaces(text))) {
        builder.append_null();
      }
    }
    converted_ = builder.finish();
  }

  const Operand& operand_;
  data::ColumnPtr converted_;
};

/// The two digits of every byte.
constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
  return pairs;
}();

/// All digits of a digest at once; formats take slices of them.
std::array<char, kDigestDigits> hex_of(const base::Sha256& digest) {
  std::array<char, kDigestDigits> text;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    std::memcpy(text.data() + 2 * i, kHexPairs[digest[i]].data(), 2);
  }
  return text;
}

/// RFC 9562, section 5.8: version 8 and the variant over the digest's first 16 bytes.
void stamp_uuid(base::Sha256& digest) {
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0f) | 0x80);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3f) | 0x80);
}

void append_uuid_text(std::string& out, base::Sha256 digest) {
  stamp_uuid(digest);
  const auto digits = hex_of(digest);
  char text[36];
  const char* at = digits.data();
  char* to = text;
  for (const std::size_t part : {8U, 4U, 4U, 4U, 12U}) {
    if (to != text) *to++ = '-';
    std::memcpy(to, at, part);
    at += part;
    to += part;
  }
  out.append(text, sizeof text);
}

void append_id_text(std::string& out, const IdFormat& format, const base::Sha256& digest) {
  if (format.kind == IdFormat::Kind::kUuid) return append_uuid_text(out, digest);
  const auto digits = hex_of(digest);
  if (format.kind == IdFormat::Kind::kHex) {
    out.append(digits.data(), static_cast<std::size_t>(format.digits));
    return;
  }
  const char* at = digits.data();
  for (std::size_t i = 0; i < format.texts.size(); ++i) {
    out += format.texts[i];
    if (i == format.slices.size()) break;
    out.append(at, static_cast<std::size_t>(format.slices[i]));
    at += format.slices[i];
  }
}

std::int64_t int63(const base::Sha256& digest) {
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return static_cast<std::int64_t>(__builtin_bswap64(value) & INT64_MAX);
}

/// The digests of a call's rows, which are asked for in rising order and hashed some ahead.
class Digests {
 public:
  explicit Digests(const Call& call)
      : maker_(call.prepared<IdMaker>()), call_(call), group_(maker_.prefix(), maker_.hmac()) {
    parts_.reserve(call.args.size());
    for (std::size_t i = 0; i < call.args.size(); ++i) {
      parts_.emplace_back(call.arg(i), maker_.key_type(i));
    }
  }
  /// Of a row without a NULL in its key.
  const base::Sha256& at(std::size_t row) {
    while (next_ < digests_.size() && rows_[next_] < row) ++next_;
    if (next_ == digests_.size()) hash_from(row);
    return digests_[next_++];
  }
  const IdFormat& format() const { return maker_.format(); }

 private:
  void hash_from(std::size_t row) {
    std::size_t count = 0;
    for (; row < call_.rows() && !group_.full(); ++row) {
      if (has_null(row)) continue;
      group_.add(key_at(row));
      rows_[count++] = row;
    }
    digests_ = group_.finish();
    next_ = 0;
  }
  /// Valid until the next call.
  std::string_view key_at(std::size_t row) {
    if (parts_.size() == 1 && parts_.front().is_integer()) {
      return canonical_integer(parts_.front().integer(row), room_);
    }
    key_.clear();
    for (const KeyPart& part : parts_) part.append(key_, row);
    return key_;
  }
  bool has_null(std::size_t row) const {
    return std::any_of(call_.args.begin(), call_.args.end(),
                       [row](const Operand& operand) { return operand.is_null(row); });
  }

  const IdMaker& maker_;
  const Call& call_;
  std::vector<KeyPart> parts_;
  std::string key_;
  std::array<char, 32> room_;
  base::Sha256Group group_;
  std::span<const base::Sha256> digests_;
  std::array<std::size_t, base::Sha256Group::kMost> rows_;  ///< of the digests
  std::size_t next_ = 0;
};

data::ColumnPtr id_as_text(const Call& call) {
  Digests digests(call);
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    append_id_text(out, digests.format(), digests.at(row));
    return true;
  });
}

data::ColumnPtr id_as_int64(const Call& call) {
  Digests digests(call);
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = int63(digests.at(row));
    return true;
  });
}

data::ColumnPtr id_as_uuid(const Call& call) {
  Digests digests(call);
  using Bytes = std::array<std::uint8_t, 16>;
  return map_fixed<Bytes>(call, [&](std::size_t row, Bytes& out) {
    base::Sha256 digest = digests.at(row);
    stamp_uuid(digest);
    std::copy_n(digest.begin(), out.size(), out.begin());
    return true;
  });
}

/// The type a format makes by itself.
Type own_type(const IdFormat& format) {
  if (format.kind == IdFormat::Kind::kUuid) return types::uuid;
  return format.kind == IdFormat::Kind::kInt63 ? types::int64 : types::text;
}

}  // namespace

std::optional<IdFormat> parse_id_format(std::string_view text, std::string& problem) {
  if (text.empty() || text == "uuid") return IdFormat{};
  if (text == "int63") {
    return IdFormat{.kind = IdFormat::Kind::kInt63, .digits = 0, .texts = {}, .slices = {}};
  }
  if (text.find('{') != std::string_view::npos) return parse_template(text, problem);
  const int digits = hex_digits(text);
  if (digits >= 16) {
    return IdFormat{.kind = IdFormat::Kind::kHex, .digits = digits, .texts = {}, .slices = {}};
  }
  problem = "there are uuid, hex16 to hex64, int63 and forms such as {hex8}-{hex8}";
  return std::nullopt;
}

std::string id_prefix(const IdRecipe& recipe) {
  std::string prefix;
  append_canonical_text(prefix, kIdVersion);
  append_canonical_text(prefix, recipe.name_space);
  append_canonical_text(prefix, recipe.table);
  return prefix;
}

NodePtr id_node(const IdRecipe& recipe, std::vector<NodePtr> key, std::optional<Type> wanted,
                std::string& problem) {
  const Type own = own_type(recipe.format);
  const bool as_text = wanted && wanted->kind == Kind::kText && own.kind == Kind::kUuid;
  const Type type = as_text ? *wanted : own;
  Kernel kernel = id_as_text;
  if (type.kind == Kind::kInt64) kernel = id_as_int64;
  if (type.kind == Kind::kUuid) kernel = id_as_uuid;
  for (NodePtr& part : key) part = settled(part);
  NodePtr node = make_call(
      {.name = "id", .type = type, .kernel = kernel, .prepared = std::make_shared<IdMaker>(recipe)},
      std::move(key));
  if (!wanted || type == *wanted) return node;
  Outcome widened = coerce(node, *wanted);
  if (const NodePtr* done = std::get_if<NodePtr>(&widened)) return *done;
  problem = "the id is " + data::type_name(type) + ", the column is " + data::type_name(*wanted);
  return nullptr;
}

}  // namespace engine::expr
