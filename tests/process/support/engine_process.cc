#include "process/support/engine_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace engine::testing {
namespace {

constexpr unsigned kPatienceSeconds = 120;

/// In memory where there is such a folder: hundreds of runs, each with its synced commits.
std::filesystem::path base_folder() {
  const std::filesystem::path memory = "/dev/shm";
  if (::access(memory.c_str(), W_OK) == 0) return memory;
  return std::filesystem::temp_directory_path();
}

std::string binary() {
  const char* const named = std::getenv("ENGINE_BINARY");
  if (named == nullptr) throw std::runtime_error("ENGINE_BINARY does not name the program");
  return named;
}

void redirect(const std::string& file, int descriptor) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(125);
}

}  // namespace

EngineProcess::EngineProcess() {
  std::string name = (base_folder() / "engine_process.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
}

EngineProcess::~EngineProcess() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void EngineProcess::write(const std::string& name, const std::string& text) const {
  std::ofstream file(folder_ / name, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path(name));
}

std::string EngineProcess::read(const std::string& name) const {
  std::ifstream file(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Ended EngineProcess::run(const std::vector<std::string>& arguments,
                         const Surroundings& around) const {
  return wait(start(arguments, "run", around), "run");
}

pid_t EngineProcess::start(const std::vector<std::string>& arguments, const std::string& label,
                           const Surroundings& around) const {
  const std::string program = binary();
  const std::string out = path(label + ".out");
  const std::string err = path(label + ".err");
  std::vector<char*> words = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  const pid_t process = ::fork();
  if (process < 0) throw std::runtime_error("cannot fork");
  if (process > 0) return process;
  redirect("/dev/null", STDIN_FILENO);
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  if (::chdir(path(around.folder).c_str()) != 0) ::_exit(125);
  for (const std::string& one : around.environment) ::putenv(const_cast<char*>(one.c_str()));
  ::alarm(kPatienceSeconds);
  ::execv(program.c_str(), words.data());
  ::_exit(125);
}

Ended EngineProcess::wait(pid_t process, const std::string& label) const {
  int status = 0;
  rusage usage = {};
  while (::wait4(process, &status, 0, &usage) < 0) {
    if (errno != EINTR) throw std::runtime_error("cannot wait for the program");
  }
  Ended ended;
  ended.peak_kib = usage.ru_maxrss;
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  ended.out = read(label + ".out");
  ended.err = read(label + ".err");
  return ended;
}

}  // namespace engine::testing
