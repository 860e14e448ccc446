#include "fault/program/verbs.h"
#include "fault/support/trial.h"

namespace engine::testing {
namespace {

/// Longer than the lease of a lock, shorter than before images are kept.
constexpr std::int64_t kHour = 3600;

/// A clock that is set while the engine is at work makes no difference to what it does.
class Jumping {
 public:
  Jumping(const Options& options, const World& world, Tally& tally)
      : options_(options), trial_(world), tally_(tally) {}

  void jump(Act act, std::int64_t seconds) {
    for (std::uint64_t at = options_.at.value_or(options_.first); true; at += options_.step) {
      trial_.begin(act);
      Fault fault;
      fault.what = "jump";
      fault.at = at;
      fault.seconds = seconds;
      const Ended ended = trial_.act(act, fault);
      if (trial_.calls() < at) return;
      tally_.point();
      const std::string where = trial_.world().connector + " " + trial_.world().name +
                                (act == Act::kRun ? " run, " : " rollback, ") +
                                std::to_string(seconds) + " s at call " + trial_.call(at);
      hold(act, ended, where);
      if (act == Act::kRun && ended.code == 0) hold(Act::kRollback, trial_.undo(ended), where);
      if (options_.at) return;
    }
  }

 private:
  void hold(Act act, const Ended& ended, const std::string& where) {
    const std::string left = trial_.end_difference(act);
    if (ended.code == 0 && left.empty()) return;
    tally_.divergence(where, "exit " + std::to_string(ended.code) + "\n" + ended.err + left);
  }

  const Options& options_;
  Trial trial_;
  Tally& tally_;
};

}  // namespace

void jump(const Options& options, Tally& tally) {
  for (const World& world : options.worlds()) {
    Jumping jumping(options, world, tally);
    for (const std::int64_t seconds : {kHour, -kHour}) {
      jumping.jump(Act::kRun, seconds);
      jumping.jump(Act::kRollback, seconds);
    }
  }
}

}  // namespace engine::testing
