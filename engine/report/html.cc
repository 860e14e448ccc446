#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/findings.h"
#include "report/snapshots_text.h"

namespace engine::report {
namespace {

using run::TableOutcome;

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--line:#8884;--bad:#b42318;--warn:#935f00;--good:#146c2e}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a7d;--warn:#f0b64a;--good:#7ad493}}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.verdict{font-size:1.1rem;border-left:.3rem solid var(--good);padding:.4rem .8rem;margin:1rem 0}
.verdict.bad{border-color:var(--bad)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
.FAIL,.ERROR{color:var(--bad);font-weight:600}.WARN{color:var(--warn);font-weight:600}
.ok{color:var(--good)}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.6rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}
dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}ul{padding-left:1.2rem}
@media print{body{max-width:none;margin:0;font-size:11px}details>*{display:block}
tr,.verdict{break-inside:avoid}h2{break-after:avoid}}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // Control bytes have no form in HTML; what is not UTF-8 the browser shows as U+FFFD.
        out += static_cast<unsigned char>(letter) < 0x20 && letter != '\n' ? '?' : letter;
    }
  }
  return out;
}

std::string count(bool known, std::int64_t value) {
  return fmt::format("<td class=n>{}</td>", known ? std::to_string(value) : "–");
}

std::string status_span(stages::Status status) {
  const auto word = status_word(status);
  return fmt::format("<span class={}>{}</span>", word, word);
}

std::string term(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escaped(value));
}

std::string head_part(const run::Outcome& outcome) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
      "<title>{0}: {1}</title>\n<style>{2}</style></head>\n<body>\n<h1>{0}</h1>\n"
      "<p class=\"verdict{3}\"><strong>{1}</strong><br>{4}</p>\n",
      escaped(plan_title(outcome)), escaped(outcome.verdict), kStyle,
      outcome.exit_code == 0 ? "" : " bad", escaped(effect_text(outcome)));
  out += "<dl>\n" + term("run", outcome.run_id) + term("command", outcome.command) +
         term("plan", fmt::format("{} ({})", outcome.plan_file, outcome.plan_sha256)) +
         term("from", outcome.source_text) + term("to", outcome.target_text) +
         term("started", base::iso_utc(outcome.started_us)) +
         term("took", base::human_seconds(seconds_of(outcome))) +
         term("reads saw", outcome.consistency) + term("decided by", outcome.decided_by) +
         term("exit code", std::to_string(outcome.exit_code)) +
         term("engine", outcome.engine_version) + "</dl>\n";
  return out;
}

std::string table_row(const TableOutcome& table) {
  const bool read = was_read(table);
  const bool known = was_compared(table);
  const auto& books = table.books;
  const std::string open = books_text(table);
  return fmt::format("<tr><td class=n>{}</td><td>{}</td><td>{}</td>", table.level,
                     escaped(table.name), run::table_state_name(table.state)) +
         count(read, books.read) + count(known, books.inserted) + count(known, books.updated) +
         count(known, books.gone()) + count(known, books.same) + count(read, books.rejected) +
         count(read, books.filtered) + count(read, books.deduped) + count(known, books.kept) +
         fmt::format("<td>{}</td><td class=n>{}</td><td>{}</td></tr>\n",
                     check_counts_text(count_checks(table.checks)), undo_text(table),
                     !known         ? "–"
                     : open.empty() ? "close"
                                    : "<span class=FAIL>" + escaped(open) + "</span>");
}

std::string tables_part(const run::Outcome& outcome) {
  if (outcome.tables.empty()) return {};
  std::string out =
      "<h2>Tables</h2>\n<div class=scroll><table>\n<tr><th class=n>lvl</th>"
      "<th>table</th><th>state</th>";
  for (const auto* title :
       {"read", "insert", "update", "delete", "same", "reject", "filtered", "deduped", "kept"}) {
    out += fmt::format("<th class=n>{}</th>", title);
  }
  out += "<th>checks</th><th class=n>undo</th><th>books</th></tr>\n";
  for (const auto& table : outcome.tables) out += table_row(table);
  return out + "</table></div>\n";
}

