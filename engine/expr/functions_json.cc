#include <cctype>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "expr/function.h"
#include "expr/json_scan.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

class JsonPath : public Prepared {
 public:
  std::vector<JsonStep> steps;
};

/// Reads "a.b[0]["odd.name"]"; a leading "$" or "$." is allowed.
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {
    if (!text_.empty() && text_[0] == '$') at_ = 1;
  }

  std::optional<std::vector<JsonStep>> run() {
    std::vector<JsonStep> steps;
    while (at_ < text_.size()) {
      const bool dot = text_[at_] == '.';
      if (dot) ++at_;
      const bool bracket = !dot && at_ < text_.size() && text_[at_] == '[';
      if (!dot && !bracket && at_ > 0) return std::nullopt;
      if (!(bracket ? element(steps) : member(steps))) return std::nullopt;
    }
    return steps;
  }

 private:
  bool member(std::vector<JsonStep>& steps) {
    const std::size_t end = std::min(text_.find_first_of(".[", at_), text_.size());
    if (end == at_) return false;
    steps.push_back({std::string(text_.substr(at_, end - at_)), std::nullopt});
    at_ = end;
    return true;
  }

  bool element(std::vector<JsonStep>& steps) {
    const bool quoted = text_.substr(at_, 2) == "[\"";
    const std::size_t end = quoted ? text_.find("\"]", at_ + 2) : text_.find(']', at_);
    if (end == std::string_view::npos) return false;
    const std::string_view inner =
        text_.substr(at_ + (quoted ? 2 : 1), end - at_ - (quoted ? 2 : 1));
    at_ = end + (quoted ? 2 : 1);
    if (quoted) {
      steps.push_back({std::string(inner), std::nullopt});
      return true;
    }
    long index = 0;
    const auto read = std::from_chars(inner.data(), inner.data() + inner.size(), index);
    if (inner.empty() || read.ec != std::errc() || read.ptr != inner.data() + inner.size()) {
      return false;
    }
    steps.push_back({"", index});
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::variant<PreparedPtr, Problem> prepare_path(const std::vector<NodePtr>& args) {
  const auto text = constant_text(*args[1]);
  if (!text) return Problem{"the path must be a text or a :variable", "", 1};
  auto steps = PathReader(*text).run();
  if (!steps) {
    return Problem{base::quoted(*text) + " is no path",
                   "a path is written a.b[0], or [\"a.b\"] for a name with a dot", 1};
  }
  auto path = std::make_shared<JsonPath>();
  path->steps = std::move(*steps);
  return PreparedPtr(path);
}

std::string_view trimmed(std::string_view json) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  while (!json.empty() && space(json.front())) json.remove_prefix(1);
  while (!json.empty() && space(json.back())) json.remove_suffix(1);
  return json;
}

/// The piece of a row's document that the path leads to; nullopt where there is none, or the row
/// was refused.
std::optional<std::string_view> piece_at(const Call& call, std::size_t row) {
  std::optional<std::string_view> piece = call.arg(0).bytes(row);
  if (!is_json(*piece)) {
    call.refuse_arg(row, "E404", call.node.name + ": the text is no json", 0);
    return std::nullopt;
  }
  for (const JsonStep& step : call.prepared<JsonPath>().steps) {
    if (piece) piece = json_child(*piece, step);
  }
  if (piece) piece = trimmed(*piece);
  return piece;
}

data::ColumnPtr json_get(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const auto piece = piece_at(call, row);
    if (piece) out += *piece;
    return piece.has_value();
  });
}

data::ColumnPtr json_text(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const auto piece = piece_at(call, row);
    if (!piece || *piece == "null") return false;
    if (piece->front() != '"') {
      out += *piece;
      return true;
    }
    const auto text = json_string_value(*piece);
    if (!text) {
      return call.refuse(row, "E404", "json_text: half of a surrogate pair is no character",
                         *piece);
    }
    out += *text;
    return true;
  });
}

bool append_value(std::string& out, const Call& call, std::size_t index, std::size_t row) {
  const Operand& arg = call.arg(index);
  if (arg.is_null(row)) {
    out += "null";
    return true;
  }
  const Kind kind = arg.column->type().kind;
  if (kind == Kind::kFloat64 && !std::isfinite(arg.float64(row))) {
    return call.refuse_arg(row, "E404", call.node.name + ": json has no such number", index);
  }
  if (kind == Kind::kJson && !is_json(arg.bytes(row))) {
    return call.refuse_arg(row, "E404", call.node.name + ": the value is no json", index);
  }
  const bool plain = kind == Kind::kBool || kind == Kind::kInt64 || kind == Kind::kFloat64 ||
                     kind == Kind::kDecimal || kind == Kind::kNumber || kind == Kind::kJson;
  if (plain) {
    append_text(out, arg, row);
  } else {
    std::string text;
    append_text(text, arg, row);
    append_json_string(out, text);
  }
  return true;
}

