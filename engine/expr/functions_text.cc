#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "expr/casts.h"
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/operators.h"
#include "expr/utf8.h"

namespace engine::expr {
namespace {

// case

constexpr std::uint32_t kSharpS =
    0xdf;  // has no simple capital in Unicode's data; utf8proc offers one

std::uint32_t lower_point(std::uint32_t point) {
  return static_cast<std::uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point)));
}

std::uint32_t upper_point(std::uint32_t point) {
  if (point == kSharpS) return point;
  return static_cast<std::uint32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(point)));
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

template <char kFrom>
void append_ascii(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out += text;
  for (std::size_t at = begin; at < out.size(); ++at) {
    const bool hit = out[at] >= kFrom && out[at] <= kFrom + 25;
    out[at] = hit ? static_cast<char>(out[at] ^ 0x20) : out[at];
  }
}

template <char kFrom, std::uint32_t (*kMap)(std::uint32_t)>
data::ColumnPtr map_case(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    if (is_ascii(text)) {
      append_ascii<kFrom>(out, text);
      return true;
    }
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = next_character(text, at);
      append_character(out, kMap(decode_character(text.substr(at, end - at))));
      at = end;
    }
    return true;
  });
}

// trim

bool holds_character(std::string_view set, std::string_view character) {
  return set.find(character) != std::string_view::npos;
}

std::string_view trim_left(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const std::size_t end = next_character(text, 0);
    if (!holds_character(set, text.substr(0, end))) break;
    text.remove_prefix(end);
  }
  return text;
}

std::string_view trim_right(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && continues_character(text[begin])) --begin;
    if (!holds_character(set, text.substr(begin))) break;
    text = text.substr(0, begin);
  }
  return text;
}

template <bool kLeft, bool kRight>
data::ColumnPtr trim(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view set = call.has(1) ? call.arg(1).bytes(row) : " ";
    std::string_view text = call.arg(0).bytes(row);
    if (kLeft) text = trim_left(text, set);
    if (kRight) text = trim_right(text, set);
    out += text;
    return true;
  });
}

// pieces

data::ColumnPtr length(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = static_cast<std::int64_t>(count_characters(call.arg(0).bytes(row)));
    return true;
  });
}

/// Characters `from` to `to` (exclusive), counted from 0 and at least 0.
std::string_view slice(std::string_view text, std::int64_t from, std::int64_t to) {
  if (to <= from) return {};
  text.remove_prefix(skip_characters(text, static_cast<std::size_t>(from)));
  return text.substr(0, skip_characters(text, static_cast<std::size_t>(to - from)));
}

data::ColumnPtr substr(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::int64_t start = call.arg(1).int64(row);
    std::int64_t end = INT64_MAX;
    if (call.has(2)) {
      const std::int64_t wanted = call.arg(2).int64(row);
      if (wanted < 0) return call.refuse_arg(row, "E404", "substr: the length is negative", 2);
      if (__builtin_add_overflow(start, wanted, &end)) end = INT64_MAX;
    }
    out += slice(call.arg(0).bytes(row), std::max<std::int64_t>(start, 1) - 1,
                 std::max<std::int64_t>(end, 1) - 1);
    return true;
  });
}

/// How many characters a count of left() or right() means; a negative one leaves that many away.
std::int64_t kept(std::string_view text, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(count_characters(text));
  if (count >= 0) return std::min(count, size);
  return count < -size ? 0 : size + count;
}

data::ColumnPtr left(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    out += slice(text, 0, kept(text, call.arg(1).int64(row)));
    return true;
  });
}

data::ColumnPtr right(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    const auto size = static_cast<std::int64_t>(count_characters(text));
    out += slice(text, size - kept(text, call.arg(1).int64(row)), size);
    return true;
  });
}

data::ColumnPtr lpad(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    const std::string_view fill = call.has(2) ? call.arg(2).bytes(row) : " ";
    const std::int64_t wanted = std::max<std::int64_t>(call.arg(1).int64(row), 0);
    const auto size = static_cast<std::int64_t>(count_characters(text));
    if (wanted > static_cast<std::int64_t>(kMaxValueBytes)) {
      return call.refuse_arg(row, "E405", "lpad: the result is larger than 64 MiB", 1);
    }
    if (!fill.empty()) {
      std::size_t at = 0;
      for (std::int64_t missing = wanted - size; missing > 0; --missing) {
        const std::size_t end = next_character(fill, at);
        out += fill.substr(at, end - at);
        at = end == fill.size() ? 0 : end;
      }
    }
    out += slice(text, 0, std::min(size, wanted));
    return true;
  });
}

