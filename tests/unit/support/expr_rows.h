#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "data/batch.h"
#include "data/value.h"
#include "data/value_text.h"
#include "expr/expression.h"

namespace engine::expr::testing {

struct TestColumn {
  std::string name;
  std::string type;
  std::vector<std::string> values;  ///< texts; "NULL" is NULL
  bool nullable = true;
};

inline data::Batch batch_of(const std::vector<TestColumn>& columns) {
  auto schema = std::make_shared<data::Schema>();
  data::Batch batch;
  for (const TestColumn& column : columns) {
    const data::Type type = *data::parse_type(column.type);
    schema->fields.push_back({column.name, type, column.nullable});
    data::ColumnBuilder builder(type);
    for (const std::string& value : column.values) {
      if (value == "NULL") {
        builder.append_null();
      } else if (!data::append_parsed(builder, value)) {
        throw std::runtime_error("not a " + column.type + ": " + value);
      }
    }
    batch.rows = builder.size();
    batch.columns.push_back(builder.finish());
  }
  batch.schema = schema;
  return batch;
}

inline base::Located located(const std::string& text) {
  base::Located out;
  out.text = text;
  out.span = {"plan.yaml", 1, 1, static_cast<int>(text.size())};
  return out;
}

/// What an expression gives: texts of its rows ("E404" for a refused one), or the diagnostics.
struct Outcome {
  NodePtr node;
  std::vector<std::string> rows;
  std::vector<data::RowError> errors;
  base::Diagnostics diagnostics;

  /// Code and message of the first diagnostic, or the rows joined by a bar.
  std::string text() const {
    if (!diagnostics.all().empty()) {
      return diagnostics.all()[0].code + ": " + diagnostics.all()[0].message;
    }
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i) out += (i > 0 ? "|" : "") + rows[i];
    return out;
  }
};

inline Context context() {
  Context context;
  context.now_us = 1'700'000'000'000'000;
  context.run_id = "run-1";
  context.table = "crm_contacts";
  return context;
}

inline Outcome run(const std::string& text, const data::Batch& batch, Scope scope = {},
                   std::optional<data::Type> wanted = std::nullopt) {
  Outcome out;
  out.diagnostics.remember("plan.yaml", text);
  const SyntaxPtr syntax = parse(located(text), out.diagnostics);
  if (syntax == nullptr) return out;
  scope.columns = batch.schema.get();
  out.node = expr::bind(*syntax, located(text), scope, wanted, out.diagnostics);
  if (out.node == nullptr) return out;
  const data::ColumnPtr column = evaluate(*out.node, batch, context(), "target", out.errors);
  for (std::size_t row = 0; row < column->size(); ++row) {
    out.rows.push_back(column->is_null(row) ? "NULL" : data::value_text(*column, row));
  }
  for (const data::RowError& error : out.errors) out.rows[error.row] = error.code;
  return out;
}

/// The value of an expression without columns.
inline std::string value_of(const std::string& text) {
  data::Batch one;
  one.schema = std::make_shared<data::Schema>();
  one.rows = 1;
  return run(text, one).text();
}

}  // namespace engine::expr::testing
