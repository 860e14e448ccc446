#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>
#include <set>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "fault/program/verbs.h"
#include "process/support/engine_process.h"

namespace engine::testing {
namespace {

constexpr int kRows = 400;
constexpr int kLeaseMs = 300;
constexpr int kTransient = 5;
constexpr int kLocked = 7;

std::string plan(const std::string& connector) {
  const bool files = connector == "files";
  return std::string(
             "version: 1\nname: race\nconnections: {from: {type: sqlite, path: source.db}, ") +
         (files ? "into: {type: files, root: out}}" : "into: {type: sqlite, path: target.db}}") +
         "\ndefaults: {source: from, target: into}\ntables:\n" +
         (files ? "  items: {key: id, to: {file: items.csv}, merge: {mode: replace}}\n"
                  "  people: {key: id, to: {file: people.csv}, merge: {mode: replace}}\n"
                : "  items: {merge: {mode: append}}\n"
                  "  people: {key: id, merge: {mode: mirror}}\n");
}

/// One target, and engines that start at once, each until it has published. Processes stand still
/// now and then, longer than the lease of a lock lasts.
class Race {
 public:
  Race(std::string connector, const Options& options, Tally& tally)
      : connector_(std::move(connector)), options_(options), tally_(tally) {
    const std::string tables =
        "CREATE TABLE items (id INTEGER, v TEXT);"
        "CREATE TABLE people (id INTEGER PRIMARY KEY, v TEXT);";
    PlainDatabase(process_.path("source.db")).run(tables);
    if (connector_ == "sqlite") PlainDatabase(process_.path("target.db")).run(tables);
    std::filesystem::create_directory(process_.path("out"));
    process_.write("plan.yaml", plan(connector_));
    ::setenv("ENGINE_TEST_LEASE_MS", std::to_string(kLeaseMs).c_str(), 1);
  }

  void round(std::uint64_t number) {
    random_.seed(options_.start + number);
    where_ = connector_ + " round " + std::to_string(number);
    change_source(number);
    published_ = 0;
    engines_.assign(options_.engines, 0);
    for (std::size_t i = 0; i < engines_.size(); ++i) start(i);
    while (std::any_of(engines_.begin(), engines_.end(), [](pid_t one) { return one != 0; })) {
      disturb();
      collect();
    }
    all_published_ += published_;
    judge();
    tally_.point();
  }

  std::string sum() const {
    return connector_ + ": " + std::to_string(all_published_) + " runs published, " +
           std::to_string(refused_) + " were refused, " + std::to_string(taken_over_) +
           " of them after their lock was taken over\n";
  }

 private:
  void change_source(std::uint64_t number) {
    const std::string rows =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(kRows) + ")";
    const std::string round = std::to_string(number);
    PlainDatabase(process_.path("source.db"))
        .run("BEGIN; DELETE FROM items; DELETE FROM people;" + rows +
             " INSERT INTO items SELECT i, 'round " + round + "' FROM n;" + rows +
             " INSERT INTO people SELECT i * 2 + " + round + " % 5, 'round " + round +
             "' FROM n; COMMIT");
  }

  std::string label(std::size_t engine) const { return "engine" + std::to_string(engine); }

  void start(std::size_t engine) {
    engines_[engine] = process_.start(
        {"run", "plan.yaml", "--apply", "--yes", "--state", label(engine) + ".state"},
        label(engine));
  }

  /// Somebody stands still for a moment, or for longer than the lease, while the others go on.
  void disturb() {
    const auto now = Clock::now();
    for (auto at = asleep_.begin(); at != asleep_.end();) {
      if (at->second > now) {
        ++at;
        continue;
      }
      if (engines_[at->first] != 0) ::kill(engines_[at->first], SIGCONT);
      at = asleep_.erase(at);
    }
    const std::size_t one = random_() % engines_.size();
    if (engines_[one] != 0 && random_() % 4 == 0) {
      const bool is_long = random_() % 3 == 0;
      const auto pause = std::chrono::milliseconds(random_() % 20 + (is_long ? kLeaseMs * 2 : 0));
      if (asleep_.emplace(one, now + pause).second) ::kill(engines_[one], SIGSTOP);
    }
    ::usleep(3000);
  }

