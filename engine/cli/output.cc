#include "cli/output.h"

#include <cerrno>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "report/documents.h"
#include "report/machine_forms.h"
#include "report/report_json.h"
#include "report/run_text.h"

namespace engine::cli {
namespace {

std::string text_form(const run::Outcome& outcome) {
  report::TextOptions options;
  options.colour = wants_colour();
  if (outcome.command == "snapshots") {
    return report::snapshot_text(outcome) + report::summary_line(outcome) + "\n";
  }
  const bool bare = outcome.tables.empty() && (outcome.notes.empty() || !outcome.errors.empty());
  if (bare) return report::summary_line(outcome) + "\n";
  const std::string body = outcome.command == "check" ? report::checks_text(outcome, options)
                                                      : report::run_text(outcome, options);
  return body + report::summary_line(outcome) + "\n";
}

}  // namespace

void print(const std::string& text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) {
    base::throw_system_error("write to", "standard output", errno);
  }
}

void print_json(const std::string& json, const GeneralOptions& general) {
  if (general.wants_json()) print(json);
  if (!general.json_into.empty()) base::write_file_atomically(general.json_into, json);
}

void write_change(const run::Outcome& outcome, const std::string& path) {
  if (!path.empty()) base::write_file_atomically(path, report::change_json(outcome));
}

int print_outcome(const run::Outcome& outcome, const GeneralOptions& general) {
  for (const run::ErrorOutcome& error : outcome.errors) {
    base::Error shown(base::Fault::kBug, error.code, error.message, error.help);
    for (const std::string& where : error.context) shown.in(where);
    std::fprintf(stderr, "%s\n", shown.render().c_str());
  }
  print_json(report::report_json(outcome), general);
  if (general.output == "ndjson") print(report::report_ndjson(outcome));
  if (general.output == "github") print(report::report_github(outcome));
  if (general.output == "junit") print(report::report_junit(outcome));
  if (general.output == "markdown") print(report::report_markdown(outcome));
  if (general.output == "text" && !general.json) print(text_form(outcome));
  const bool only_reads = outcome.command == "check" || outcome.command == "snapshots";
  if (outcome.dry_run && !only_reads) {
    std::fprintf(stderr, "DRY RUN: nothing was written\n");
  }
  return outcome.exit_code;
}

}  // namespace engine::cli
