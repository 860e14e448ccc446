#include <cerrno>
#include <cstring>

#include "fault/program/verbs.h"
#include "fault/support/trial.h"

namespace engine::testing {
namespace {

constexpr int kInternalError = 1;
constexpr int kTransient = 5;

/// How a call fails: once, or it and what comes behind it.
struct Failure {
  int error;
  bool lasting;
  bool opens;
};

constexpr Failure kFailures[] = {
    {EIO, false, false}, {ENOSPC, false, false}, {ENOSPC, true, false}, {EMFILE, true, true}};

class FailNth {
 public:
  FailNth(const Options& options, const World& world, Tally& tally)
      : options_(options), trial_(world), tally_(tally) {}

  void fail(Act act, const Failure& failure) {
    for (std::uint64_t at = options_.at.value_or(options_.first); true; at += options_.step) {
      trial_.begin(act);
      const Ended ended =
          trial_.act(act, {"fail", at, failure.error, failure.lasting, failure.opens, {}});
      const bool reached = trial_.calls() >= at;
      const std::string where = trial_.world().connector + " " + trial_.world().name +
                                (act == Act::kRun ? " run, " : " rollback, ") +
                                ::strerrorname_np(failure.error) +
                                (failure.lasting ? " from call " : " at call ") + trial_.call(at);
      if (reached) tally_.point();
      judge(act, failure, ended, where);
      go_on(act, where);
      if (!reached || options_.at) return;
    }
  }

 private:
  /// A failure may be without consequence (a log line, a file nobody needs any more), and is told
  /// otherwise. Success means that all is done.
  void judge(Act act, const Failure& failure, const Ended& ended, const std::string& where) {
    const auto diverges = [&](const std::string& what) {
      tally_.divergence(where, what + " (exit " + std::to_string(ended.code) + ")\n" + ended.err);
    };
    if (ended.code < 0 || ended.code == kInternalError) return diverges("crashed");
    if (ended.code == 0) {
      const std::string left = trial_.end_difference(act);
      if (!left.empty()) diverges("success, but " + left);
      return;
    }
    if (ended.err.find("error[E") == std::string::npos) diverges("no error was told");
    // What stands in spite of it is worse, and is told first.
    const bool full = ended.code == kTransient || ended.err.find("[E508]") != std::string::npos ||
                      ended.err.find("[E515]") != std::string::npos;
    if (failure.error == ENOSPC && failure.lasting && !full) diverges("not told as a full disk");
    const std::string half = trial_.half_done();
    if (!half.empty()) diverges(half);
  }

  void go_on(Act act, const std::string& where) {
    Ended ended = trial_.go_on(act);
    // A run that was undone, now or before, is over.
    const bool is_over =
        act == Act::kRun && ended.code != 0 && trial_.end_difference(Act::kRollback).empty();
    if (is_over) ended = trial_.act(Act::kRun, {});
    if (Trial::had_ended(ended)) ended.code = 0;
    if (ended.code != 0) tally_.divergence(where, "does not go on: " + ended.err + ended.out);
    const std::string left = trial_.end_difference(act);
    if (!left.empty()) tally_.divergence(where, left);
  }

  const Options& options_;
  Trial trial_;
  Tally& tally_;
};

}  // namespace

void fail_nth(const Options& options, Tally& tally) {
  for (const World& world : options.worlds()) {
    FailNth failing(options, world, tally);
    for (const Failure& failure : kFailures) {
      failing.fail(Act::kRun, failure);
      failing.fail(Act::kRollback, failure);
    }
  }
}

}  // namespace engine::testing
