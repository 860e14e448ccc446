#include "fault/support/trial.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace engine::testing {
namespace {

namespace fs = std::filesystem;

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

void replace_folder(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

const TableContents* part(const Contents& contents, const std::string& name) {
  const auto found = contents.find(name);
  return found == contents.end() ? nullptr : &found->second;
}

bool same_part(const Contents& a, const Contents& b, const std::string& name) {
  const TableContents* const one = part(a, name);
  const TableContents* const other = part(b, name);
  if (one == nullptr || other == nullptr) return one == other;
  return *one == *other;
}

}  // namespace

Trial::Trial(World world) : world_(std::move(world)) {
  for (const char* folder : {"work", "stash", "kept"}) fs::create_directory(process_.path(folder));
  make_world(world_, work());
  before_ = target(true);
  save("before");
  const Ended run = act(Act::kRun, {});
  if (run.code != 0) throw std::runtime_error(world_.name + ": " + run.err + run.out);
  after_ = target(true);
  if (difference(before_, after_).empty()) throw std::runtime_error("a run without an effect");
  published_run_ = fs::read_symlink(work() / ".engine/runs/latest").filename();
  save("published");
  const Ended rollback = act(Act::kRollback, {});
  const std::string left = end_difference(Act::kRollback);
  if (rollback.code != 0 || !left.empty()) {
    throw std::runtime_error(world_.name + ": " + rollback.err + left);
  }
}

void Trial::save(const std::string& state) {
  replace_folder(work(), process_.folder() / "kept" / state);
}

void Trial::load(const std::string& state) {
  replace_folder(process_.folder() / "kept" / state, work());
  fs::remove_all(process_.path("stash"));
  fs::create_directory(process_.path("stash"));
}

std::vector<std::string> Trial::command(Act act) const {
  if (act == Act::kRun) return {"run", "plan.yaml", "--apply", "--yes"};
  if (act == Act::kResume) return {"run", "plan.yaml", "--resume", "--apply", "--yes"};
  return {"rollback", published_run_, "--yes"};
}

Ended Trial::engine(const std::vector<std::string>& arguments, const Fault& fault) const {
  Surroundings around;
  around.folder = "work";
  if (!fault.what.empty()) {
    around.environment = {"LD_PRELOAD=" + setting("ENGINE_FAULT_LIBRARY"),
                          "ENGINE_FAULT=" + fault.what,
                          "ENGINE_FAULT_AT=" + std::to_string(fault.at),
                          "ENGINE_FAULT_ERRNO=" + std::to_string(fault.error),
                          "ENGINE_FAULT_STASH=" + process_.path("stash"),
                          "ENGINE_FAULT_TRACE=" + process_.path("trace")};
    if (fault.seconds != 0)
      around.environment.push_back("ENGINE_FAULT_SECONDS=" + std::to_string(fault.seconds));
    if (fault.lasting) around.environment.emplace_back("ENGINE_FAULT_LASTING=1");
    if (fault.opens) around.environment.emplace_back("ENGINE_FAULT_OPENS=1");
    if (fault.seed)
      around.environment.push_back("ENGINE_FAULT_SEED=" + std::to_string(*fault.seed));
  }
  return process_.run(arguments, around);
}

Ended Trial::act(Act act, const Fault& fault) const {
  return engine(command(act), fault);
}

pid_t Trial::start(Act act) const {
  return process_.start(command(act), "engine", {"work", {}});
}

Ended Trial::go_on(Act act, const Fault& fault) const {
  if (act == Act::kRollback) return engine(command(act), fault);
  const Ended resumed = engine(command(Act::kResume), fault);
  const bool is_unknown = resumed.err.find("error[E502]") != std::string::npos;
  return is_unknown ? engine(command(Act::kRun), fault) : resumed;
}

Ended Trial::undo(const Ended& run) const {
  const std::string before = "undo with: engine rollback ";
  const std::size_t at = run.out.find(before);
  if (at == std::string::npos) throw std::runtime_error("no run to undo: " + run.out);
  const std::size_t begin = at + before.size();
  return engine({"rollback", run.out.substr(begin, run.out.find('\n', begin) - begin), "--yes"},
                {});
}

bool Trial::lost_rows(const Ended& resume) {
  return resume.err.find("error[E513]") != std::string::npos ||
         resume.err.find(".rows' is damaged") != std::string::npos;
}

bool Trial::had_ended(const Ended& resume) {
  return resume.err.find("error[E514]") != std::string::npos;
}

std::uint64_t Trial::calls() const {
  std::ifstream trace(process_.path("trace"));
  std::uint64_t count = 0;
  for (std::string line; std::getline(trace, line);) ++count;
  return count;
}

std::string Trial::call(std::uint64_t number) const {
  std::ifstream trace(process_.path("trace"));
  const std::string wanted = std::to_string(number) + " ";
  for (std::string line; std::getline(trace, line);) {
    if (line.starts_with(wanted)) return line;
  }
  return wanted + "(not reached)";
}

Contents Trial::target(bool all) const {
  return target_of(world_, work(), process_.folder() / "look", all);
}

std::string Trial::end_difference(Act act) const {
  return difference(act == Act::kRollback ? before_ : after_, target(true));
}

std::string Trial::half_done() const {
  const Contents now = target(false);
  std::vector<std::vector<std::string>> units = world_.units;
  units.push_back({""});  // the definitions
  for (const std::vector<std::string>& unit : units) {
    bool is_before = true;
    bool is_after = true;
    for (const std::string& name : unit) {
      is_before = is_before && same_part(now, before_, name);
      is_after = is_after && same_part(now, after_, name);
    }
    if (!is_before && !is_after) return "half done: " + unit.front();
  }
  return {};
}

}  // namespace engine::testing
