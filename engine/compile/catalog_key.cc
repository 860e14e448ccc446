#include "compile/catalog_key.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/text.h"
#include "expr/build.h"
#include "expr/pieces.h"

namespace engine::compile {
namespace {

bool needs_key(const plan::Table& spec) {
  return spec.merge.mode != plan::MergeMode::kAppend &&
         spec.merge.mode != plan::MergeMode::kReplace;
}

bool lacks_primary_key(const Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  return !work.broken[at] && !table.create_only && table.spec->key_from_catalog &&
         needs_key(*table.spec) && table.source_info->primary_key.empty();
}

/// The source column that a rule takes over, as it is or shaped into another type.
std::optional<std::string> taken_over(const plan::ColumnRule& rule) {
  if (rule.id) return std::nullopt;
  if (!rule.expr) return rule.name.text;
  return rule.expr->syntax == nullptr ? std::nullopt : expr::bare_column(*rule.expr->syntax);
}

/// The column of new ids that are made from exactly these source columns.
std::optional<std::string> new_id_of(const BoundTable& table, std::vector<std::string> columns) {
  std::sort(columns.begin(), columns.end());
  for (const BoundId& id : table.ids) {
    std::vector<std::string> from = id.from;
    std::sort(from.begin(), from.end());
    if (from == columns) return table.comparison.written.fields[id.column].name;
  }
  return std::nullopt;
}

/// The target column that a source column of the key goes to: the rule of its own name first, then
/// the first rename, else the column itself where it is kept.
std::optional<std::string> target_of(const BoundTable& table, const std::string& column) {
  const plan::ColumnRule* found = nullptr;
  for (const plan::ColumnRule& rule : table.spec->columns) {
    if (taken_over(rule) != column) continue;
    if (found == nullptr || rule.name.text == column) found = &rule;
  }
  if (found != nullptr) return found->name.text;
  if (const auto id = new_id_of(table, {column})) return id;
  const bool declared =
      std::any_of(table.spec->columns.begin(), table.spec->columns.end(),
                  [&](const plan::ColumnRule& rule) { return rule.name.text == column; });
  if (declared || !table.comparison.written.find(column)) return std::nullopt;
  return column;
}

}  // namespace

void require_primary_keys(Binding& work) {
  std::map<std::string, std::vector<std::size_t>> lacking;  // by the entry that asks for the key
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    if (lacks_primary_key(work, at)) {
      lacking[work.result.tables[at].spec->span.text()].push_back(at);
    }
  }
  for (const auto& [place, tables] : lacking) {
    std::vector<std::string> names;
    for (const std::size_t at : tables) names.push_back(work.result.tables[at].read.table);
    const BoundTable& first = work.result.tables[tables.front()];
    const bool one = tables.size() == 1;
    work.fail(tables.front(), "E312", first.spec->span,
              "source '" + first.source + "' declares no primary key of " +
                  (one ? "table '" + names.front() + "'"
                       : std::to_string(names.size()) + " tables: " + base::join(names, ", ")),
              one ? "name the columns that identify a row: 'key: id'"
                  : "give each an entry of its own with the columns that identify a row, 'key: "
                    "id', or leave it out with 'except'");
    for (const std::size_t at : tables) work.broken[at] = true;
  }
}

std::optional<std::vector<base::Located>> catalog_key(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  std::vector<base::Located> key;
  if (const auto id = new_id_of(table, table.source_info->primary_key)) {
    return std::vector{base::Located::made(*id, table.spec->span)};
  }
  for (const std::string& column : table.source_info->primary_key) {
    const auto target = target_of(table, column);
    if (!target) {
      work.fail(at, "E303", table.spec->span,
                "'key: catalog' of '" + table.name + "': the source's key column '" + column +
                    "' is not among the columns that are written",
                "let 'columns' take it over as it is, or name the key");
      return std::nullopt;
    }
    key.push_back(base::Located::made(*target, table.spec->span));
  }
  return key;
}

}  // namespace engine::compile
