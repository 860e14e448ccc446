#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace engine::testing {

/// How a process ended: its exit code, or minus the signal that ended it.
struct Ended {
  int code = 0;
  std::int64_t peak_kib = 0;  ///< of resident memory, as the system saw it
  std::string out;            ///< stdout
  std::string err;
};

/// What a process finds around itself, besides what the test itself has.
struct Surroundings {
  std::string folder;                    ///< within the folder of the process; made before
  std::vector<std::string> environment;  ///< "NAME=value"
};

/// The engine's own program (ENGINE_BINARY), started in a folder of its own with a plan, a source
/// and a target. The folder goes with its owner.
class EngineProcess {
 public:
  EngineProcess();
  ~EngineProcess();
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

  /// Runs to the end; a process that takes longer than two minutes is killed.
  Ended run(const std::vector<std::string>& arguments, const Surroundings& around = {}) const;

  /// Starts without waiting; `label` tells its output from that of others. Each is to be waited
  /// for.
  pid_t start(const std::vector<std::string>& arguments, const std::string& label,
              const Surroundings& around = {}) const;
  Ended wait(pid_t process, const std::string& label) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace engine::testing
