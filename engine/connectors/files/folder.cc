#include "connectors/files/folder.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;

[[noreturn]] void throw_outside(const Folder& folder, const std::string& path,
                                const std::string& why) {
  throw Error(
      Fault::kPlan, "E321",
      "file " + base::quoted(path) + " is not beneath " + base::quoted(folder.label()) + ": " + why,
      "data files lie beneath the connection's root");
}

bool lies_beneath(const fs::path& path, const fs::path& root) {
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  static_cast<void>(rest);
  return end == root.end();
}

bool name_matches(const std::string& glob, const std::string& name) {
  if (name.starts_with('.') && !glob.starts_with('.')) return false;
  return name != kEngineFolder && base::glob_match(glob, name);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    names.push_back(at->path().filename().string());
  }
  if (failed && failed != std::errc::no_such_file_or_directory &&
      failed != std::errc::not_a_directory) {
    throw Error(Fault::kRemote, "E205",
                "cannot list " + base::quoted(folder.string()) + ": " + failed.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool is_glob(const std::string& path) {
  return path.find_first_of("*?") != std::string::npos;
}

void create_folders(const fs::path& folder) {
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return;
  create_folders(folder.parent_path());
  fs::create_directory(folder, failed);
  if (failed) base::throw_system_error("create", folder, failed.value());
  base::sync_folder(folder.parent_path());
}

Folder::Folder(fs::path root, std::string label)
    : root_(std::move(root)), label_(std::move(label)) {
  if (!root_.has_filename()) root_ = root_.parent_path();
  std::error_code ignored;  // a root that is not there yet is resolved when it is
  const fs::path canonical = fs::weakly_canonical(root_, ignored);
  if (!canonical.empty()) root_ = canonical;
}

bool Folder::exists() const {
  std::error_code ignored;  // what cannot be looked at is reported by the attempt to open it
  return fs::is_directory(root_, ignored);
}

void Folder::require_inside(const std::string& path) const {
  if (path.empty()) throw_outside(*this, path, "it has no name");
  if (fs::path(path).is_absolute()) throw_outside(*this, path, "it is an absolute path");
  for (const fs::path& part : fs::path(path)) {
    if (part == "..") throw_outside(*this, path, "'..' leads out of a folder");
    if (part == kEngineFolder) throw_outside(*this, path, "the engine keeps its own files there");
  }
}

DataFile Folder::resolve(const std::string& path) const {
  if (path == "-") return {path, path};
  require_inside(path);
  const fs::path whole = (root_ / path).lexically_normal();
  std::error_code failed;
  const fs::path canonical = fs::weakly_canonical(whole, failed);
  if (failed) throw_outside(*this, path, failed.message());
  if (!lies_beneath(canonical, root_)) {
    throw_outside(*this, path, "a symbolic link leads to " + canonical.string());
  }
  return {canonical, path};
}

std::vector<DataFile> Folder::find(const std::string& glob) const {
  if (!is_glob(glob)) {
    DataFile file = resolve(glob);
    std::error_code ignored;  // what cannot be looked at is reported by the attempt to open it
    if (file.is_stream() || fs::exists(file.path, ignored)) return {std::move(file)};
    throw Error(Fault::kRemote, "E320",
                "there is no file " + base::quoted(glob) + " in " + base::quoted(label_),
                "check the path; it is relative to the connection's root, " + root_.string());
  }
  require_inside(glob);
  std::vector<std::string> found = {""};
  for (const std::string& part : base::split(glob, '/')) {
    std::vector<std::string> deeper;
    for (const std::string& folder : found) {
      for (const std::string& name : names_in(root_ / folder)) {
        if (!name_matches(part, name)) continue;
        deeper.push_back(folder.empty() ? name : folder + "/" + name);
      }
    }
    found = std::move(deeper);
  }
  std::vector<DataFile> files;
  for (const std::string& path : found) {
    if (fs::is_regular_file(root_ / path)) files.push_back(resolve(path));
  }
  if (!files.empty()) return files;
  throw Error(Fault::kRemote, "E320",
              "no file matches " + base::quoted(glob) + " in " + base::quoted(label_),
              "the folder is " + root_.string());
}

std::vector<DataFile> Folder::all() const {
  std::vector<DataFile> files;
  std::error_code failed;
  fs::recursive_directory_iterator at(root_, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file() && !at->is_symlink()) {
      files.push_back({at->path(), at->path().lexically_relative(root_).string()});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const DataFile& a, const DataFile& b) { return a.label < b.label; });
  return files;
}

}  // namespace engine::connectors::files
