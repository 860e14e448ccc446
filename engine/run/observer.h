#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::run {

struct Outcome;
struct TableOutcome;

/// One stage of one table. Stages are named "extract", "transform", "check", "merge", "verify",
/// "publish", "rollback".
struct StageEvent {
  std::string table;  ///< empty for a whole unit
  std::string stage;
  std::int64_t rows = 0;    ///< so far, or in all when finished
  std::int64_t total = -1;  ///< -1: not known
  double seconds = 0;       ///< since the stage started
  bool failed = false;
  std::string detail;
};

/// Watches a run: all reports, logs and bars are observers. Calls come from several threads, one at
/// a time (the run holds a lock around them). An observer that throws does not stop the run: the
/// failure is logged and named in the report.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void run_started(const Outcome&) {}
  virtual void started(const StageEvent&) {}
  virtual void progressed(const StageEvent&) {}
  virtual void finished(const StageEvent&) {}
  /// A line for the log: level "info", "warn", "error" or "debug".
  virtual void message(std::string_view level, std::string_view text) {
    static_cast<void>(level);
    static_cast<void>(text);
  }
  virtual void run_finished(const Outcome&) {}
};

/// Hands every call on to several, under one lock.
class Observers : public Observer {
 public:
  Observers();
  ~Observers() override;
  void add(std::unique_ptr<Observer> observer);
  void run_started(const Outcome& outcome) override;
  void started(const StageEvent& event) override;
  void progressed(const StageEvent& event) override;
  void finished(const StageEvent& event) override;
  void message(std::string_view level, std::string_view text) override;
  void run_finished(const Outcome& outcome) override;
  /// What observers failed with, in order.
  const std::vector<std::string>& failures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace engine::run
