#include "process/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <vector>

namespace engine::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kPatienceSeconds = 60;
constexpr const char* kFolderOfVersions = "/usr/lib/postgresql";

fs::path program(const std::string& name) {
  std::vector<fs::path> versions;
  std::error_code ignored;  // without the folder there is no version, which is said below
  for (const auto& entry : fs::directory_iterator(kFolderOfVersions, ignored)) {
    if (fs::exists(entry.path() / "bin" / name)) versions.push_back(entry.path());
  }
  if (versions.empty()) throw std::runtime_error("no " + name + ": install postgresql-15");
  return *std::max_element(versions.begin(), versions.end()) / "bin" / name;
}

const ::passwd* unprivileged() {
  if (::geteuid() != 0) return nullptr;
  const ::passwd* const user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

/// In a child: never returns.
[[noreturn]] void become(const std::vector<std::string>& command, const fs::path& folder,
                         const fs::path& log, bool drop) {
  const ::passwd* const user = drop ? unprivileged() : nullptr;
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                          ::setuid(user->pw_uid) != 0)) {
    ::_exit(125);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after the change of user, which forgets it
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0 ||
      ::chdir(folder.c_str()) != 0) {
    ::_exit(125);
  }
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(125);
}

pid_t start_process(const std::vector<std::string>& command, const fs::path& folder,
                    const fs::path& log, bool drop) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become(command, folder, log, drop);
  return child;
}

std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string run_process(const std::vector<std::string>& command, const fs::path& folder,
                        const std::string& log, bool drop) {
  const fs::path output = folder / log;
  const pid_t child = start_process(command, folder, output, drop);
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::string printed = read_whole(output);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return printed;
  throw std::runtime_error(command[0] + " failed: " + printed);
}

}  // namespace

PostgresServer::PostgresServer(const fs::path& folder, Syncs syncs) : folder_(folder) {
  make_data();
  start(syncs);
}

void PostgresServer::make_data() {
  fs::create_directories(folder_);
  if (const ::passwd* const user = unprivileged()) {
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("cannot give away " + folder_.string());
    }
  }
  run_process({program("initdb").string(), "-D", (folder_ / "data").string(), "-U", user(), "-A",
               "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
              folder_, "initdb.log", true);
}

void PostgresServer::start(Syncs syncs) {
  process_ = start_process(
      {program("postgres").string(), "-D", (folder_ / "data").string(), "-k", folder_.string(),
       "-p", "5432", "-c", "listen_addresses=", "-c",
       syncs == Syncs::kAlways ? "fsync=on" : "fsync=off", "-c", "max_connections=200"},
      folder_, folder_ / "server.log", true);
  try {
    wait_until_ready();
  } catch (...) {
    ::kill(process_, SIGQUIT);
    ::waitpid(process_, nullptr, 0);
    throw;
  }
}

void PostgresServer::wait_until_ready() const {
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < std::chrono::seconds(kPatienceSeconds)) {
    if (read_whole(folder_ / "server.log").find("ready to accept") != std::string::npos) return;
    if (::waitpid(process_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("the server does not start: " + read_whole(folder_ / "server.log"));
}

PostgresServer::~PostgresServer() {
  ::kill(process_, SIGQUIT);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;  // a folder that stays behind fails no test
  fs::remove_all(folder_, ignored);
}

std::string PostgresServer::sql(const std::string& database, const std::string& text) const {
  return run_process({"/usr/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", host(), "-p", "5432",
                      "-U", user(), "-d", database, "-c", text},
                     folder_, "psql.log", false);
}

}  // namespace engine::testing
