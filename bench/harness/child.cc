#include "harness/child.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

std::runtime_error system_failure(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

std::vector<char*> argument_list(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

// Only async-signal-safe calls: between fork and exec.
[[noreturn]] void exec_with_output(char* const* arguments, const char* log) {
  const int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out >= 0 && in >= 0) {
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(arguments[0], arguments);
  }
  _exit(127);
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Ended {
  Usage usage;
  int status = 0;
};

Ended reap(pid_t child, Clock::time_point start) {
  Ended ended;
  rusage used{};
  while (wait4(child, &ended.status, 0, &used) < 0) {
    if (errno != EINTR) throw system_failure("cannot wait for a child");
  }
  ended.usage.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ended.usage.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  ended.usage.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  return ended;
}

std::string end_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr std::size_t kShown = 4000;
  return text.size() <= kShown ? text : text.substr(text.size() - kShown);
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

Usage run_command(const std::vector<std::string>& words, const std::string& log) {
  const std::vector<char*> arguments = argument_list(words);
  const auto start = Clock::now();
  const pid_t child = fork();
  if (child < 0) throw system_failure("cannot fork");
  if (child == 0) exec_with_output(arguments.data(), log.c_str());
  const Ended ended = reap(child, start);
  if (!WIFEXITED(ended.status) || WEXITSTATUS(ended.status) != 0) {
    const int code = WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : 128;
    throw std::runtime_error(joined(words) + " ended with " + std::to_string(code) + ":\n" +
                             end_of_file(log));
  }
  return ended.usage;
}

Usage run_forked(const std::function<void()>& body) {
  std::fflush(nullptr);
  const auto start = Clock::now();
  const pid_t child = fork();
  if (child < 0) throw system_failure("cannot fork");
  if (child == 0) {
    try {
      body();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "error: %s\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  const Ended ended = reap(child, start);
  if (!WIFEXITED(ended.status) || WEXITSTATUS(ended.status) != 0) {
    throw std::runtime_error("a step of this benchmark failed");
  }
  return ended.usage;
}

std::string output_of(const std::vector<std::string>& words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw system_failure("cannot make a pipe");
  const std::vector<char*> arguments = argument_list(words);
  const pid_t child = fork();
  if (child < 0) throw system_failure("cannot fork");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  std::string text;
  char block[4096];
  for (ssize_t got = 0; (got = read(ends[0], block, sizeof block)) > 0;) {
    if (text.size() < 65536) text.append(block, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  reap(child, Clock::now());
  return text;
}

}  // namespace bench
