#include "compile/expand.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace engine::compile {
namespace {

using Names = std::vector<std::string>;
constexpr std::size_t kNamedTables = 8;

/// "a, b and 12 more"
std::string some_of(const Names& names) {
  Names first(names.begin(),
              names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedTables)));
  const std::string more = names.size() > first.size()
                               ? " and " + std::to_string(names.size() - first.size()) + " more"
                               : std::string();
  return base::join(first, ", ") + more;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

Names in_plan_names(const plan::Plan& plan, const std::string& connection, const Names& physical) {
  const plan::Connection* found = plan.connection(connection);
  if (found == nullptr) return physical;
  Names names;
  for (const std::string& name : physical) {
    if (auto logical = logical_name(*found, name)) names.push_back(std::move(*logical));
  }
  return names;
}

/// The names of a source that patterns may take, and what becomes of each.
struct Shelf {
  Names names;
  Names views;
  /// By position in `names`: the entry of the plan that has this name itself.
  std::vector<const plan::Table*> owners;
};

struct Taking {
  const plan::Table* pattern = nullptr;
  Names taken;
  std::size_t owned = 0;     ///< matched, but they have entries of their own
  std::size_t excepted = 0;  ///< matched, but left out by `except`
};

struct Expanding {
  const plan::Plan& plan;
  base::Diagnostics& diagnostics;
  std::map<std::string, std::vector<const plan::Table*>> folded;  ///< entries without patterns
  std::map<std::string, Shelf> shelves;
  std::vector<Taking> takings;  ///< as the patterns stand in the plan
};

/// Stores that know no case list a table in their own spelling: an entry that is not there by its
/// exact name owns the one that differs in case only.
const plan::Table* owner_of(const Expanding& work, const Shelf& shelf, const std::string& name) {
  const plan::Table* table = work.plan.table(name);
  if (table != nullptr) return table->pattern ? nullptr : table;
  const auto alike = work.folded.find(base::lower_ascii(name));
  if (alike == work.folded.end()) return nullptr;
  for (const plan::Table* entry : alike->second) {
    const auto& names = shelf.names;
    if (std::find(names.begin(), names.end(), entry->name.text) == names.end()) return entry;
  }
  return nullptr;
}

void fill_shelves(Expanding& work, const Listing& listing) {
  for (const auto& [connection, found] : listing.connections) {
    Shelf shelf;
    shelf.names = in_plan_names(work.plan, connection, found.tables);
    shelf.views = in_plan_names(work.plan, connection, found.views);
    for (const std::string& name : shelf.names) shelf.owners.push_back(owner_of(work, shelf, name));
    work.shelves.emplace(connection, std::move(shelf));
  }
}

void take(Expanding& work, const plan::Table& pattern) {
  Taking taking;
  taking.pattern = &pattern;
  const Shelf& shelf = work.shelves[pattern.source.text];
  for (std::size_t i = 0; i < shelf.names.size(); ++i) {
    if (!base::glob_match(pattern.name.text, shelf.names[i])) continue;
    if (shelf.owners[i] != nullptr) {
      ++taking.owned;
    } else if (!pattern.covers(shelf.names[i])) {
      ++taking.excepted;
    } else {
      taking.taken.push_back(shelf.names[i]);
    }
  }
  work.takings.push_back(std::move(taking));
}

std::string near_names(const Shelf& shelf, const std::string& word) {
  if (const auto near = base::nearest(word, shelf.names)) return "did you mean '" + *near + "'?";
  return shelf.names.empty() ? std::string("the source has no table")
                             : "there are: " + some_of(shelf.names);
}

void require_exceptions(Expanding& work, const plan::Table& pattern) {
  const Shelf& shelf = work.shelves[pattern.source.text];
  for (const base::Located& left_out : pattern.pattern->except) {
    const bool there =
        std::any_of(shelf.names.begin(), shelf.names.end(),
                    [&](const std::string& name) { return base::glob_match(left_out.text, name); });
    if (there) continue;
    work.diagnostics.error("E120", left_out.span,
                           "'except' of '" + pattern.name.text + "' names '" + left_out.text +
                               "', and '" + pattern.source.text + "' has no such table",
                           near_names(shelf, left_out.text));
  }
}

std::string taken_nothing_help(const Expanding& work, const Taking& taking) {
  if (taking.owned + taking.excepted == 0) {
    return near_names(work.shelves.at(taking.pattern->source.text), taking.pattern->name.text);
  }
  return "of those it matches " + std::to_string(taking.owned) + " have entries of their own and " +
         std::to_string(taking.excepted) +
         " are left out by 'except'; remove the pattern, or write 'matches: 0'";
}

void require_count(Expanding& work, const Taking& taking) {
  const plan::Table& pattern = *taking.pattern;
  const std::size_t count = taking.taken.size();
  if (!pattern.pattern->matches) {
    if (count > 0) return;
    work.diagnostics.error(
        "E120", pattern.span,
        "pattern '" + pattern.name.text + "' takes no table of '" + pattern.source.text + "'",
        taken_nothing_help(work, taking));
    return;
  }
  if (static_cast<std::size_t>(*pattern.pattern->matches) == count) return;
  work.diagnostics.error("E120", pattern.pattern->matches_span,
                         "pattern '" + pattern.name.text + "' takes " + counted(count, "table") +
                             " of '" + pattern.source.text + "', not " +
                             std::to_string(*pattern.pattern->matches),
                         count == 0 ? taken_nothing_help(work, taking)
                                    : "it takes: " + some_of(taking.taken) +
                                          "; correct 'matches', or name in 'except' what shall "
                                          "not come along");
}

