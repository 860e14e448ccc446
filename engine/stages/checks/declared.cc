#include "stages/checks/declared.h"

#include "plan/declare.h"

namespace engine::stages {

namespace {

using plan::Declare;
using plan::OptionKind;
using plan::OptionSpec;

constexpr const char* kNow = "0.1";
constexpr const char* kRunning = "run";
constexpr const char* kWhole = "table";

OptionSpec column_option() {
  return plan::text_option("column", "The column, by its name in the target.")
      .required()
      .example("email");
}

Declare columns_option() {
  return plan::names_option("columns", "The columns, by their names in the target.")
      .example("[id, email]");
}

OptionSpec with_option() {
  return Declare("with", OptionKind::kChoice, "The other side.")
      .choices({{"source", kNow}})
      .standard("source");
}

OptionSpec bound_option(const char* name, const char* doc) {
  return Declare(name, OptionKind::kScalar, doc).example("0");
}

plan::CheckDecl check(const char* name, const char* doc, const char* scope, const char* positional,
                      std::vector<OptionSpec> options) {
  return {.name = name,
          .available_since = kNow,
          .options = {.name = name,
                      .doc = doc,
                      .options = std::move(options),
                      .positional = positional},
          .default_scope = scope};
}

plan::CheckDecl row_rule(const char* name, const char* doc, const char* positional,
                         std::vector<OptionSpec> options) {
  plan::CheckDecl decl = check(name, doc, kRunning, positional, std::move(options));
  decl.judges_rows = true;
  return decl;
}

plan::CheckDecl later(plan::CheckDecl decl, const char* version) {
  decl.available_since = version;
  return decl;
}

std::vector<plan::CheckDecl> column_checks() {
  return {
      row_rule("not_null", "No row is NULL in any of the columns.", "columns",
               {columns_option().required()}),
      check("unique", "No two rows have the same values in the columns. NULLs never equal.", kWhole,
            "columns", {columns_option().required()}),
      check("primary_key", "The columns are never NULL and together unique.", kWhole, "columns",
            {columns_option().required()}),
      row_rule("accepted_values", "Every value is one of a list; NULL passes.", "",
               {column_option(), Declare("values", OptionKind::kList, "The values.")
                                     .element(Declare("value", OptionKind::kScalar, "A value."))
                                     .required()
                                     .example("[active, inactive]")}),
      row_rule(
          "type", "Every value can be read as a type; NULL passes.", "",
          {column_option(),
           Declare("is", OptionKind::kTypeName, "The type.").required().example("decimal(12,2)")}),
  };
}

std::vector<plan::CheckDecl> text_checks() {
  return {
      row_rule(
          "format",
          "Every value has a named form: vin (with its check digit where it applies), dtc, url, "
          "email, uuid, iso8601, e164, or one of the plan's formats. NULL passes.",
          "",
          {column_option(), plan::text_option("as", "The format.").required().example("email")}),
      row_rule("regex",
               "A pattern (RE2) is found in every value; ^ and $ tie it to the ends. NULL passes.",
               "",
               {column_option(), plan::text_option("pattern", "The pattern.")
                                     .required()
                                     .example("\"^[A-Z]{3}-[0-9]{4}$\"")}),
      row_rule("length", "Every text has a length in code points within bounds; NULL passes.", "",
               {column_option(),
                Declare("min", OptionKind::kInt, "The shortest.").at_least(0).example("1"),
                Declare("max", OptionKind::kInt, "The longest.").at_least(0).example("200")}),
      row_rule("range", "Every value lies within bounds, which belong to it; NULL passes.", "",
               {column_option(), bound_option("min", "The smallest."),
                bound_option("max", "The largest.")}),
  };
}

OptionSpec count_option(const char* name, const char* doc) {
  return Declare(name, OptionKind::kAny, doc)
      .either({Declare("count", OptionKind::kInt, "Rows.").at_least(0),
               Declare("share", OptionKind::kRatio, "A share of the last run's rows.").at_least(0)})
      .example("1000");
}

std::vector<plan::CheckDecl> table_checks() {
  return {
      check(
          "relationships",
          "Every value of the columns stands in the parent's; a row with a NULL among them passes.",
          kWhole, "",
          {columns_option().required(),
           plan::text_option("to", "The parent, by its name in the plan.")
               .required()
               .example("buyers"),
           plan::names_option("fields", "The parent's columns; without it, its key.")
               .example("id")}),
      check("row_count", "The number of rows is as said.", kWhole, "equals",
            {Declare("equals", OptionKind::kInt, "Exactly so many.").at_least(0).example("1000"),
             count_option("min", "At least so many; a share is of the last run's."),
             count_option("max", "At most so many; a share is of the last run's.")}),
      check("row_count_match",
            "As many rows as the other side: of those in flight, or of the whole table.", kRunning,
            "with",
            {with_option(),
             Declare("tolerance", OptionKind::kAny, "How far apart they may be.")
                 .either({Declare("count", OptionKind::kInt, "Rows.").at_least(0),
                          Declare("share", OptionKind::kRatio, "A share.").range(0, 1)})
                 .standard("0")
                 .example("0.1%")}),
      row_rule("expression", "An expression over target columns is true, or NULL, for every row.",
               "expr",
               {Declare("expr", OptionKind::kExpression, "The expression.")
                    .required()
                    .example("status <> 'closed' or amount > 0")}),
  };
}

std::vector<plan::CheckDecl> comparing_checks() {
  return {
      later(check("schema",
                  "Columns, types, nullability and keys are as the table's `schema` declares them, "
                  "or as they were before the run.",
                  kWhole, "", {}),
            "0.2"),
      later(
          check("reconcile",
                "The rows that the source gives stand in the target, and no others, by digests of "
                "columns and sums; stage published.",
                kWhole, "with",
                {with_option(),
                 plan::names_option("sum", "Columns whose sums are compared.").example("[amount]"),
                 plan::names_option("checksum",
                                    "Columns whose values are compared; \"*\" for all, and so "
                                    "without sum and checksum.")
                     .example("\"*\"")}),
          "0.2"),
  };
}

std::vector<plan::CheckDecl> later_checks() {
  return {
      later(check("failed_rows", "A read-only query gives no row.", kWhole, "query",
                  {plan::text_option("query", "SQL in the target's dialect.").required()}),
            "0.3"),
  };
}

}  // namespace

std::vector<plan::CheckDecl> declared_checks() {
  std::vector<plan::CheckDecl> out;
  for (auto part :
       {column_checks(), text_checks(), table_checks(), comparing_checks(), later_checks()}) {
    for (plan::CheckDecl& decl : part) out.push_back(std::move(decl));
  }
  return out;
}

}  // namespace engine::stages
