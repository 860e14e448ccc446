#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fault/support/world.h"
#include "process/support/engine_process.h"

namespace engine::testing {

/// kResume goes on with a run that did not end; a rollback goes on by being told again.
enum class Act { kRun, kResume, kRollback };

/// What goes wrong at which call; nothing unless `what` says so. See fault/interpose/faults.h.
struct Fault {
  std::string what;  ///< "kill", "lose", "fail" or "jump"
  std::uint64_t at = 0;
  int error = 0;
  bool lasting = false;
  bool opens = false;
  std::optional<std::uint64_t> seed;
  std::int64_t seconds = 0;  ///< jump
};

/// One plan in a folder that can be put back to a state it was in.
class Trial {
 public:
  /// Runs the plan once without a fault, and undoes it, to know both ends.
  explicit Trial(World world);

  const World& world() const { return world_; }
  /// Where an act begins: "before" for a run, "published" for a rollback.
  void begin(Act act) { load(act == Act::kRollback ? "published" : "before"); }
  void save(const std::string& state);
  void load(const std::string& state);

  Ended act(Act act, const Fault& fault) const;
  pid_t start(Act act) const;
  Ended wait(pid_t process) const { return process_.wait(process, "engine"); }
  /// What a person does after an act that did not end. A run that came to nothing is begun anew.
  Ended go_on(Act act, const Fault& fault = {}) const;
  /// Undoes the run that ended so.
  Ended undo(const Ended& run) const;
  /// The run lost the rows it had kept, as it may before it published anything: it wants a new one.
  static bool lost_rows(const Ended& resume);
  /// There was nothing to go on with: the run had ended before.
  static bool had_ended(const Ended& resume);
  /// How many calls the last act made, and the one with this number in words.
  std::uint64_t calls() const;
  std::string call(std::uint64_t number) const;

  /// Empty, or how the target differs from the end of the act.
  std::string end_difference(Act act) const;
  /// Empty, or the unit that is neither as before nor as after a run.
  std::string half_done() const;

 private:
  std::vector<std::string> command(Act act) const;
  Ended engine(const std::vector<std::string>& arguments, const Fault& fault) const;
  std::filesystem::path work() const { return process_.folder() / "work"; }
  Contents target(bool all) const;

  World world_;
  EngineProcess process_;
  std::string published_run_;
  Contents before_, after_;
};

}  // namespace engine::testing
