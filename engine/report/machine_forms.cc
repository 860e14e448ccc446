#include "report/machine_forms.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/text.h"
#include "report/findings.h"

namespace engine::report {
namespace {

using stages::Status;

/// One thing that was judged.
struct Finding {
  std::string name;  ///< "orders.regex(email)"
  Status status = Status::kPass;
  std::string message;
  base::Span span;
};

void add_checks(std::vector<Finding>& findings, const run::TableOutcome& table) {
  for (const auto& check : table.checks) {
    std::string message = check_message(check);
    for (const auto& sample : check.samples) {
      message += fmt::format("\n{}{}", sample.key, sample.value.empty() ? "" : ": " + sample.value);
    }
    findings.push_back({check_name(check), check.status, std::move(message), check.span});
  }
}

std::vector<Finding> findings_of(const run::TableOutcome& table) {
  std::vector<Finding> findings;
  add_checks(findings, table);
  if (table.freshness) {
    findings.push_back({table.name + ".freshness", table.freshness->status,
                        freshness_text(*table.freshness), table.freshness->span});
  }
  for (const auto& guard : table.guards) {
    findings.push_back(
        {table.name + ".guard." + guard.guard, guard.status, guard.detail, guard.span});
  }
  if (!table.errors.empty()) {
    findings.push_back(
        {table.name + ".rows", Status::kError, base::join(table.errors, "\n"), table.span});
  } else if (table.rejects) {
    findings.push_back(
        {table.name + ".rejects", Status::kWarn, rejects_text(*table.rejects), table.span});
  }
  return findings;
}

std::vector<Finding> errors_of(const run::Outcome& outcome) {
  std::vector<Finding> findings;
  for (const auto& error : outcome.errors) {
    const std::string where =
        error.context.empty() ? "" : " (" + base::join(error.context, ", ") + ")";
    findings.push_back({error.code, Status::kError, error.message + where, {}});
  }
  return findings;
}

/// Every character of `special` as %XX.
std::string percent_escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char letter : text) {
    if (special.find(letter) == std::string_view::npos) {
      out += letter;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return out;
}

std::string github_line(const Finding& finding) {
  const char* command = finding.status == Status::kWarn ? "warning" : "error";
  const auto property = [](std::string_view text) { return percent_escaped(text, "%\r\n:,"); };
  std::string where;
  if (finding.span.known()) {
    where = fmt::format("file={},line={},col={},", property(finding.span.file.text()),
                        finding.span.line, finding.span.column);
  }
  return fmt::format("::{} {}title={}::{}\n", command, where, property(finding.name),
                     percent_escaped(finding.message, "%\r\n"));
}

/// Characters that XML 1.0 does not have are shown as '?'.
std::string xml(std::string_view text) {
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
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(letter) < 0x20 && letter != '\t' ? '?' : letter;
    }
  }
  return out;
}

std::string junit_case(const std::string& suite, const Finding& finding) {
  std::string open =
      fmt::format(R"(    <testcase classname="{}" name="{}")", xml(suite), xml(finding.name));
  const auto inner = [&](const char* element) {
    return fmt::format("{}>\n      <{} message=\"{}\"/>\n    </testcase>\n", open, element,
                       xml(finding.message));
  };
  switch (finding.status) {
    case Status::kFail:
      return inner("failure");
    case Status::kError:
      return inner("error");
    case Status::kSkipped:
      return inner("skipped");
    case Status::kWarn:
      return fmt::format("{}>\n      <system-out>{}</system-out>\n    </testcase>\n", open,
                         xml("WARN " + finding.message));
    case Status::kPass:
      break;
  }
  return open + "/>\n";
}

std::string junit_suite(const std::string& name, double seconds,
                        const std::vector<Finding>& findings) {
  std::string cases;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  for (const Finding& finding : findings) {
    cases += junit_case(name, finding);
    failures += finding.status == Status::kFail ? 1 : 0;
    errors += finding.status == Status::kError ? 1 : 0;
    skipped += finding.status == Status::kSkipped ? 1 : 0;
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n{}  </testsuite>\n",
      xml(name), findings.size(), failures, errors, skipped, seconds, cases);
}

}  // namespace

std::string report_github(const run::Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    for (const Finding& finding : findings_of(table)) {
      if (stands_out(finding.status)) out += github_line(finding);
    }
  }
  for (const Finding& finding : errors_of(outcome)) out += github_line(finding);
  return out + fmt::format("{} {}\n", plan_title(outcome), outcome.verdict);
}

std::string report_junit(const run::Outcome& outcome) {
  std::string out =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\">\n",
                  xml(plan_title(outcome)));
  for (const auto& table : outcome.tables) {
    if (table.state == run::TableState::kLeftOut) continue;
    out += junit_suite(table.name, table.seconds, findings_of(table));
  }
  const std::vector<Finding> errors = errors_of(outcome);
  if (!errors.empty()) out += junit_suite("run", 0, errors);
  return out + "</testsuites>\n";
}

}  // namespace engine::report