data::ColumnPtr json_array(const Call& call) {
  return map_bytes_where(call, Validity(call.rows()), [&](std::size_t row, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < call.args.size(); ++i) {
      if (i > 0) out += ',';
      if (!append_value(out, call, i, row)) return false;
    }
    out += ']';
    return true;
  });
}

data::ColumnPtr json_object(const Call& call) {
  return map_bytes_where(call, Validity(call.rows()), [&](std::size_t row, std::string& out) {
    out += '{';
    for (std::size_t i = 0; i < call.args.size(); i += 2) {
      if (i > 0) out += ',';
      if (call.arg(i).is_null(row)) return call.refuse(row, "E404", "json_object: a name is NULL");
      append_json_string(out, call.arg(i).bytes(row));
      out += ':';
      if (!append_value(out, call, i + 1, row)) return false;
    }
    out += '}';
    return true;
  });
}

Outcome build_call(const char* name, Kernel kernel, std::vector<NodePtr> args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i]->type.kind == Kind::kDocument) {
      return Problem{"a document has no json form", "", static_cast<int>(i)};
    }
    args[i] = settled(args[i]);
  }
  return make_call({.name = name,
                    .type = types::json,
                    .kernel = kernel,
                    .can_fail = true,
                    .nulls = NullRule::kNever},
                   std::move(args));
}

Outcome resolve_array(std::vector<NodePtr> args, const Type*) {
  return build_call("json_array", json_array, std::move(args));
}

Outcome resolve_object(std::vector<NodePtr> args, const Type*) {
  if (args.size() % 2 != 0) {
    return Problem{"json_object takes pairs of name and value", "json_object('a', x, 'b', y)"};
  }
  for (std::size_t i = 0; i < args.size(); i += 2) {
    Outcome name = coerce(args[i], types::text);
    if (Problem* problem = std::get_if<Problem>(&name)) {
      problem->arg = static_cast<int>(i);
      return *problem;
    }
    args[i] = std::get<NodePtr>(name);
  }
  return build_call("json_object", json_object, std::move(args));
}

/// Takes json, or a text that is checked row by row.
std::vector<Signature> path_signatures(Type result, Kernel kernel) {
  std::vector<Signature> out;
  for (const Type& document : {types::json, types::text}) {
    out.push_back({.args = {document, types::text},
                   .required = 2,
                   .result = result,
                   .kernel = kernel,
                   .can_fail = true,
                   .nulls = NullRule::kAlways});
  }
  return out;
}

}  // namespace

std::vector<FunctionSpec> json_functions() {
  return {
      {.doc = {"json_get", "json_get(json, path text) -> json",
               "The piece at a constant path, as it is written: a.b[0], [-1] for the last element, "
               "[\"a.b\"] for a name "
               "with a dot, '' for the whole. NULL when there is none.",
               "json_get('{\"a\": [1, 2.50]}', 'a[1]')", "2.50", "0.1"},
       .least = 2,
       .most = 2,
       .signatures = path_signatures(types::json, json_get),
       .prepare = prepare_path},
      {.doc = {"json_text", "json_text(json, path text) -> text",
               "The same piece as text: strings without quotes and escapes, all else as written; "
               "NULL for json's null.",
               "json_text('{\"a\": {\"b\": \"x\"}}', 'a.b')", "x", "0.1"},
       .least = 2,
       .most = 2,
       .signatures = path_signatures(types::text, json_text),
       .prepare = prepare_path},
      {.doc = {"json_array", "json_array(any, ...) -> json",
               "An array: numbers keep their digits, bool and json stay what they are, all else "
               "becomes a string.",
               "json_array(1, 'a', null)", "[1,\"a\",null]", "0.1"},
       .least = 0,
       .most = kAnyNumber,
       .resolve = resolve_array},
      {.doc = {"json_object", "json_object(name text, value any, ...) -> json",
               "An object of pairs, in the order given; values as in json_array. A name that is "
               "NULL refuses the row.",
               "json_object('id', 7, 'tags', json_array('x'))", "{\"id\":7,\"tags\":[\"x\"]}",
               "0.1"},
       .least = 0,
       .most = kAnyNumber,
       .resolve = resolve_object},
  };
}

}  // namespace engine::expr
