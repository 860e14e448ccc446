#include <optional>

#include "base/text.h"
#include "data/value.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

std::string_view kind_name(data::Kind kind) {
  static constexpr std::string_view kNames[] = {"bool", "int64", "float64",   "decimal", "number",
                                                "date", "time",  "timestamp", "text",    "bytes",
                                                "uuid", "json",  "document"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// "+:int64:int64", "cast:int64:text".
std::string qualified_name(const Node& node) {
  std::string name = node.name;
  for (const NodePtr& arg : node.args) {
    name += ':';
    name += kind_name(arg->type.kind);
  }
  if (node.name == "cast") {
    name += ':';
    name += kind_name(node.type.kind);
  }
  return name;
}

constexpr std::uint32_t kMostLevels = 250;

/// Writes a tree as SQL text. The first piece that is not exact stops it, with the reason in
/// why_not().
class SqlWriter {
 public:
  explicit SqlWriter(const Dialect& dialect) : dialect_(dialect) {}

  std::optional<Sql> run(const Node& node) {
    std::optional<Sql> sql;
    if (node.depth > kMostLevels) {
      stop("the expression is nested too deeply for a statement");
    } else if (write(node) && parameters_.size() > dialect_.max_parameters) {
      stop("the expression needs more parameters than a statement may have");
    }
    if (why_not_.empty()) sql = Sql{std::move(text_), std::move(parameters_)};
    return sql;
  }
  const std::string& why_not() const { return why_not_; }

 private:
  bool stop(std::string why) {
    why_not_ = std::move(why);
    return false;
  }

  const SqlTemplate* find(std::string_view name) const {
    const auto found = dialect_.templates.find(name);
    return found == dialect_.templates.end() ? nullptr : &found->second;
  }

  bool write(const Node& node) {
    switch (node.kind) {
      case NodeKind::kColumn:
        return column(node);
      case NodeKind::kConstant:
        return constant(node);
      case NodeKind::kCase:
        return branches(node);
      default:
        return call(node);
    }
  }

  bool check_native(const Node& node) {
    if (dialect_.native(node.type)) return true;
    return stop(dialect_.name + " does not store and compare " + data::type_name(node.type) +
                " as the engine does");
  }

  /// A dialect may wrap columns of a kind: the template "column:text".
  bool column(const Node& node) {
    if (!check_native(node)) return false;
    const std::string name = dialect_.quote_name(node.name);
    const SqlTemplate* wrap = find("column:" + std::string(kind_name(node.type.kind)));
    if (wrap == nullptr) {
      text_ += name;
      return true;
    }
    const std::size_t place = wrap->text.find("{0}");
    text_ += wrap->text.substr(0, place) + name + wrap->text.substr(place + 3);
    return true;
  }

  /// true and false are templates; all else is a parameter. "NULL" needs none.
  bool constant(const Node& node) {
    if (node.is_null_constant()) {
      text_ += "NULL";
      return true;
    }
    data::Value value = data::value_at(*node.constant, 0);
    if (value.type.kind == data::Kind::kBool) {
      const SqlTemplate* word = usable(value.integer != 0 ? "true" : "false", "");
      if (word != nullptr) text_ += word->text;
      return word != nullptr;
    }
    if (!check_native(node)) return false;
    text_ += '?';
    parameters_.push_back(std::move(value));
    return true;
  }

  /// The template, unless it is missing or not exact.
  const SqlTemplate* usable(std::string_view qualified, std::string_view plain) {
    const SqlTemplate* found = find(qualified);
    if (found == nullptr && !plain.empty()) found = find(plain);
    if (found != nullptr && found->exact) return found;
    const std::string name = base::quoted(plain.empty() ? qualified : plain);
    stop(found != nullptr && !found->why_not.empty()
             ? found->why_not
             : dialect_.name + " has nothing that means exactly " + name);
    return nullptr;
  }

  bool call(const Node& node) {
    const SqlTemplate* found = usable(qualified_name(node), node.name);
    if (found == nullptr) return false;
    const bool pairs = found->text.find("{1}") != std::string::npos &&
                       found->text.find("{2}") == std::string::npos;
    if (pairs && node.args.size() > 2) return fold(found->text, node, 0, node.args.size());
    return fill(found->text, node, node.args.size());
  }

  /// An operator of two sides over more, halved again and again: SQL engines limit the depth of
  /// expressions. The left side is written first, as the order of parameters needs.
  bool fold(const std::string& text, const Node& node, std::size_t first, std::size_t end) {
    if (end - first == 1) return write(*node.args[first]);
    const std::size_t middle = first + (end - first + 1) / 2;
    const std::size_t left = text.find("{0}");
    const std::size_t right = text.find("{1}");
    text_ += text.substr(0, left);
    if (!fold(text, node, first, middle)) return false;
    text_ += text.substr(left + 3, right - left - 3);
    if (!fold(text, node, middle, end)) return false;
    text_ += text.substr(right + 3);
    return true;
  }

  /// {0} {1} ... are arguments, {*} all of them, {1*} all from the second; each place is written
  /// where it stands.
  bool fill(const std::string& text, const Node& node, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = text.find('{', at);
      text_ += text.substr(at, open == std::string::npos ? open : open - at);
      if (open == std::string::npos) return true;
      const std::size_t close = text.find('}', open);
      if (!place(text.substr(open + 1, close - open - 1), node, count)) return false;
      at = close + 1;
    }
    return true;
  }

  bool place(const std::string& name, const Node& node, std::size_t count) {
    const bool list = name.back() == '*';
    const std::size_t first = name == "*" ? 0 : std::stoul(name);
    const std::size_t end = list ? count : first + 1;
    for (std::size_t i = first; i < end; ++i) {
      if (i > first) text_ += ", ";
      if (!write(*node.args[i])) return false;
    }
    return true;
  }

  bool branches(const Node& node) {
    if (usable("case", "") == nullptr) return false;
    text_ += "CASE";
    for (std::size_t i = 0; i + 1 < node.args.size(); i += 2) {
      text_ += " WHEN ";
      if (!write(*node.args[i])) return false;
      text_ += " THEN ";
      if (!write(*node.args[i + 1])) return false;
    }
    text_ += " ELSE ";
    if (!write(*node.args.back())) return false;
    text_ += " END";
    return true;
  }

  const Dialect& dialect_;
  std::string text_;
  std::vector<data::Value> parameters_;
  std::string why_not_;
};

}  // namespace

SqlResult to_sql(const Node& node, const Dialect& dialect) {
  SqlWriter writer(dialect);
  SqlResult result;
  result.sql = writer.run(node);
  if (!result.sql) result.why_not = writer.why_not();
  return result;
}

}  // namespace engine::expr
