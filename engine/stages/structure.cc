#include "stages/structure.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace engine::stages {
namespace {

using connect::ColumnInfo;
using connect::TableInfo;

std::string list_of(const std::vector<std::string>& names) {
  return names.empty() ? "none" : base::join(names, ", ");
}

std::string nullability(bool nullable) {
  return nullable ? "takes NULL" : "takes no NULL";
}

void compare_key(const std::vector<std::string>& wanted, const std::vector<std::string>& now,
                 std::vector<std::string>& out) {
  if (wanted != now) {
    out.push_back("primary key " + list_of(now) + " instead of " + list_of(wanted));
  }
}

/// Columns that only one of the two has.
template <typename Columns>
void compare_names(const Columns& wanted, const TableInfo& now, std::vector<std::string>& out) {
  std::set<std::string> names;
  for (const auto& column : wanted) {
    names.insert(column.name);
    if (now.find(column.name) == nullptr) out.push_back("no column " + column.name);
  }
  for (const ColumnInfo& column : now.columns) {
    if (!names.contains(column.name)) out.push_back("a further column " + column.name);
  }
}

void compare_column(const ColumnInfo& before, const ColumnInfo& now,
                    std::vector<std::string>& out) {
  if (before.declared != now.declared || !(before.type == now.type)) {
    out.push_back(now.name + " is " + now.declared + " instead of " + before.declared);
  }
  if (before.nullable != now.nullable) out.push_back(now.name + " " + nullability(now.nullable));
  if (before.has_default != now.has_default) {
    out.push_back(now.name + (now.has_default ? " has a default" : " has no default any more"));
  }
  if (before.generated != now.generated) {
    out.push_back(now.name + (now.generated ? " is generated" : " is not generated any more"));
  }
}

std::set<std::string> foreign_keys(const TableInfo& info) {
  std::set<std::string> out;
  for (const connect::ForeignKeyInfo& key : info.foreign_keys) {
    out.insert(base::join(key.columns, ", ") + " -> " + key.to);
  }
  return out;
}

std::set<std::string> unique_indexes(const TableInfo& info) {
  std::set<std::string> out;
  for (const auto& columns : info.unique_indexes) out.insert(base::join(columns, ", "));
  return out;
}

void compare_sets(const std::set<std::string>& before, const std::set<std::string>& now,
                  const std::string& what, std::vector<std::string>& out) {
  for (const std::string& one : before) {
    if (!now.contains(one)) out.push_back("no " + what + " " + one);
  }
  for (const std::string& one : now) {
    if (!before.contains(one)) out.push_back("a further " + what + " " + one);
  }
}

}  // namespace

std::vector<std::string> unlike_definition(const connect::CreateTable& wanted,
                                           const TableInfo& now) {
  std::vector<std::string> out;
  compare_names(wanted.columns, now, out);
  for (const connect::CreateTable::Column& column : wanted.columns) {
    const ColumnInfo* found = now.find(column.name);
    if (found == nullptr) continue;
    if (!(found->type == column.type)) {
      out.push_back(column.name + " is " + data::type_name(found->type) + " instead of " +
                    data::type_name(column.type));
    }
    const auto& key = wanted.primary_key;
    const bool in_key = std::find(key.begin(), key.end(), column.name) != key.end();
    if (!in_key && found->nullable != column.nullable) {
      out.push_back(column.name + " " + nullability(found->nullable));
    }
  }
  if (!wanted.primary_key.empty()) compare_key(wanted.primary_key, now.primary_key, out);
  return out;
}

std::vector<std::string> unlike_before(const TableInfo& before, const TableInfo& now) {
  std::vector<std::string> out;
  compare_names(before.columns, now, out);
  for (const ColumnInfo& column : before.columns) {
    const ColumnInfo* found = now.find(column.name);
    if (found != nullptr) compare_column(column, *found, out);
  }
  compare_key(before.primary_key, now.primary_key, out);
  compare_sets(unique_indexes(before), unique_indexes(now), "unique index on", out);
  compare_sets(foreign_keys(before), foreign_keys(now), "foreign key", out);
  return out;
}

}  // namespace engine::stages
