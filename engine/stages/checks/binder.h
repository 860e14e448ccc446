#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "data/value.h"
#include "stages/check.h"
#include "stages/checks/frame.h"
#include "stages/checks/row_rule.h"

namespace engine::stages {

/// What a kind of check says when its options bound without mistakes.
struct KindBinding {
  std::vector<std::size_t> columns;  ///< judged, places in the schema
  std::string arguments;  ///< of the label: "email" in "regex(email)"; empty: no parentheses
  Phrase phrase;
  std::function<std::unique_ptr<Check>(std::shared_ptr<const CheckFrame>, const CheckRuntime&)>
      make;
  std::vector<std::size_t> also_needed;
  std::optional<std::string> parent_table;
  std::vector<std::string> parent_fields;
  std::shared_ptr<const ReconcileSpec> reconcile;
};

/// Reads the options of one check against the columns it may name, and collects mistakes.
class CheckBinder {
 public:
  CheckBinder(const plan::Check& check, const CheckScopeInfo& info, base::Diagnostics& diagnostics)
      : check_(check), info_(info), diagnostics_(diagnostics) {}

  const plan::Check& check() const { return check_; }
  const CheckScopeInfo& info() const { return info_; }
  base::Diagnostics& diagnostics() { return diagnostics_; }
  /// False offline: then options are looked at, but nothing that needs a column.
  bool has_schema() const { return info_.schema != nullptr; }
  const data::Field& field(std::size_t column) const { return info_.schema->fields[column]; }

  void error(const std::string& code, const base::Span& span, const std::string& message,
             const std::string& help = {});

  const plan::OptionValue* option(const std::string& name) const;
  /// The option's scalars, a lone one counting as a list; empty when it is not there.
  std::vector<base::Located> names(const std::string& option_name) const;
  /// The text of a scalar option, whatever its declared kind; nullopt when it is not there or its
  /// value is unknown.
  std::optional<std::string> text(const std::string& option_name) const;
  /// A count or a ratio ("90%").
  std::optional<plan::Cap> amount(const std::string& option_name);

  /// Columns named by "columns" or "column"; E302 for those that do not exist. nullopt after a
  /// mistake and offline.
  std::optional<std::vector<std::size_t>> columns();
  /// The one column of "column".
  std::optional<std::size_t> column();
  std::optional<std::size_t> find_column(const base::Located& name);
  /// The scalar as a value of the type; E104 when it is none.
  std::optional<data::Value> value(const plan::OptionValue& option, const data::Type& type);
  /// "id, email"
  std::string joined(const std::vector<std::size_t>& columns) const;

 private:
  const plan::Check& check_;
  const CheckScopeInfo& info_;
  base::Diagnostics& diagnostics_;
};

/// A kind of check over single rows: `make` builds the rule, once per run.
KindBinding row_rule(CheckBinder& binder, std::vector<std::size_t> columns, Phrase phrase,
                     std::function<std::unique_ptr<RowRule>()> make);

}  // namespace engine::stages
