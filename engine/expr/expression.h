#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/located.h"
#include "data/batch.h"
#include "data/schema.h"
#include "data/value.h"

namespace engine::expr {

/// The scalar language of plans: text -> Syntax (names unresolved) -> Expression (typed, ready to
/// run). Both trees are immutable and shared.
struct Syntax;
struct Node;
using SyntaxPtr = std::shared_ptr<const Syntax>;
using NodePtr = std::shared_ptr<const Node>;

/// Reads the text. Mistakes are E115 (E117 for `${`) with a caret inside the scalar; nullptr then.
SyntaxPtr parse(const base::Located& text, base::Diagnostics& diagnostics);
SyntaxPtr parse(const std::shared_ptr<const base::Located>& text, base::Diagnostics& diagnostics);

/// The column names and `:variables` a syntax mentions, each once, in order of appearance, with the
/// place of the first.
struct Mention {
  std::string name;
  base::Span span;
};
std::vector<Mention> mentioned_columns(const Syntax& syntax);
std::vector<Mention> mentioned_variables(const Syntax& syntax);
/// The name when the whole expression is one bare column ("status", also quoted), else nullopt.
std::optional<std::string> bare_column(const Syntax& syntax);

/// A named expression of `transforms:`; called like a function.
struct NamedExpression {
  std::vector<std::string> params;
  SyntaxPtr body;
  base::Span span;
};

/// What names mean. A column that `columns` does not have is E302 (with "did you mean"); with
/// `columns == nullptr` only what does not depend on columns is checked (plans are validated
/// offline) and bind returns nullptr.
struct Scope {
  const data::Schema* columns = nullptr;
  std::map<std::string, data::Value> variables;  ///< `:name`
  std::vector<std::string> unknown_variables;    ///< declared, but without a value offline
  const std::map<std::string, NamedExpression>* named = nullptr;
};

/// Resolves names and types. Mistakes are E116, E302, E113, E110 with carets; nullptr then.
/// `wanted` is the type the value goes to: it gives untyped literals and text their type where the
/// language allows that ("Text is coerced only against a column of known type"); a result that
/// would need a cast is E116 with the cast to write.
NodePtr bind(const Syntax& syntax, const base::Located& text, const Scope& scope,
             std::optional<data::Type> wanted, base::Diagnostics& diagnostics);

data::Type type_of(const Node& node);
/// False only when no input can make it NULL; rows that are refused are NULL in any case.
bool can_be_null(const Node& node);

/// Facts of a run that expressions can see.
struct Context {
  std::int64_t now_us = 0;  ///< now_run(): start of the run
  std::string run_id;       ///< run_id()
  std::string table;        ///< source_table()
};

/// Evaluates over all rows of a batch. A row that cannot be evaluated (bad cast, overflow, division
/// by zero: E404, E405, E412) is NULL in the result and named in `errors` with `column`. Thread
/// safe: nodes hold no state.
data::ColumnPtr evaluate(const Node& node, const data::Batch& batch, const Context& context,
                         std::string_view column, std::vector<data::RowError>& errors);
/// For filters and check expressions: one byte a row, 1 true, 0 false, 2 NULL.
std::vector<std::uint8_t> evaluate_truth(const Node& node, const data::Batch& batch,
                                         const Context& context,
                                         std::vector<data::RowError>& errors);

/// How one SQL dialect writes each operation, and whether that means exactly what the kernels mean.
/// Connectors supply it as data. Keys of `templates` are the function names of the language and the
/// operators ("+", "||", "like", "is null", "case", "cast:int64:text", ...); `{0} {1} ...` are the
/// arguments, `{*}` all of them joined with ", ".
struct SqlTemplate {
  std::string text;
  bool exact = false;
  std::string why_not;  ///< when not exact: the sentence the plan output prints
};
/// "+:int64:int64" or "cast:int64:text", with the kinds of the arguments (and of the cast's
/// result), is looked up before the bare name; "column:text" wraps columns of a kind; "true" and
/// "false" are the truth values; "case" is only allowed or not. `{1*}` are the arguments from the
/// second on. An operator of two sides takes a longer chain by halves.
struct Dialect {
  std::string name;
  std::map<std::string, SqlTemplate, std::less<>> templates;
  std::function<std::string(std::string_view)> quote_name;
  /// Types of columns that the dialect stores and compares exactly as the engine does.
  std::function<bool(const data::Type&)> native;
  std::size_t max_parameters = 30'000;  ///< of one statement
};

/// SQL with `?` for each bound value, in order.
struct Sql {
  std::string text;
  std::vector<data::Value> parameters;
};
/// The expression as SQL, or the reason why it is not exact there.
struct SqlResult {
  std::optional<Sql> sql;
  std::string why_not;
};
SqlResult to_sql(const Node& node, const Dialect& dialect);

/// One entry a function, for `engine explain function NAME`, the reference page and the tests.
struct FunctionDoc {
  std::string name;
  std::string signature;  ///< "substr(text, start int64 [, length int64]) -> text"
  std::string doc;
  std::string example;  ///< "substr('abcdef', 2, 3)"
  std::string result;   ///< "bcd"
  std::string since;    ///< version
};
const std::vector<FunctionDoc>& function_docs();

/// The expression back as canonical text (for diffs and explain).
std::string text_of(const Syntax& syntax);

}  // namespace engine::expr