Names common_names(const Taking& one, const Taking& other) {
  const std::set<std::string_view> known(one.taken.begin(), one.taken.end());
  Names both;
  for (const std::string& name : other.taken) {
    if (known.contains(name)) both.push_back(name);
  }
  return both;
}

void refuse_overlap(Expanding& work, const Taking& one, const Taking& other) {
  const Names both = common_names(one, other);
  if (both.empty()) return;
  const std::string& first = one.pattern->name.text;
  const std::string& second = other.pattern->name.text;
  work.diagnostics.error(
      "E120", other.pattern->span,
      "two patterns, '" + first + "' (" + one.pattern->span.text() + ") and '" + second +
          "', take " + (both.size() == 1 ? "table " : "the same tables: ") + some_of(both),
      both.size() == 1
          ? "give '" + both.front() + "' an entry of its own, or name it in 'except'"
          : "write 'except: [\"" + first + "\"]' in '" + second + "', or the other way round");
}

/// An entry that a pattern's place is taken by.
plan::Table settled(const plan::Table& pattern, const std::string& name) {
  plan::Table table = pattern;
  table.pattern = std::nullopt;
  table.name.text = name;
  if (table.from) table.from->table.text = name;
  return table;
}

std::string note_of(const Expanding& work, const Taking& taking) {
  const plan::Table& pattern = *taking.pattern;
  std::string text = "pattern '" + pattern.name.text + "' takes " +
                     counted(taking.taken.size(), "table") + " of " + pattern.source.text;
  if (taking.owned > 0)
    text += "; " + std::to_string(taking.owned) + " more with entries of their own";
  if (taking.excepted > 0) text += "; " + std::to_string(taking.excepted) + " left out by 'except'";
  Names views;
  for (const std::string& view : work.shelves.at(pattern.source.text).views) {
    if (pattern.covers(view)) views.push_back(view);
  }
  if (!views.empty()) text += "; views are left out: " + some_of(views);
  return text;
}

void index_by_name(plan::Plan& plan) {
  plan.tables_by_name.resize(plan.tables.size());
  std::iota(plan.tables_by_name.begin(), plan.tables_by_name.end(), std::size_t{0});
  std::sort(plan.tables_by_name.begin(), plan.tables_by_name.end(),
            [&](std::size_t left, std::size_t right) {
              return plan.tables[left].name.text < plan.tables[right].name.text;
            });
}

bool to_be_listed(const plan::Table& table) {
  return table.pattern.has_value() && !table.disabled;
}

void judge(Expanding& work) {
  for (std::size_t i = 0; i < work.takings.size(); ++i) {
    if (!work.takings[i].pattern->disabled) {
      require_exceptions(work, *work.takings[i].pattern);
      require_count(work, work.takings[i]);
    }
    for (std::size_t before = 0; before < i; ++before) {
      refuse_overlap(work, work.takings[before], work.takings[i]);
    }
  }
}

}  // namespace

std::set<std::string> connections_to_list(const plan::Plan& plan) {
  std::set<std::string> names;
  for (const plan::Table& table : plan.tables) {
    if (to_be_listed(table)) names.insert(table.source.text);
  }
  return names;
}

Expansion expand(const plan::Plan& plan, const Listing& listing, base::Diagnostics& diagnostics) {
  Expanding work{plan, diagnostics, {}, {}, {}};
  for (const plan::Table& table : plan.tables) {
    if (!table.pattern) work.folded[base::lower_ascii(table.name.text)].push_back(&table);
  }
  fill_shelves(work, listing);
  for (const plan::Table& table : plan.tables) {
    if (table.pattern) take(work, table);
  }
  judge(work);

  Expansion out;
  out.plan = plan;
  out.plan.tree = nullptr;
  out.plan.tables.clear();
  auto taking = work.takings.begin();
  for (const plan::Table& table : plan.tables) {
    if (!table.pattern) {
      out.plan.tables.push_back(table);
      continue;
    }
    if (!table.disabled) {
      for (const std::string& name : taking->taken) {
        out.plan.tables.push_back(settled(table, name));
      }
      out.notes.push_back(note_of(work, *taking));
    }
    ++taking;
  }
  index_by_name(out.plan);
  return out;
}

std::optional<std::string> logical_name(const plan::Connection& connection,
                                        const std::string& physical) {
  if (!connection.table_name) return physical;
  const std::string_view form = *connection.table_name;
  constexpr std::string_view kSlot = "{table}";
  const std::size_t at = form.find(kSlot);
  if (at == std::string_view::npos) return physical;
  const std::string_view before = form.substr(0, at);
  const std::string_view after = form.substr(at + kSlot.size());
  const bool fits = physical.size() > before.size() + after.size() &&
                    physical.starts_with(before) && physical.ends_with(after);
  if (!fits) return std::nullopt;
  return physical.substr(before.size(), physical.size() - before.size() - after.size());
}

}  // namespace engine::compile
