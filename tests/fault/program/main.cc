#include <exception>
#include <iostream>
#include <stdexcept>

#include "fault/program/verbs.h"

namespace engine::testing {
namespace {

constexpr char kUsage[] =
    "fault kill --every-write | --random N [--start SEED]\n"
    "fault lose --every-write        kills that lose what was not synced\n"
    "fault fail_nth                  calls that fail\n"
    "fault jump                      calls at which the clock is set\n"
    "fault race [--rounds N] [--engines N]\n"
    "each with [--connector sqlite|files] [--plan NAME] [--tell N]\n"
    "--every-write, fail_nth and jump with [--step N] [--first N] [--at N] [--again N], lose with "
    "[--some]\n";

std::uint64_t number(const std::string& word) {
  std::size_t end = 0;
  const std::uint64_t value = std::stoull(word, &end);
  if (end != word.size()) throw std::runtime_error(kUsage);
  return value;
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) throw std::runtime_error(kUsage);
  const std::string& verb = words.front();
  const Options options = read_options({words.begin() + 1, words.end()});
  Tally tally(options.tell);
  std::string counted = " kill points, ";
  if (verb == "kill" && options.random != 0) {
    kill_at_random(options, tally);
  } else if ((verb == "kill" || verb == "lose") && options.every_write) {
    kill_every_write(options, verb, tally);
    if (verb == "lose") lose_after_success(options, tally);
  } else if (verb == "fail_nth") {
    fail_nth(options, tally);
    counted = " failed calls, ";
  } else if (verb == "jump") {
    jump(options, tally);
    counted = " jumps of the clock, ";
  } else if (verb == "race") {
    race(options, tally);
    counted = " rounds, ";
  } else {
    throw std::runtime_error(kUsage);
  }
  std::cout << tally.points() << counted << tally.divergences() << " divergences\n";
  return tally.divergences() == 0 && tally.points() != 0 ? 0 : 1;
}

}  // namespace

void Tally::divergence(const std::string& where, const std::string& what) {
  if (++divergences_ > told_) return;
  std::cout << "DIVERGENCE " << where << "\n  " << what << std::endl;
}

std::vector<World> Options::worlds() const {
  std::vector<World> out;
  for (const std::string& connector : connectors) {
    for (World& world : testing::worlds(connector)) {
      if (plan.empty() || world.name == plan) out.push_back(std::move(world));
    }
  }
  if (out.empty()) throw std::runtime_error("there is no plan " + plan);
  return out;
}

Options read_options(const std::vector<std::string>& words) {
  Options out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--every-write" || word == "--some") {
      (word == "--some" ? out.some : out.every_write) = true;
      continue;
    }
    if (i + 1 == words.size()) throw std::runtime_error(kUsage);
    const std::string& value = words[++i];
    if (word == "--connector") {
      out.connectors = {value};
    } else if (word == "--plan") {
      out.plan = value;
    } else if (word == "--at") {
      out.at = number(value);
    } else if (std::uint64_t* const place = word == "--step"      ? &out.step
                                            : word == "--first"   ? &out.first
                                            : word == "--again"   ? &out.again
                                            : word == "--random"  ? &out.random
                                            : word == "--start"   ? &out.start
                                            : word == "--rounds"  ? &out.rounds
                                            : word == "--engines" ? &out.engines
                                            : word == "--tell"    ? &out.tell
                                                                  : nullptr) {
      *place = number(value);
    } else {
      throw std::runtime_error(kUsage);
    }
  }
  return out;
}

}  // namespace engine::testing

int main(int count, char** words) {
  try {
    return engine::testing::run({words + 1, words + count});
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 4;
  }
}
