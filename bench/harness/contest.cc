#include "harness/contest.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

void require_same(std::string& common, const std::string& seen, const std::string& name) {
  if (common.empty()) common = seen;
  if (common == seen) return;
  throw std::runtime_error(
      fmt::format("'{}' ended in {}, the others in {}: not comparable", name, seen, common));
}

Usage run_once(const Contestant& contestant, std::string& common) {
  if (contestant.prepare) contestant.prepare();
  sync();  // so that nobody pays for what another one left to be written
  const Usage usage = contestant.run();
  if (contestant.end_state) require_same(common, contestant.end_state(), contestant.name);
  return usage;
}

double relative(double contestant, double reference, Meaning meaning) {
  return meaning == Meaning::kSpeed ? reference / contestant : contestant / reference;
}

// The reference against its own median: how noisy the machine was.
Ratio noise_of(const Measured& reference, Meaning meaning) {
  std::vector<double> seconds;
  for (const Usage& usage : reference.rounds) seconds.push_back(usage.seconds);
  const double middle = median(seconds);
  const auto [low, high] = std::minmax_element(seconds.begin(), seconds.end());
  const double a = relative(*low, middle, meaning);
  const double b = relative(*high, middle, meaning);
  return {1.0, std::min(a, b), std::max(a, b)};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

double median_cpu_seconds(const Measured& measured) {
  std::vector<double> seconds;
  for (const Usage& usage : measured.rounds) seconds.push_back(usage.cpu_seconds);
  return median(seconds);
}

}  // namespace

std::vector<Measured> hold_contest(const std::vector<Contestant>& contestants, int rounds,
                                   std::string& end_state) {
  std::vector<Measured> measured;
  for (const Contestant& contestant : contestants) measured.push_back({contestant.name, {}});
  for (int round = 0; round <= rounds; ++round) {
    for (std::size_t turn = 0; turn < contestants.size(); ++turn) {
      const std::size_t i = (turn + static_cast<std::size_t>(round)) % contestants.size();
      const Usage usage = run_once(contestants[i], end_state);
      if (round > 0) measured[i].rounds.push_back(usage);
    }
  }
  return measured;
}

double median(std::vector<double> values) {
  if (values.empty()) throw std::runtime_error("no rounds were run");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double median_peak_bytes(const Measured& measured) {
  std::vector<double> peaks;
  for (const Usage& usage : measured.rounds) peaks.push_back(static_cast<double>(usage.peak_bytes));
  return median(peaks);
}

Ratio time_ratio(const Measured& contestant, const Measured& reference, Meaning meaning) {
  if (&contestant == &reference) return noise_of(reference, meaning);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < contestant.rounds.size(); ++i) {
    ratios.push_back(relative(contestant.rounds[i].seconds, reference.rounds[i].seconds, meaning));
  }
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return {median(ratios), *low, *high};
}

void print_ratios(const std::vector<Measured>& all, const Measured& reference, Meaning meaning) {
  const char* kind = meaning == Meaning::kSpeed ? "speed" : "time";
  fmt::print("  {:<46} {:>6}   {:<14} {:>9}  {:>9}\n", fmt::format("{} against *", kind), "ratio",
             "spread", "CPU time", "peak RSS");
  const double reference_cpu = median_cpu_seconds(reference);
  for (const Measured& one : all) {
    const Ratio ratio = time_ratio(one, reference, meaning);
    const std::string spread = fmt::format("{:.2f} - {:.2f}", ratio.low, ratio.high);
    fmt::print("{} {:<46} {:>5.2f}x   {:<14} {:>8.2f}x  {:>6.1f} MB\n",
               &one == &reference ? '*' : ' ', one.name, ratio.median, spread,
               median_cpu_seconds(one) / reference_cpu, median_peak_bytes(one) / 1e6);
  }
}

bool print_goal(const std::string& goal, bool reached, const std::string& seen) {
  fmt::print("  goal {}: {} ({})\n", goal, reached ? "reached" : "MISSED", seen);
  return reached;
}

void print_machine(const std::string& engine) {
  utsname system{};
  uname(&system);
  fmt::print("  {}, SQLite {}, compiler {}, {} {}, {} cores\n",
             first_line(output_of({engine, "--version"})), sqlite3_libversion(), __VERSION__,
             system.sysname, system.release, std::thread::hardware_concurrency());
}

}  // namespace bench
