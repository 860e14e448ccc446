#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/child.h"

namespace bench {

/// One way to do the work. `prepare` brings everything to the same start and is not measured; `run`
/// does the work; `end_state` is a digest of what came out, and throws when that is wrong.
struct Contestant {
  std::string name;
  std::function<void()> prepare;
  std::function<Usage()> run;
  std::function<std::string()> end_state;
};

struct Measured {
  std::string name;
  std::vector<Usage> rounds;
};

/// Every round runs every contestant once, each round starting with another one, after one round
/// that is not counted. Throws when two end states differ: what did not do the same work is not
/// compared. `end_state` receives the common one.
std::vector<Measured> hold_contest(const std::vector<Contestant>& contestants, int rounds,
                                   std::string& end_state);

/// Speed: the reference's time by the contestant's, larger is faster. Cost: the other way round.
enum class Meaning { kSpeed, kCost };

struct Ratio {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// Of the ratios round by round, so that what slows the whole machine down for a while cancels out.
Ratio time_ratio(const Measured& contestant, const Measured& reference, Meaning meaning);
double median(std::vector<double> values);
double median_peak_bytes(const Measured& measured);

/// Prints one line a contestant, ratio against `reference`, spread, CPU time by the
/// reference's, peak memory.
void print_ratios(const std::vector<Measured>& all, const Measured& reference, Meaning meaning);
/// Prints whether a goal was reached: `goal >= 1.20x the loop: reached (1.31x)`. Returns `reached`.
bool print_goal(const std::string& goal, bool reached, const std::string& seen);
/// Versions, kernel and cores: figures without them mean nothing.
void print_machine(const std::string& engine);

}  // namespace bench
