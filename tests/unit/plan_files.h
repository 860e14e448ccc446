#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "connectors/declared.h"
#include "plan/reader.h"
#include "stages/checks/declared.h"

namespace engine::plan {

inline Registry whole_registry() {
  return {.connectors = connectors::declared_connectors(), .checks = stages::declared_checks()};
}

/// A folder of its own for the plan files of one test.
class PlanFolder {
 public:
  PlanFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "plan-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  PlanFolder(const PlanFolder&) = delete;
  PlanFolder& operator=(const PlanFolder&) = delete;
  ~PlanFolder() { std::filesystem::remove_all(path_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A plan that was read, with its mistakes in order.
struct PlanRead {
  std::optional<Plan> plan;
  base::Diagnostics diagnostics;

  /// "line:column+length code message | help"
  std::vector<std::string> mistakes() const {
    std::vector<std::string> out;
    for (const base::Diagnostic& one : diagnostics.all()) {
      out.push_back(fmt::format("{}:{}+{} {} {} | {}", one.span.line, one.span.column,
                                one.span.length, one.code, one.message, one.help));
    }
    return out;
  }
  std::string codes() const {
    std::string out;
    for (const base::Diagnostic& one : diagnostics.all()) out += one.code + " ";
    return out;
  }
};

inline PlanRead read_whole(const std::string& file, const ReadOptions& options = {}) {
  PlanRead out;
  out.plan = read_plan(file, whole_registry(), options, out.diagnostics);
  out.diagnostics.sort();
  return out;
}

}  // namespace engine::plan