  void collect() {
    for (std::size_t i = 0; i < engines_.size(); ++i) {
      siginfo_t ended = {};
      const bool is_over = engines_[i] != 0 &&
                           ::waitid(P_PID, static_cast<id_t>(engines_[i]), &ended,
                                    WEXITED | WNOHANG | WNOWAIT) == 0 &&
                           ended.si_pid != 0;
      if (!is_over) continue;
      const Ended how = process_.wait(engines_[i], label(i));
      engines_[i] = 0;
      asleep_.erase(i);
      if (how.code == 0) {
        ++published_;
      } else if (how.code == kLocked || how.code == kTransient) {
        ++refused_;
        taken_over_ += how.err.find("taken over") != std::string::npos ||
                       how.err.find("does not hold the lock") != std::string::npos;
        start(i);
      } else {
        tally_.divergence(where_, "exit " + std::to_string(how.code) + ": " + how.err);
      }
    }
  }

  void diverges(const std::string& what) { tally_.divergence(where_, what); }

  void judge() {
    if (published_ != options_.engines) diverges("not every engine published");
    if (connector_ == "sqlite") {
      judge_tables();
    } else {
      judge_files();
    }
  }

  /// Appended rows stand there once for every run that said it had published; each epoch of the
  /// lock belongs to one run, and they follow each other as the commits do.
  void judge_tables() {
    const PlainDatabase target(process_.path("target.db"));
    const std::int64_t rows = target.number("SELECT count(*) FROM items");
    const std::int64_t wanted = kRows * static_cast<std::int64_t>(all_published_);
    if (rows != wanted) {
      diverges(std::to_string(rows) + " appended rows instead of " + std::to_string(wanted));
    }
    if (target.number("SELECT count(*) FROM (SELECT count(*) AS n FROM items GROUP BY id, v HAVING"
                      " n <> " +
                      std::to_string(options_.engines) + ")") != 0) {
      diverges("rows were lost or doubled");
    }
    if (target.number("SELECT count(*) FROM (SELECT 1 FROM _engine_ledger GROUP BY epoch HAVING"
                      " count(DISTINCT run_id) > 1 OR count(*) <> 2)") != 0) {
      diverges("two runs published under one epoch of the lock");
    }
    const std::map<std::string, std::vector<std::string>> keys = {{"people", {"id"}}};
    const PlainDatabase source(process_.path("source.db"));
    const std::string left = difference({{"people", source.table("people", {"id"})}},
                                        {{"people", target.table("people", {"id"})}});
    if (!left.empty()) diverges(left);
  }

  void judge_files() {
    const PlainDatabase source(process_.path("source.db"));
    for (const std::string table : {"items", "people"}) {
      std::string wanted = "id,v\n";
      for (const std::string& row :
           source.texts("SELECT id || ',' || v FROM " + table + " ORDER BY id")) {
        wanted += row + "\n";
      }
      if (process_.read("out/" + table + ".csv") != wanted) diverges("the file of " + table);
    }
    std::map<std::uint64_t, std::string> run_of;
    std::uint64_t last = 0;
    std::istringstream ledger(process_.read("out/.engine/target/ledger.ndjson"));
    for (std::string line; std::getline(ledger, line);) {
      const auto entry = nlohmann::json::parse(line);
      const std::uint64_t epoch = entry["epoch"];
      if (epoch < last) diverges("a run published after its lock was taken over");
      last = epoch;
      const std::string run = entry["run_id"];
      if (run_of.emplace(epoch, run).first->second != run) diverges("two runs under one epoch");
    }
    for (const auto& file : std::filesystem::directory_iterator(process_.path("out"))) {
      const std::string name = file.path().filename();
      if (name.starts_with(".") && name != ".engine") diverges("left behind: " + name);
    }
  }

  using Clock = std::chrono::steady_clock;

  std::string connector_;
  const Options& options_;
  Tally& tally_;
  EngineProcess process_;
  std::mt19937_64 random_;
  std::string where_;
  std::vector<pid_t> engines_;                       ///< 0: has ended
  std::map<std::size_t, Clock::time_point> asleep_;  ///< until when
  std::uint64_t published_ = 0;
  std::uint64_t all_published_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t taken_over_ = 0;  ///< refused as somebody took the lock meanwhile
};

}  // namespace

void race(const Options& options, Tally& tally) {
  for (const std::string& connector : options.connectors) {
    Race race(connector, options, tally);
    for (std::uint64_t number = 0; number < options.rounds; ++number) race.round(number);
    std::cout << race.sum();
  }
}

}  // namespace engine::testing
