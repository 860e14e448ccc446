#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/foreign_error.h"
#include "run/job.h"

namespace engine::run {

/// An error as the reports keep it.
ErrorOutcome error_outcome(const base::Error& error);

/// Collects the errors of a run, from any thread; the first one decides the exit code.
class Failures {
 public:
  explicit Failures(Outcome& outcome) : outcome_(outcome) {}
  void add(const base::Error& error);
  /// As add(), and decides the exit code whatever came before.
  void add_decisive(const base::Error& error);
  bool any() const { return first_.has_value(); }
  std::optional<base::Fault> first() const { return first_; }

 private:
  Outcome& outcome_;
  std::mutex mutex_;
  std::optional<base::Fault> first_;
};

/// Ends a publish that the table's own outcome blocks: its checks and bad rows say why, and no
/// error of the run repeats them.
class Blocked : public base::Error {
 public:
  explicit Blocked(std::string message)
      : base::Error(base::Fault::kData, "E408", std::move(message)) {}
};

/// "table people, plan.yaml:8:3", the context of a table's errors.
std::string place_of(const TableOutcome& table);

/// Runs `work` and turns what it throws into an entry of the outcome; true when nothing was thrown.
template <typename Work>
bool guarded(Failures& failures, const std::string& where, Work&& work) {
  try {
    work();
    return true;
  } catch (const Blocked&) {
    return false;
  } catch (base::Error& error) {
    failures.add(where.empty() ? error : error.in(where));
  } catch (const std::exception& error) {
    failures.add(base::foreign_error(error));
  }
  return false;
}

/// The end of every outcome: exit code, verdict, time, memory.
void conclude(const Job& job, const Failures& failures);

}  // namespace engine::run
