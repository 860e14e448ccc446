#include "compile/partial.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::compile {
namespace {

bool judges_counts(const stages::BoundCheck& check) {
  return check.spec.kind == "row_count" || check.spec.kind == "row_count_match";
}

bool writes_all(const BoundTable& table, const std::vector<std::string>& columns) {
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return table.comparison.written.find(column).has_value();
  });
}

/// Why a check has no answer on a few rows; empty: it has.
std::string why_skipped(const BoundTable& table, const stages::BoundCheck& check) {
  const bool own_rows = check.spec.kind == "row_count_match" &&
                        check.scope == plan::CheckScope::kRun &&
                        check.spec.stage != plan::CheckStage::kPublished;
  if (judges_counts(check) && !own_rows) return "it counts the whole table; the run is partial";
  if (check.spec.stage == plan::CheckStage::kStaged && !writes_all(table, check.columns)) {
    return "it judges columns that the run does not write; the run is partial";
  }
  return {};
}

stages::CheckResult skipped(const BoundTable& table, const stages::BoundCheck& check,
                            std::string reason) {
  stages::CheckResult result;
  result.table = table.name;
  result.label = check.label;
  if (check.spec.name) result.name = check.spec.name->text;
  result.kind = check.spec.kind;
  result.severity = check.spec.severity;
  result.stage = check.spec.stage;
  result.scope = check.scope;
  result.status = stages::Status::kSkipped;
  result.detail = std::move(reason);
  result.span = check.spec.span;
  result.tags = check.spec.tags.list();
  result.owner = check.spec.owner.value_or({});
  return result;
}

void skip_checks(Bound& bound, BoundTable& table, std::vector<stages::BoundCheck>& checks) {
  std::erase_if(checks, [&](const stages::BoundCheck& check) {
    std::string reason = why_skipped(table, check);
    if (reason.empty()) return false;
    bound.not_proven.push_back(table.name + "." + check.label);
    table.skipped_checks.push_back(skipped(table, check, std::move(reason)));
    return true;
  });
}

/// Rules over the whole image judge the rows in flight instead.
void judge_own_rows(Bound& bound, BoundTable& table) {
  skip_checks(bound, table, table.source_checks);
  skip_checks(bound, table, table.flight_checks);
  skip_checks(bound, table, table.image_checks);
  skip_checks(bound, table, table.published_checks);
  for (stages::BoundCheck& check : table.image_checks) {
    table.flight_checks.push_back(std::move(check));
  }
  table.image_checks.clear();
  for (stages::BoundCheck& check : table.published_checks) check.scope = plan::CheckScope::kRun;
  if (table.spec->guard.min_source_rows) {
    bound.not_proven.push_back(table.name + ".guard.min_source_rows");
  }
}

void delete_nothing(BoundTable& table) {
  const plan::MergeMode mode = table.comparison.mode;
  if (mode == plan::MergeMode::kReplace || mode == plan::MergeMode::kAppend) {
    const std::string name = mode == plan::MergeMode::kReplace ? "replace" : "append";
    throw base::Error(
        base::Fault::kUsage, "E118",
        "a partial run of table '" + table.name + "', whose merge.mode is " + name,
        mode == plan::MergeMode::kReplace
            ? "all rows but the chosen ones would go: run the table whole"
            : "the chosen rows would be there twice after the next full run: run the table whole");
  }
  table.comparison.partial = true;
  if (mode == plan::MergeMode::kMirror) {
    table.notes.emplace_back("partial run: rows that the source no longer has are not deleted");
  }
  if (table.comparison.deleted) {
    table.notes.emplace_back("partial run: rows that ask for a delete stay in the target");
  }
}

std::string with_hint(const std::string& word, const std::vector<std::string>& names) {
  const auto near = base::nearest(word, names);
  return near ? "did you mean '" + *near + "'?" : "there are: " + base::join(names, ", ");
}

}  // namespace

std::string Selection::text() const {
  std::string text;
  for (const Only& one : only) {
    text += text.empty() ? "only " : ", ";
    text += one.table + (one.key.empty() ? "" : ":" + one.key);
  }
  if (limit) text += (text.empty() ? "limit " : ", limit ") + std::to_string(*limit);
  return text;
}

Selection::Only read_only(const Bound& bound, const std::string& text) {
  std::vector<std::string> names;
  Selection::Only only;
  for (const BoundTable& table : bound.tables) {
    names.push_back(table.name);
    const bool fits = text == table.name || text.starts_with(table.name + ":");
    if (fits && table.name.size() > only.table.size()) only.table = table.name;
  }
  if (only.table.empty()) {
    const std::string word = text.substr(0, text.find(':'));
    const plan::Table* known = bound.plan->table(word);
    throw base::Error(base::Fault::kUsage, "E113",
                      known == nullptr ? "the plan has no table '" + word + "'"
                                       : "table '" + word + "' is disabled in the plan",
                      with_hint(word, names));
  }
  if (text.size() > only.table.size()) only.key = text.substr(only.table.size() + 1);
  if (text.size() == only.table.size() + 1) {
    throw base::Error(
        base::Fault::kUsage, "E100", "--only " + text + " has no key behind the colon",
        "write --only " + only.table + ":KEY, or --only " + only.table + " for the whole table");
  }
  return only;
}

std::optional<std::int64_t> row_limit(const plan::Table& table, const Selection& selection) {
  if (!table.limit) return selection.limit;
  return selection.limit ? std::min(*table.limit, *selection.limit) : *table.limit;
}

void leave_out(Bound& bound) {
  for (Unit& unit : bound.units) {
    std::erase_if(unit.tables, [&](std::size_t at) { return bound.tables[at].left_out(); });
  }
  std::erase_if(bound.units, [](const Unit& unit) { return unit.tables.empty(); });
  if (!bound.partial) return;
  for (BoundTable& table : bound.tables) {
    if (table.left_out() || table.create_only) continue;
    delete_nothing(table);
    judge_own_rows(bound, table);
  }
}

}  // namespace engine::compile
