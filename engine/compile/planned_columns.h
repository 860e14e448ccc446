#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compile/binding.h"

namespace engine::compile {

/// A column that will be written, before its expression is bound.
struct Planned {
  std::string name;
  const plan::ColumnRule* rule = nullptr;  ///< nullptr: kept as it is
  base::Located text;                      ///< of the expression; of a kept column its quoted name
  expr::SyntaxPtr syntax;
  std::optional<data::Type> wanted;  ///< the target's type where it is known
  bool nullable = true;
  const plan::Reference* remap = nullptr;  ///< takes the new ids of a parent
  std::vector<Planned> key = {};           ///< remap: the values that name the parent

  bool is_id() const { return rule != nullptr && rule->id.has_value() && remap == nullptr; }
};

/// Where a mistake about the column is shown.
base::Span place_of(const Planned& column, const plan::Table& table);
/// The columns of one table that will be written: declared ones, those that "*" keeps, and new ids
/// in the place of what referred to a parent. Mistakes are said; the table is broken then.
std::vector<Planned> planned_columns(Binding& work, std::size_t at);
/// False, and said, where the target has no such column or computes it.
bool check_target_column(Binding& work, std::size_t at, const Planned& column);

}  // namespace engine::compile
