#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "case_runner/case_file.h"

namespace case_runner {

/// What one command did: its streams, and the exit code a shell would show (128 + n after signal
/// n).
struct Outcome {
  std::string output;  ///< both streams as they arrived, when not run with separate ones
  std::string standard_output;
  std::string standard_error;
  int exit_code = 0;
};

/// Where the command under test and the project lie.
struct Surroundings {
  std::string engine;  ///< absolute path of the binary
  std::string source;  ///< absolute path of the project's root
};

/// The folder one case runs in. It is made by the constructor; the destructor removes it with all
/// it holds, unless KEEP is set in the environment. All failures throw std::runtime_error.
class Sandbox {
 public:
  /// `unprivileged` runs commands as the user nobody when the runner is root.
  Sandbox(const Surroundings& surroundings, bool unprivileged);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const std::string& folder() const { return folder_; }
  void set_variable(const std::string& assignment);
  void write_file(const std::string& name, std::string_view bytes);
  /// The path of a folder to be made beside the case's own, for a server of another user.
  std::string make_open_folder(const std::string& name) const;
  /// Mounts a memory file system of `size` ("256k") on a new folder. The process must be in a mount
  /// namespace of its own: see enter_mount_namespace.
  void mount_tmpfs(const std::string& size, const std::string& name);

  /// Runs `script` by /bin/sh in the folder, with an empty stdin; `timeout_s` ends it.
  Outcome run(const std::string& script, bool separate_streams, int timeout_s = 120);
  /// As run, but as the runner's own user.
  Outcome set_up(const std::string& script);

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  /// Gives all files to the unprivileged user, so that what a case wrote is its own.
  void hand_over();

 private:
  Outcome execute(const std::string& script, bool separate, bool drop, int timeout_s);
  [[noreturn]] void become_command(const std::string& script, bool drop, int out, int err) const;
  void make_binary_reachable(const std::string& engine);

  std::string root_;    ///< temporary folder; holds the case's folder and the captured streams
  std::string folder_;  ///< "<root_>/case"
  bool unprivileged_;
  std::map<std::string, std::string> environment_;
};

/// Puts this process into a mount namespace of its own, by a user namespace when it is not root.
void enter_mount_namespace();

}  // namespace case_runner