std::string check_row(const stages::CheckResult& check) {
  std::string samples;
  for (const auto& sample : check.samples) {
    samples += fmt::format("<li><code>{}</code>{}</li>", escaped(sample.key),
                           sample.value.empty() ? "" : ": " + escaped(sample.value));
  }
  if (!samples.empty()) samples = "<ul>" + samples + "</ul>";
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td>{}{}</td><td>{}</td>"
      "</tr>\n",
      status_span(check.status), escaped(check_name(check)), check.looked_at, check.failed,
      escaped(check_message(check)), samples, escaped(check.span.known() ? check.span.text() : ""));
}

constexpr std::string_view kCheckTitles =
    "<div class=scroll><table>\n<tr><th>status</th><th>check</th><th class=n>rows</th>"
    "<th class=n>failed</th><th>found</th><th>place</th></tr>\n";

std::string checks_part(const run::Outcome& outcome) {
  std::string bad;
  std::string good;
  std::size_t good_count = 0;
  for (const auto& table : outcome.tables) {
    for (const auto& check : table.checks) {
      const bool out = stands_out(check.status);
      (out ? bad : good) += check_row(check);
      if (!out) ++good_count;
    }
  }
  std::string out;
  if (!bad.empty()) {
    out += fmt::format("<h2>Checks that stand out</h2>\n{}{}</table></div>\n", kCheckTitles, bad);
  }
  if (!good.empty()) {
    out += fmt::format(
        "<h2>Checks that passed</h2>\n<details><summary>{} checks</summary>\n{}{}</table></div>"
        "</details>\n",
        good_count, kCheckTitles, good);
  }
  return out;
}

std::string limits_part(const run::Outcome& outcome) {
  std::string rows;
  const auto row = [&rows](std::string_view what, const std::string& of, stages::Status status,
                           const std::string& found) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        status_span(status), what, escaped(of), escaped(found));
  };
  for (const auto& table : outcome.tables) {
    if (table.freshness.has_value()) {
      row("freshness", table.name, table.freshness->status, freshness_text(*table.freshness));
    }
    for (const auto& guard : table.guards) row("guard", table.name, guard.status, guard.detail);
    for (const auto& found : table.references) {
      row("references", found.label,
          found.resolved == found.looked_at ? stages::Status::kPass : stages::Status::kWarn,
          fmt::format("{} of {} resolved{}", found.resolved, found.looked_at, orphans_text(found)));
    }
  }
  if (rows.empty()) return {};
  return "<h2>Freshness, guards, references</h2>\n<div class=scroll><table>\n<tr><th>status</th>"
         "<th>limit</th><th>of</th><th>found</th></tr>\n" +
         rows + "</table></div>\n";
}

std::string list_part(std::string_view title, const std::vector<std::string>& points) {
  if (points.empty()) return {};
  std::string out = fmt::format("<h2>{}</h2>\n<ul>\n", title);
  for (const auto& point : points) out += "<li>" + escaped(point) + "</li>\n";
  return out + "</ul>\n";
}

std::string rest_part(const run::Outcome& outcome) {
  std::string out;
  if (const auto errors = errors_text(outcome); !errors.empty()) {
    out += "<h2>Errors</h2>\n<pre>" + escaped(errors) + "</pre>\n";
  }
  std::vector<std::string> notes = outcome.notes;
  if (outcome.snapshot) notes.push_back(snapshot_line(*outcome.snapshot));
  std::vector<std::string> rejects;
  for (const auto& table : outcome.tables) {
    if (table.rejects) rejects.push_back(table.name + ": " + rejects_text(*table.rejects));
    for (const auto& note : table.notes) notes.push_back(table.name + ": " + note);
  }
  return out + list_part("Rejects", rejects) + list_part("Notes", notes) +
         list_part("Not proven", outcome.not_proven);
}

}  // namespace

std::string report_html(const run::Outcome& outcome) {
  return head_part(outcome) + tables_part(outcome) + checks_part(outcome) + limits_part(outcome) +
         rest_part(outcome) + "</body></html>\n";
}

}  // namespace engine::report