data::ColumnPtr replace(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    const std::string_view from = call.arg(1).bytes(row);
    const std::size_t begin = out.size();
    std::size_t at = 0;
    while (!from.empty() && out.size() - begin <= kMaxValueBytes) {
      const std::size_t hit = text.find(from, at);
      if (hit == std::string_view::npos) break;
      out += text.substr(at, hit - at);
      out += call.arg(2).bytes(row);
      at = hit + from.size();
    }
    out += text.substr(at);
    return true;
  });
}

/// Field number `index` (from 1; negative from the end), or nothing.
std::string_view field_of(std::string_view text, std::string_view separator, std::int64_t index) {
  if (separator.empty()) return index == 1 || index == -1 ? text : std::string_view{};
  std::vector<std::string_view> fields;
  std::size_t begin = 0;
  for (std::size_t hit = text.find(separator); hit != std::string_view::npos;
       hit = text.find(separator, begin)) {
    fields.push_back(text.substr(begin, hit - begin));
    begin = hit + separator.size();
  }
  fields.push_back(text.substr(begin));
  const auto size = static_cast<std::int64_t>(fields.size());
  if (index > size || index < -size) return {};
  return fields[static_cast<std::size_t>(index > 0 ? index - 1 : size + index)];
}

data::ColumnPtr split_part(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::int64_t index = call.arg(2).int64(row);
    if (index == 0) return call.refuse_arg(row, "E404", "split_part: fields count from 1", 2);
    out += field_of(call.arg(0).bytes(row), call.arg(1).bytes(row), index);
    return true;
  });
}

// joining

data::ColumnPtr concat(const Call& call) {
  return map_bytes_where(call, Validity(call.rows()), [&](std::size_t row, std::string& out) {
    for (const Operand& arg : call.args) {
      if (!arg.is_null(row)) out += arg.bytes(row);
    }
    return true;
  });
}

data::ColumnPtr join_strict(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    for (const Operand& arg : call.args) out += arg.bytes(row);
    return true;
  });
}

std::optional<Problem> all_to_text(std::vector<NodePtr>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    NodePtr text = make_cast(args[i], types::text);
    if (text == nullptr) {
      return Problem{"a " + data::type_name(args[i]->type) + " has no text form", "",
                     static_cast<int>(i)};
    }
    args[i] = std::move(text);
  }
  return std::nullopt;
}

Outcome resolve_concat(std::vector<NodePtr> args, const data::Type*) {
  if (auto problem = all_to_text(args)) return *problem;
  return make_call({.name = "concat",
                    .type = types::text,
                    .kernel = concat,
                    .can_fail = true,
                    .nulls = NullRule::kNever},
                   std::move(args));
}

Outcome resolve_nullif(std::vector<NodePtr> args, const data::Type*) {
  return bind_nullif(std::move(args));
}

Signature text_signature(std::vector<data::Type> args, std::size_t required, Kernel kernel,
                         bool can_fail = false) {
  return {.args = std::move(args),
          .required = required,
          .result = types::text,
          .kernel = kernel,
          .can_fail = can_fail};
}

FunctionSpec case_spec(const char* name, const char* doc, const char* example, const char* result,
                       Kernel kernel) {
  return {.doc = {name, std::string(name) + "(text) -> text", doc, example, result, "0.1"},
          .least = 1,
          .most = 1,
          .signatures = {text_signature({types::text}, 1, kernel)}};
}

FunctionSpec trim_spec(const char* name, const char* sides, const char* example, const char* result,
                       Kernel kernel) {
  return {
      .doc = {name, std::string(name) + "(text [, characters text]) -> text",
              std::string("Removes spaces, or any of the given characters, from ") + sides + ".",
              example, result, "0.1"},
      .least = 1,
      .most = 2,
      .signatures = {text_signature({types::text, types::text}, 1, kernel)}};
}

FunctionSpec side_spec(const char* name, const char* doc, const char* example, const char* result,
                       Kernel kernel) {
  return {
      .doc = {name, std::string(name) + "(text, count int64) -> text", doc, example, result, "0.1"},
      .least = 2,
      .most = 2,
      .signatures = {text_signature({types::text, types::int64}, 2, kernel)}};
}

FunctionSpec length_spec() {
  return {.doc = {"length", "length(text) -> int64", "The number of characters (code points).",
                  "length('Zoë')", "3", "0.1"},
          .least = 1,
          .most = 1,
          .signatures = {
              {.args = {types::text}, .required = 1, .result = types::int64, .kernel = length}}};
}

