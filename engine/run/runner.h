#pragma once

#include <cstddef>
#include <memory>

#include "compile/bound.h"
#include "run/job.h"

namespace engine::run {

/// Carries a bound plan out. A dry run is another runner, never a question inside one. What a
/// runner does not say otherwise is that of one that writes nothing.
class Runner {
 public:
  virtual ~Runner() = default;
  /// What must be there before anything is read (locks). Throws.
  virtual void open() {}
  /// True when this table's pipeline runs now rather than inside its publish.
  virtual bool stages_now(std::size_t table) const = 0;
  /// False where rows are only read: nobody looks their parents up.
  virtual bool follows_references() const { return true; }
  /// Extract, transform, check and compare one table. Called from several threads, once a table.
  /// Throws.
  virtual void stage(std::size_t table) = 0;
  /// Merges one unit; called in publish order, when nothing blocks. Throws; nothing of the unit
  /// stands then, unless the error is kUnknownOutcome.
  virtual void publish(const compile::Unit&) {}
  /// After all units: what the target says of them.
  virtual void verify() {}
  /// After a publish failed with this exit code: what `run.on_failure` says. The outcome tells what
  /// stands.
  virtual void recover(int) {}
  /// Always last; also after an error.
  virtual void close() {}
};

/// Reads and compares, writes nothing outside the run's own folder.
std::unique_ptr<Runner> dry_runner(Job& job);
/// Reads every table into the run's folder, and no more.
std::unique_ptr<Runner> extract_runner(Job& job);
/// Publishes. The locks of its targets are held (Job::leases).
std::unique_ptr<Runner> live_runner(Job& job);

}  // namespace engine::run
