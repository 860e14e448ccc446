#include "run/failures.h"

#include <utility>

#include "base/memory.h"
#include "run/judging.h"

namespace engine::run {
namespace {

bool blocked(const Job& job) {
  return !blocked_by(job.outcome).empty();
}

std::string plural(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

int worst_exit(const Job& job, const Failures& failures) {
  if (job.stop.asked()) return 128 + job.stop.signal();
  const bool blocks = blocked(job);
  const auto first = failures.first();
  if (first && !(blocks && *first == base::Fault::kData)) return base::exit_code(*first);
  return blocks ? base::exit_code(base::Fault::kData) : 0;
}

}  // namespace

ErrorOutcome error_outcome(const base::Error& error) {
  return {error.code(), std::string(base::fault_name(error.fault())), error.message(), error.help(),
          error.context()};
}

std::string place_of(const TableOutcome& table) {
  const std::string name = "table " + table.name;
  return table.span.known() ? name + ", " + table.span.text() : name;
}

void Failures::add(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  ErrorOutcome entry = error_outcome(error);
  if (error.code() == "E509") {  // asked once, and seen by every thread at its own place
    entry.context.clear();
    std::erase_if(outcome_.errors, [](const ErrorOutcome& other) { return other.code == "E509"; });
  }
  outcome_.errors.push_back(std::move(entry));
  if (!first_) first_ = error.fault();
}

void Failures::add_decisive(const base::Error& error) {
  add(error);
  const std::lock_guard lock(mutex_);
  first_ = error.fault();
}

void conclude(const Job& job, const Failures& failures) {
  Outcome& outcome = job.outcome;
  outcome.ended_us = job.clock.now_us();
  outcome.peak_memory_bytes = base::peak_resident_bytes();
  outcome.exit_code = worst_exit(job, failures);
  const std::string exit = " (exit " + std::to_string(outcome.exit_code) + ")";
  if (blocked(job)) {
    outcome.verdict = "blocked by " + blocked_by(outcome) + exit;
  } else if (failures.any()) {
    outcome.verdict = "stopped by " + plural(outcome.errors.size(), "error") + exit;
  } else if (outcome.command == "check") {
    outcome.verdict = "no check fails";
  } else if (!outcome.phase.empty()) {
    outcome.verdict = "stopped after " + outcome.phase + ", as asked";
  } else {
    outcome.applied = !outcome.dry_run;
    outcome.verdict = outcome.dry_run ? "ready to apply" : "applied";
  }
  if (outcome.rolled_back) outcome.verdict += ", what was published is undone";
}

}  // namespace engine::run