FunctionSpec substr_spec() {
  return {
      .doc = {"substr", "substr(text, start int64 [, length int64]) -> text",
              "The characters from `start`, counted from 1. A start before the first character "
              "uses up "
              "length, as in PostgreSQL; a negative length refuses the row.",
              "substr('abcdef', 2, 3)", "bcd", "0.1"},
      .least = 2,
      .most = 3,
      .signatures = {text_signature({types::text, types::int64}, 2, substr),
                     text_signature({types::text, types::int64, types::int64}, 3, substr, true)}};
}

FunctionSpec lpad_spec() {
  return {.doc = {"lpad", "lpad(text, length int64 [, fill text]) -> text",
                  "Fills up on the left with spaces, or the given text, to `length` characters; a "
                  "longer text is cut at the right.",
                  "lpad('7', 3, '0')", "007", "0.1"},
          .least = 2,
          .most = 3,
          .signatures = {text_signature({types::text, types::int64, types::text}, 2, lpad, true)}};
}

FunctionSpec replace_spec() {
  return {
      .doc = {"replace", "replace(text, from text, to text) -> text",
              "Replaces every occurrence of `from`; an empty `from` changes nothing.",
              "replace('a-b-c', '-', '')", "abc", "0.1"},
      .least = 3,
      .most = 3,
      .signatures = {text_signature({types::text, types::text, types::text}, 3, replace, true)}};
}

FunctionSpec split_part_spec() {
  return {.doc = {"split_part", "split_part(text, separator text, n int64) -> text",
                  "The n-th field between separators, counted from 1, negative from the end; '' "
                  "when there is "
                  "none. n = 0 refuses the row.",
                  "split_part('a@example.org', '@', 2)", "example.org", "0.1"},
          .least = 3,
          .most = 3,
          .signatures = {
              text_signature({types::text, types::text, types::int64}, 3, split_part, true)}};
}

FunctionSpec concat_spec() {
  return {.doc = {"concat", "concat(any, ...) -> text",
                  "Joins the text forms of all arguments; NULL is passed over (with || it would "
                  "make the result NULL).",
                  "concat('a', null, 1)", "a1", "0.1"},
          .least = 1,
          .most = kAnyNumber,
          .resolve = resolve_concat};
}

FunctionSpec coalesce_spec() {
  return {.doc = {"coalesce", "coalesce(any, ...) -> the common type",
                  "The first argument that is not NULL. Later ones are evaluated only where they "
                  "are needed.",
                  "coalesce(null, 'x', 'y')", "x", "0.1"},
          .least = 1,
          .most = kAnyNumber,
          .resolve = bind_coalesce};
}

FunctionSpec nullif_spec() {
  return {.doc = {"nullif", "nullif(a any, b any) -> the common type", "NULL where a = b, else a.",
                  "nullif('n/a', 'n/a')", "NULL", "0.1"},
          .least = 2,
          .most = 2,
          .resolve = resolve_nullif};
}

}  // namespace

std::vector<FunctionSpec> text_functions() {
  return {
      case_spec("lower", "Small letters, by Unicode's simple case mapping.", "lower('ÄBC')", "äbc",
                map_case<'A', lower_point>),
      case_spec("upper", "Capital letters, by Unicode's simple case mapping.", "upper('äbc')",
                "ÄBC", map_case<'a', upper_point>),
      trim_spec("trim", "both ends", "trim('  a b ')", "a b", trim<true, true>),
      trim_spec("ltrim", "the left end", "ltrim('00420', '0')", "420", trim<true, false>),
      trim_spec("rtrim", "the right end", "rtrim('a/b//', '/')", "a/b", trim<false, true>),
      substr_spec(),
      replace_spec(),
      split_part_spec(),
      length_spec(),
      side_spec(
          "left",
          "The first `count` characters; a negative count leaves that many away at the right.",
          "left('abcdef', 2)", "ab", left),
      side_spec("right",
                "The last `count` characters; a negative count leaves that many away at the left.",
                "right('abcdef', -2)", "cdef", right),
      lpad_spec(),
      concat_spec(),
      coalesce_spec(),
      nullif_spec(),
  };
}

Outcome bind_concatenation(std::vector<NodePtr> args) {
  const bool bytes = std::all_of(args.begin(), args.end(), [](const NodePtr& arg) {
    return arg->type.kind == data::Kind::kBytes;
  });
  const bool text = std::any_of(args.begin(), args.end(), [](const NodePtr& arg) {
    return arg->type.kind == data::Kind::kText;
  });
  if (!bytes && !text) {
    return Problem{"|| joins texts, none of these is one",
                   "write " + cast_text(*args[0], types::text) + ", or concat(…)"};
  }
  if (!bytes) {
    if (auto problem = all_to_text(args)) return *problem;
  }
  const data::Type type = args[0]->type;
  return make_call({.name = "||", .type = type, .kernel = join_strict, .can_fail = true},
                   std::move(args));
}

}  // namespace engine::expr
