#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "fault/program/verbs.h"
#include "fault/support/trial.h"

namespace engine::testing {
namespace {

constexpr Act kActs[] = {Act::kRun, Act::kRollback};

const char* word_of(Act act) {
  return act == Act::kRun ? "run" : "rollback";
}

/// Kills one act of one plan at every call, and what follows at every call too, now and then.
class EveryWrite {
 public:
  EveryWrite(const Options& options, const World& world, std::string what, Tally& tally)
      : options_(options), trial_(world), what_(std::move(what)), tally_(tally) {}

  void kill(Act act) {
    std::uint64_t number = 0;
    for (std::uint64_t at = first(); !options_.at || at == *options_.at; at += options_.step) {
      trial_.begin(act);
      const std::string where = name(act) + what_ + " at ";
      if (!killed(trial_.act(act, fault(at)), act, where, at)) return;
      const bool deeper = options_.again != 0 && number++ % options_.again == 0;
      if (deeper) trial_.save("killed");
      finish(act, where + trial_.call(at), at % 3 == 0);
      if (deeper) kill_again(act, where + trial_.call(at) + ", then at ");
    }
  }

 private:
  std::uint64_t first() const { return options_.at.value_or(options_.first); }
  std::string name(Act act) const {
    return trial_.world().connector + " " + trial_.world().name + " " + word_of(act) + " ";
  }
  Fault fault(std::uint64_t at) const {
    Fault out;
    out.what = what_;
    out.at = at;
    if (options_.some) out.seed = at;
    return out;
  }

  void kill_again(Act act, const std::string& where) {
    for (std::uint64_t at = options_.first; true; at += options_.step) {
      trial_.load("killed");
      if (!killed(trial_.go_on(act, fault(at)), act, where, at)) return;
      finish(act, where + trial_.call(at), at % 3 == 0);
    }
  }

  /// False when the act ended before the call came.
  bool killed(const Ended& ended, Act act, const std::string& where, std::uint64_t at) {
    if (ended.code == -SIGKILL) {
      tally_.point();
      expect(where + trial_.call(at), trial_.half_done());
      return true;
    }
    if (ended.code != 0 && !Trial::had_ended(ended)) {
      tally_.divergence(where + "the end", ended.err + ended.out);
    }
    expect(where + "the end", trial_.end_difference(act));
    return false;
  }

  void finish(Act act, const std::string& where, bool and_back) {
    const std::string call = where;
    Ended ended = trial_.go_on(act);
    if (what_ == "lose" && act == Act::kRun && Trial::lost_rows(ended)) {
      expect(call + ", rows lost", trial_.end_difference(Act::kRollback));
      ended = trial_.act(Act::kRun, {});
    }
    const bool good = ended.code == 0 || Trial::had_ended(ended);
    if (!good) tally_.divergence(call, "does not go on: " + ended.err + ended.out);
    expect(call, trial_.end_difference(act));
    if (act != Act::kRun || ended.code != 0 || !and_back) return;
    const Ended undone = trial_.undo(ended);
    if (undone.code != 0) tally_.divergence(call, "cannot be undone: " + undone.err);
    expect(call + ", then undone", trial_.end_difference(Act::kRollback));
  }

  void expect(const std::string& where, const std::string& difference) {
    if (!difference.empty()) tally_.divergence(where, difference);
  }

  const Options& options_;
  Trial trial_;
  std::string what_;
  Tally& tally_;
};

/// One plan that is killed at moments that nobody chose, several times in a row.
class AtRandom {
 public:
  AtRandom(const World& world, Tally& tally) : trial_(world), tally_(tally) {
    trial_.begin(Act::kRun);
    const auto started = std::chrono::steady_clock::now();
    trial_.act(Act::kRun, {});
    const auto took = std::chrono::steady_clock::now() - started;
    whole_us_ = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  }

  void story(std::uint64_t seed) {
    random_.seed(seed);
    const std::string where =
        trial_.world().connector + " " + trial_.world().name + " seed " + std::to_string(seed);
    trial_.begin(Act::kRun);
    if (chance(70)) {
      play(Act::kRun, where);
      return;
    }
    trial_.begin(Act::kRollback);
    play(Act::kRollback, where);
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void play(Act act, const std::string& where) {
    Act next = act;
    do {
      const pid_t engine = trial_.start(next);
      if (act == Act::kRun) next = Act::kResume;
      ::usleep(static_cast<useconds_t>(
          std::uniform_int_distribution<std::int64_t>(0, whole_us_ * 11 / 10)(random_)));
      ::kill(engine, SIGKILL);
      const Ended ended = trial_.wait(engine);
      // The machine may be busier now than when the time was taken, or less.
      whole_us_ += ended.code == -SIGKILL ? whole_us_ / 50 : -whole_us_ / 10;
      if (ended.code == -SIGKILL) {
        tally_.point();
      } else if (ended.code != 0 && !is_nothing(ended)) {
        tally_.divergence(where, ended.err + ended.out);
      }
      // Not always: an engine has to mend what a killed one left without the help of a reader.
      const std::string half = chance(50) ? trial_.half_done() : std::string();
      if (!half.empty()) tally_.divergence(where, half);
    } while (chance(50));
    const Ended ended = trial_.go_on(act);
    const bool good = ended.code == 0 || Trial::had_ended(ended);
    if (!good) tally_.divergence(where, "does not go on: " + ended.err + ended.out);
    const std::string left = trial_.end_difference(act);
    if (!left.empty()) tally_.divergence(where, left);
  }

  /// A resume that came before there was a run, or after its end.
  static bool is_nothing(const Ended& ended) {
    return Trial::had_ended(ended) || ended.err.find("error[E502]") != std::string::npos;
  }

  Trial trial_;
  Tally& tally_;
  std::mt19937_64 random_;
  std::int64_t whole_us_ = 0;
};

}  // namespace

void kill_every_write(const Options& options, const std::string& what, Tally& tally) {
  for (const World& world : options.worlds()) {
    EveryWrite killing(options, world, what, tally);
    for (const Act act : kActs) killing.kill(act);
  }
}

void kill_at_random(const Options& options, Tally& tally) {
  std::vector<std::unique_ptr<AtRandom>> plans;
  for (const World& world : options.worlds()) {
    plans.push_back(std::make_unique<AtRandom>(world, tally));
  }
  for (std::uint64_t seed = options.start; tally.points() < options.random; ++seed) {
    plans[seed % plans.size()]->story(seed);
  }
}

void lose_after_success(const Options& options, Tally& tally) {
  for (const World& world : options.worlds()) {
    Trial trial(world);
    for (const Act act : kActs) {
      trial.begin(act);
      Fault fault;
      fault.what = "lose";
      const Ended ended = trial.act(act, fault);
      const std::string where = world.connector + " " + world.name + " " + word_of(act) +
                                " ended, then the power was lost";
      tally.point();
      if (ended.code != 0) tally.divergence(where, ended.err);
      const std::string left = trial.end_difference(act);
      if (!left.empty()) tally.divergence(where, left);
    }
  }
}

}  // namespace engine::testing
