#include "base/text.h"
#include "compile/binding.h"

namespace engine::compile {
namespace {

/// A glob matches folder by folder.
bool path_matches(const std::string& glob, const std::string& path) {
  const std::vector<std::string> wanted = base::split(glob, '/');
  const std::vector<std::string> parts = base::split(path, '/');
  if (wanted.size() != parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!base::glob_match(wanted[i], parts[i])) return false;
  }
  return true;
}

/// A glob that matches the file written would read it in again with the next run.
bool reads_its_target(const BoundTable& table) {
  return table.read.table != "-" && path_matches(table.read.table, table.target_table);
}

void refuse_two_writers(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const auto& identities = work.surroundings.identities;
  for (std::size_t other = 0; other < at; ++other) {
    const BoundTable& earlier = work.result.tables[other];
    if (earlier.target_table != table.target_table) continue;
    if (identities.at(earlier.target) != identities.at(table.target)) continue;
    work.fail(at, "E118", table.target_file->path.span,
              "tables '" + earlier.name + "' and '" + table.name + "' write the same file '" +
                  table.target_table + "'",
              "a file is written as a whole: give each table a file of its own");
  }
}

}  // namespace

bool names_source(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  const bool named = spec.from && spec.from->file;
  if (named == work.capabilities(table.source).files) return true;
  if (named) {
    work.fail(at, "E118", spec.from->file->path.span,
              "source '" + table.source + "' holds tables, not files",
              "name a table, or a connection of type files with 'source:'");
  } else {
    work.fail(at, "E118", spec.from ? spec.from->span : spec.span,
              "source '" + table.source + "' holds files, not tables",
              "name the file: 'from: {file: import/" + spec.name.text + ".csv}'");
  }
  return false;
}

bool names_target(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  if (table.target_file.has_value() == work.capabilities(table.target).files) return true;
  if (table.target_file) {
    work.fail(at, "E118", table.target_file->path.span,
              "target '" + table.target + "' holds tables, not files",
              "name a table, or a connection of type files with 'target:'");
  } else {
    work.fail(at, "E118", spec.to ? spec.to->span : spec.span,
              "target '" + table.target + "' holds files, not tables",
              "name the file: 'to: {file: export/" + spec.name.text + ".csv}'");
  }
  return false;
}

void require_whole_write(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  if (!work.capabilities(table.target).whole_tables) return;
  if (table.create_only) {
    work.fail(at, "E118", spec.span, "table '" + table.name + "' writes no rows into its file",
              "name where its rows come from with 'from:'");
    return;
  }
  if (spec.merge.mode != plan::MergeMode::kReplace) {
    work.fail(at, "E118", spec.merge.span.file.empty() ? spec.span : spec.merge.span,
              "'" + table.target_name() + "' is a file and is written as a whole",
              "write 'merge: {mode: replace}'");
  }
  refuse_two_writers(work, at);
}

void refuse_circles_of_files(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const auto& identities = work.surroundings.identities;
  if (!table.read.file || !table.target_file) return;
  if (identities.at(table.source) != identities.at(table.target)) return;
  if (!reads_its_target(table)) return;
  work.fail(at, "E207", table.target_file->path.span,
            "table '" + table.name + "' would read the file that it writes: '" + table.read.table +
                "' matches '" + table.target_table + "'",
            "write it to another folder");
}

void refuse_age_of_files(Binding& work, std::size_t at) {
  const plan::Table& spec = *work.result.tables[at].spec;
  if (!spec.freshness || spec.freshness->of_target) return;
  work.fail(at, "E118", spec.freshness->span,
            "freshness asks the source for its newest row, and a file cannot be asked",
            "judge the age with a check, or give 'of: target' where the target is a table");
}

}  // namespace engine::compile
