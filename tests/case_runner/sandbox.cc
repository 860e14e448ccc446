#include "case_runner/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace case_runner {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;
constexpr gid_t kNogroup = 65534;

// What a command inherits from the runner; all else is set, so that a case means the same anywhere.
constexpr std::array<const char*, 4> kInherited = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                                                   "LSAN_OPTIONS"};

[[noreturn]] void fail(std::string_view what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int open_capture(const std::string& path) {
  const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) fail("cannot capture output in " + path);
  return fd;
}

void write_proc(const char* path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.flush();
  if (!out) fail(std::string("cannot write ") + path);
}

// Waits for `child`, the leader of its own process group; ends the whole group after `timeout_s`.
// The poll is coarse at the end only: most commands take milliseconds.
int wait_with_timeout(pid_t child, int timeout_s) {
  const auto start = std::chrono::steady_clock::now();
  auto pause = std::chrono::microseconds(500);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(timeout_s)) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      throw std::runtime_error(fmt::format("still running after {} s; killed", timeout_s));
    }
    std::this_thread::sleep_for(pause);
    if (pause < std::chrono::milliseconds(10)) pause *= 2;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Sandbox::Sandbox(const Surroundings& surroundings, bool unprivileged)
    : unprivileged_(unprivileged && geteuid() == 0) {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/engine-case-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) fail("cannot make " + pattern);
  root_ = fs::canonical(pattern);
  folder_ = root_ + "/case";
  fs::create_directory(folder_);
  environment_ = {{"HOME", folder_},
                  {"TMPDIR", root_},
                  {"LC_ALL", "C.UTF-8"},
                  {"TZ", "UTC"},
                  {"SOURCE", surroundings.source},
                  {"PATH", fs::path(surroundings.engine).parent_path().string() +
                               ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}};
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name); value != nullptr) environment_[name] = value;
  }
  if (unprivileged_) make_binary_reachable(surroundings.engine);
}

Sandbox::~Sandbox() {
  if (std::getenv("KEEP") != nullptr) {
    fmt::print("kept {}\n", folder_);
    return;
  }
  std::error_code ignored;  // a case may leave what cannot be removed, and that is no failure of it
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    umount2(entry.path().c_str(), MNT_DETACH);
  }
  fs::remove_all(root_, ignored);
}

// The build folder may lie below a home that another user cannot enter.
void Sandbox::make_binary_reachable(const std::string& engine) {
  const std::string bin = root_ + "/bin";
  fs::create_directory(bin);
  fs::copy_file(engine, bin + "/engine");
  environment_["PATH"] = bin + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  if (chmod(root_.c_str(), 0755) != 0) fail("cannot open " + root_);
  hand_over();
}

void Sandbox::hand_over() {
  if (!unprivileged_) return;
  if (lchown(folder_.c_str(), kNobody, kNogroup) != 0) fail("cannot hand over " + folder_);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_)) {
    if (lchown(entry.path().c_str(), kNobody, kNogroup) != 0) fail("cannot hand over a file");
  }
}

void Sandbox::set_variable(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) throw std::runtime_error("env wants NAME=VALUE");
  environment_[assignment.substr(0, equals)] = assignment.substr(equals + 1);
}

void Sandbox::write_file(const std::string& name, std::string_view bytes) {
  const fs::path target = path(name);
  fs::create_directories(target.parent_path());
  std::ofstream out(target, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail("cannot write " + target.string());
  hand_over();
}

std::string Sandbox::make_open_folder(const std::string& name) const {
  if (chmod(root_.c_str(), 0755) != 0) fail("cannot open " + root_);
  return root_ + "/" + name;
}

void Sandbox::mount_tmpfs(const std::string& size, const std::string& name) {
  const std::string target = path(name);
  fs::create_directories(target);
  const std::string options = "mode=0777,size=" + size;
  if (mount("tmpfs", target.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    fail("cannot mount a memory file system (root, or user namespaces, are needed)");
  }
}

Outcome Sandbox::run(const std::string& script, bool separate_streams, int timeout_s) {
  return execute(script, separate_streams, unprivileged_, timeout_s);
}

Outcome Sandbox::set_up(const std::string& script) {
  return execute(script, false, false, 120);
}

Outcome Sandbox::execute(const std::string& script, bool separate, bool drop, int timeout_s) {
  const std::string out_path = root_ + "/stdout";
  const std::string err_path = root_ + "/stderr";
  const int out = open_capture(out_path);
  const int err = separate ? open_capture(err_path) : out;
  const pid_t child = fork();
  if (child < 0) fail("cannot fork");
  if (child == 0) become_command(script, drop, out, err);
  Outcome outcome;
  close(out);
  if (separate) close(err);
  outcome.exit_code = wait_with_timeout(child, timeout_s);
  if (separate) {
    outcome.standard_output = read_whole(out_path);
    outcome.standard_error = read_whole(err_path);
  } else {
    outcome.output = read_whole(out_path);
  }
  return outcome;
}

// In the child: never returns. 126 tells the parent that the command could not even start.
void Sandbox::become_command(const std::string& script, bool drop, int out, int err) const {
  setpgid(0, 0);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir(folder_.c_str()) != 0) {
    _exit(126);
  }
  if (drop && (setgid(kNogroup) != 0 || setuid(kNobody) != 0)) _exit(126);
  umask(022);
  std::vector<std::string> assignments;
  for (const auto& [name, value] : environment_) assignments.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& assignment : assignments) envp.push_back(assignment.data());
  envp.push_back(nullptr);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string text = script;
  std::array<char*, 4> argv = {shell.data(), flag.data(), text.data(), nullptr};
  execve("/bin/sh", argv.data(), envp.data());
  _exit(126);
}

void enter_mount_namespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  const int flags = user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
  if (unshare(flags) != 0) fail("cannot have a mount namespace of its own (root is needed here)");
  if (user != 0) {
    write_proc("/proc/self/setgroups", "deny");
    write_proc("/proc/self/uid_map", fmt::format("0 {} 1", user));
    write_proc("/proc/self/gid_map", fmt::format("0 {} 1", group));
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    fail("cannot make mounts private");
  }
}

}  // namespace case_runner
