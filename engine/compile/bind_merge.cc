#include <algorithm>

#include "base/text.h"
#include "compile/binding.h"
#include "expr/build.h"
#include "expr/pieces.h"

namespace engine::compile {
namespace {

using data::Kind;
using plan::MergeMode;

constexpr const char* kDeleteFlag = "_engine_deleted";

/// A written column that the merge names; nullopt when it is none (reported).
std::optional<std::size_t> written_column(Binding& work, std::size_t at, const base::Located& name,
                                          const std::string& option) {
  const data::Schema& written = work.result.tables[at].comparison.written;
  if (const auto position = written.find(name.text)) return position;
  work.fail(at, "E302", name.span,
            option + " names '" + name.text + "', which is not among the columns that are written",
            near_field(name.text, written));
  return std::nullopt;
}

void settle_updated(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  for (const base::Located& name : table.spec->merge.columns) {
    const auto position = written_column(work, at, name, "merge.columns");
    if (!position) continue;
    if (table.comparison.in_key(*position)) {
      work.fail(at, "E118", name.span,
                "merge.columns names '" + name.text + "', which is part of the key",
                "a row of another key is another row: leave the key out");
      continue;
    }
    table.comparison.updated.push_back(*position);
  }
  if (!table.comparison.updated.empty() && table.comparison.mark) {
    table.comparison.updated.push_back(*table.comparison.mark);
  }
}

/// Deletes, and rows that are found again by number, need a target that can do so.
void require_ability(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const connect::Capabilities& target = work.capabilities(table.target);
  const plan::Merge& merge = table.spec->merge;
  if (!table.compares) return;
  const bool removes = merge.mode == MergeMode::kMirror || merge.mode == MergeMode::kReplace ||
                       merge.deleted_when.has_value();
  if (removes && !target.deletes) {
    work.fail(at, "E119", merge.span,
              "rows of '" + table.target_name() + "' cannot be deleted in this version",
              "use mode upsert");
  }
  if (table.comparison.by_content && table.target_info && !table.target_info->row_numbers) {
    work.fail(at, "E303", table.spec->span,
              "table '" + table.name + "' has no key, and rows of '" + table.target_name() +
                  "' cannot be told apart without one",
              "name the columns that identify a row: 'key: id'");
  }
}

data::Type mark_type(const BoundTable& table, const std::string& name) {
  if (table.target_info) {
    if (const auto* info = table.target_info->find(name)) return info->type;
  }
  if (table.create) {
    for (const auto& column : table.create->columns) {
      if (column.name == name) return column.type;
    }
  }
  return data::Type::timestamp(true);
}

/// Whether the target's table has the column, or none is there yet.
bool has_column(const BoundTable& table, const std::string& name) {
  if (table.target_info) return table.target_info->find(name) != nullptr;
  if (!table.create) return true;
  return std::any_of(table.create->columns.begin(), table.create->columns.end(),
                     [&](const auto& column) { return column.name == name; });
}

bool may_be_null(const BoundTable& table, const std::string& name) {
  const auto* info = table.target_info ? table.target_info->find(name) : nullptr;
  return info == nullptr || info->nullable;
}

bool mark_fits(Binding& work, std::size_t at, const base::Located& name) {
  const BoundTable& table = work.result.tables[at];
  if (table.comparison.written.find(name.text)) {
    work.fail(at, "E118", name.span,
              "deleted_at names '" + name.text + "', which the plan fills from the source",
              "the engine sets and clears that column: leave it out of 'columns', or drop it with "
              "'\"*\": drop'");
    return false;
  }
  if (!has_column(table, name.text)) {
    work.fail(at, "E302", name.span,
              "target '" + table.target_name() + "' has no column '" + name.text + "'",
              "add it to the target, as a nullable timestamp");
    return false;
  }
  const data::Type type = mark_type(table, name.text);
  const bool is_time = type.kind == Kind::kTimestamp || type.kind == Kind::kText;
  if (is_time && may_be_null(table, name.text)) return true;
  work.fail(at, "E304", name.span,
            "column '" + name.text + "' of '" + table.target_name() +
                (is_time ? "' is NOT NULL" : "' is " + data::type_name(type)) +
                " and cannot say when a row was deleted",
            "make it a nullable timestamp or text column");
  return false;
}

}  // namespace

void use_delete_columns(Binding& work, std::size_t at, std::set<std::string>& used) {
  const plan::Merge& merge = work.result.tables[at].spec->merge;
  if (!merge.deleted_when) return;
  if (merge.deleted_when->syntax == nullptr) {
    work.broken[at] = true;
    return;
  }
  for (const expr::Mention& mention : expr::mentioned_columns(*merge.deleted_when->syntax)) {
    if (work.source_schemas[at].find(mention.name)) {
      used.insert(mention.name);
      continue;
    }
    work.fail(at, "E302", mention.span,
              "source '" + work.result.tables[at].source + "." + work.result.tables[at].read.table +
                  "' has no column '" + mention.name + "'",
              near_field(mention.name, work.source_schemas[at]));
  }
}

void add_deletion_mark(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Merge& merge = table.spec->merge;
  if (!merge.soft_delete || !merge.deleted_at || !mark_fits(work, at, *merge.deleted_at)) return;
  const std::string& name = merge.deleted_at->text;
  const data::Type type = mark_type(table, name);
  table.comparison.mark = table.comparison.written.size();
  table.comparison.marked_us = work.surroundings.context.now_us;
  table.comparison.written.fields.push_back({name, type, true});
  table.transform.columns.push_back({name, type, expr::null_node(type), true});
  table.notes.push_back("deletes are soft: they set " + name);
}

void carry_delete_flag(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Merge& merge = table.spec->merge;
  if (!merge.deleted_when || work.broken[at]) return;
  const plan::ExpressionText& when = *merge.deleted_when;
  const auto boolean = data::Type::of(Kind::kBool);
  expr::NodePtr node = expr::bind(*when.syntax, *when.text, work.scope(&table.read.columns),
                                  boolean, work.diagnostics);
  if (node == nullptr) {
    work.broken[at] = true;
    return;
  }
  table.comparison.deleted = table.comparison.written.size() + table.transform.carried.size();
  table.transform.carried.push_back({kDeleteFlag, boolean, std::move(node), true});
}

void settle_merge(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Merge& merge = table.spec->merge;
  stages::ComparisonSpec& spec = table.comparison;
  spec.mode = merge.mode;
  spec.write_unchanged = merge.write_unchanged;
  spec.when_matched = merge.when_matched;
  table.compares = merge.mode != MergeMode::kAppend && work.capabilities(table.target).has_schema;
  if (merge.newest_by)
    spec.newest_by = written_column(work, at, *merge.newest_by, "merge.newest.by");
  settle_updated(work, at);
  if (merge.mode == MergeMode::kReplace && spec.key.empty() && table.compares) {
    spec.by_content = true;
    for (std::size_t i = 0; i < spec.written.size(); ++i) spec.key.push_back(i);
  }
  require_ability(work, at);
}

}  // namespace engine::compile
