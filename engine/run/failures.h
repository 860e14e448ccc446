#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "run/job.h"

namespace engine::run {

/// An error as the reports keep it.
ErrorOutcome error_outcome(const base::Error& error);

/// Collects the errors of a run, from any thread; the first one decides the exit code.
class Failures {
 public:
  explicit Failures(Outcome& outcome) : outcome_(outcome) {}
  void add(const base::Error& error);
  bool any() const { return first_.has_value(); }
  std::optional<base::Fault> first() const { return first_; }

 private:
  Outcome& outcome_;
  std::mutex mutex_;
  std::optional<base::Fault> first_;
};

/// Runs `work` and turns what it throws into an entry of the outcome; true when nothing was thrown.
template <typename Work>
bool guarded(Failures& failures, const std::string& where, Work&& work) {
  try {
    work();
    return true;
  } catch (base::Error& error) {
    failures.add(where.empty() ? error : error.in(where));
  } catch (const std::exception& error) {
    failures.add(base::Error(base::Fault::kBug, "E900", std::string("internal: ") + error.what()));
  }
  return false;
}

/// The end of every outcome: exit code, verdict, time, memory.
void conclude(const Job& job, const Failures& failures);

}  // namespace engine::run
