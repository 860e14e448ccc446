#pragma once

#include <set>
#include <string>
#include <vector>

#include "compile/bound.h"
#include "expr/expression.h"

namespace engine::compile {

/// The work in progress of bind(): each pass reads what the ones before it settled. Internal to
/// this room.
struct Binding {
  const plan::Plan& plan;
  const Surroundings& surroundings;
  base::Diagnostics& diagnostics;
  Bound result;
  /// By table position: a mistake was reported, later passes leave the table alone.
  std::vector<bool> broken;
  /// By table position: everything the source's table has.
  std::vector<data::Schema> source_schemas;

  void fail(std::size_t table, std::string code, base::Span span, std::string message,
            std::string help = {});
  expr::Scope scope(const data::Schema* columns) const;
  const connect::Capabilities& capabilities(const std::string& connection) const;
};

// Of the merge (bind_merge.cc), for bind_columns and settle_keys.
/// Source columns that deleted_when reads.
void use_delete_columns(Binding& work, std::size_t at, std::set<std::string>& used);
/// The column of a soft delete: written as NULL, behind the plan's own.
void add_deletion_mark(Binding& work, std::size_t at);
/// What deleted_when says travels behind the written columns.
void carry_delete_flag(Binding& work, std::size_t at);
void settle_merge(Binding& work, std::size_t at);

// What stands in `from` and `to` must be what the connection holds: files or tables
// (bind_files.cc).
bool names_source(Binding& work, std::size_t at);
bool names_target(Binding& work, std::size_t at);
/// Targets whose tables are written as a whole take nothing but that.
void require_whole_write(Binding& work, std::size_t at);
void refuse_circles_of_files(Binding& work, std::size_t at);
void refuse_age_of_files(Binding& work, std::size_t at);

data::Schema schema_of(const connect::TableInfo& info);
std::string near_field(std::string_view word, const data::Schema& schema);

/// The reference of a table that fills a column with the new ids of its parent; nullptr: none.
const plan::Reference* remap_into(const plan::Table& table, const std::string& column);
/// A column of ids: of the table's own source key, and of a parent's key held by the child's
/// `values`. `wanted` as in expr::id_node. Mistakes go to the diagnostics; nullptr then.
expr::NodePtr bind_own_id(Binding& work, std::size_t at, const plan::ColumnRule& rule,
                          const std::optional<data::Type>& wanted);
expr::NodePtr bind_remap(Binding& work, std::size_t at, const plan::Reference& reference,
                         std::vector<expr::NodePtr> values,
                         const std::optional<data::Type>& wanted);
/// A reference through an id map as one to the parent's column of new ids.
plan::Reference judged_reference(const Binding& work, const plan::Reference& reference);

// The passes, in the order of bind.cc.
void look_up_tables(Binding& work);
void settle_definitions(Binding& work);
void bind_columns(Binding& work);
void settle_keys(Binding& work);
void define_new_tables(Binding& work);
void break_circles(Binding& work);
void choose_order(Binding& work);
void bind_checks(Binding& work);
void collect_parent_keys(Binding& work);
void choose_loading(Binding& work);
void form_units(Binding& work);
void lay_stages(Binding& work);
void state_limits(Binding& work);

}  // namespace engine::compile
