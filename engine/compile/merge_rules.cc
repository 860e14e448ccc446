#include "compile/merge_rules.h"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace engine::compile {
namespace {

using plan::MergeMode;

constexpr unsigned bit(MergeMode mode) {
  return 1U << static_cast<unsigned>(mode);
}

constexpr unsigned kMatching =
    bit(MergeMode::kUpsert) | bit(MergeMode::kUpdate) | bit(MergeMode::kMirror);
constexpr unsigned kKeyed = kMatching | bit(MergeMode::kInsert);

/// An option, or one choice of it, and the modes that take it.
struct Rule {
  std::string_view option;
  unsigned modes;
  std::string_view instead;
};

constexpr Rule kRules[] = {
    {"unchanged: write", kKeyed | bit(MergeMode::kReplace), "append writes every row anyway"},
    {"when_matched: update", kMatching, "remove it: the mode says what an existing key does"},
    {"when_matched: keep",
     bit(MergeMode::kUpsert) | bit(MergeMode::kInsert) | bit(MergeMode::kMirror),
     "use upsert, insert or mirror: with update nothing would ever be written"},
    {"when_matched: newest", kMatching, "use upsert, update or mirror"},
    {"newest", kMatching, "use upsert, update or mirror"},
    {"columns", kMatching, "the mode updates no row: remove it"},
    {"deleted_when", kMatching, "leave such rows out with 'from: {where: ...}'"},
    {"delete: hard", bit(MergeMode::kMirror), "only mirror removes what the source no longer has"},
    {"delete: soft", bit(MergeMode::kMirror), "only mirror removes what the source no longer has"},
    {"deleted_at", bit(MergeMode::kMirror), "only mirror removes what the source no longer has"},
    {"exclusive: true", bit(MergeMode::kReplace), "only replace empties a table"},
};

const base::Located* given(const plan::Merge& merge, std::string_view option) {
  const auto found = std::find_if(merge.given.begin(), merge.given.end(),
                                  [&](const base::Located& one) { return one.text == option; });
  return found == merge.given.end() ? nullptr : &*found;
}

void hold_mode(const plan::Table& table, base::Diagnostics& diagnostics) {
  for (const Rule& rule : kRules) {
    const base::Located* option = given(table.merge, rule.option);
    if (option == nullptr || (rule.modes & bit(table.merge.mode)) != 0) continue;
    diagnostics.error("E118", option->span,
                      "merge.mode: " + std::string(plan::merge_mode_name(table.merge.mode)) +
                          " does not take '" + option->text + "'",
                      std::string(rule.instead));
  }
}

/// `option` is given and `condition`, which it stands for, is not.
void hold(const plan::Merge& merge, base::Diagnostics& diagnostics, std::string_view option,
          bool condition, const char* code, const std::string& message, const std::string& help) {
  const base::Located* found = given(merge, option);
  if (found != nullptr && !condition) diagnostics.error(code, found->span, message, help);
}

void hold_pairs(const plan::Merge& merge, base::Diagnostics& diagnostics) {
  const bool newest = merge.when_matched == plan::WhenMatched::kNewest;
  hold(merge, diagnostics, "when_matched: newest", given(merge, "newest") != nullptr, "E107",
       "'when_matched: newest' lacks the column that tells the newer row",
       "for example: newest: {by: updated_at}");
  hold(merge, diagnostics, "newest", newest, "E118",
       "'newest' stands without 'when_matched: newest'", "add it, or remove 'newest'");
  hold(merge, diagnostics, "columns", merge.when_matched != plan::WhenMatched::kKeep, "E118",
       "'columns' says what an update may change, and 'when_matched: keep' updates nothing",
       "keep one of them");
  hold(merge, diagnostics, "delete: soft", given(merge, "deleted_at") != nullptr, "E107",
       "'delete: soft' lacks the column that it sets", "for example: deleted_at: deleted_at");
  hold(merge, diagnostics, "deleted_at", merge.soft_delete, "E118",
       "'deleted_at' stands without 'delete: soft'", "add it, or remove 'deleted_at'");
}

/// Rows without a key are told apart by all they hold.
void hold_keyless(const plan::Table& table, base::Diagnostics& diagnostics) {
  const MergeMode mode = table.merge.mode;
  const bool may_lack = mode == MergeMode::kReplace || mode == MergeMode::kAppend;
  if (!may_lack || !table.key.empty() || table.key_from_catalog) return;
  hold(table.merge, diagnostics, "dedupe", false, "E118",
       "'dedupe' chooses among rows of one key, and table '" + table.name.text + "' has none",
       "name the columns that identify a row: 'key: id'");
  hold(table.merge, diagnostics, "unchanged: write", mode == MergeMode::kAppend, "E118",
       "'unchanged: write' writes a row of the same key again, and table '" + table.name.text +
           "' has none",
       "name the columns that identify a row: 'key: id'");
}

/// A rejected row is missing among the staged ones, as if the source no longer had it.
void hold_rejects(const plan::Table& table, base::Diagnostics& diagnostics) {
  const MergeMode mode = table.merge.mode;
  if (mode != MergeMode::kMirror && mode != MergeMode::kReplace) return;
  if (table.to_file) return;  // nothing of a former file is compared, so nothing counts as gone
  const auto refuse = [&](const base::Span& span, const std::string& what, const char* cure) {
    diagnostics.error("E118", span,
                      "merge.mode: " + std::string(plan::merge_mode_name(mode)) +
                          " does not go with '" + what +
                          "': a rejected row would count as gone, and its row in the target would "
                          "be removed",
                      cure);
  };
  for (const plan::Reference& reference : table.references) {
    if (reference.on_orphan != plan::OnOrphan::kReject) continue;
    refuse(reference.span, "on_orphan: reject", "use on_orphan: fail, null or keep");
  }
  for (const plan::Check& check : table.checks) {
    if (check.rejects) refuse(check.span, "on_fail: reject", "use on_fail: stop");
  }
  const auto& most = table.max_rejects;
  if (most && (most->count.value_or(0) > 0 || most->ratio.value_or(0) > 0)) {
    refuse(table.span, "max_rejects", "leave it out, or filter such rows with 'where'");
  }
}

}  // namespace

void hold_merge(const plan::Table& table, base::Diagnostics& diagnostics) {
  hold_mode(table, diagnostics);
  hold_pairs(table.merge, diagnostics);
  hold_keyless(table, diagnostics);
  hold_rejects(table, diagnostics);
}

}  // namespace engine::compile
