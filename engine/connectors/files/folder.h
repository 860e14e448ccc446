#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace engine::connectors::files {

/// A file beneath a root, as it is opened and as messages name it.
struct DataFile {
  std::filesystem::path path;  ///< absolute; "-": standard input or output
  std::string label;           ///< beneath the root: "import/people.csv"
  bool is_stream() const { return label == "-"; }
};

/// What the engine keeps beneath the root of a target (FORMATS.md).
inline constexpr const char* kEngineFolder = ".engine";

/// The folder of one connection: nothing outside of it is ever opened.
class Folder {
 public:
  /// `root` is absolute.
  Folder(std::filesystem::path root, std::string label);

  const std::filesystem::path& root() const { return root_; }
  const std::string& label() const { return label_; }
  bool exists() const;

  /// The file of that path. E321 when it would lie outside of the root, by `..`, by a symbolic
  /// link or as an absolute path, or among the engine's own.
  DataFile resolve(const std::string& path) const;
  /// The files that a path or glob names, in the order of their names; `*` and `?` match within one
  /// name, and no name with a leading dot. E320 when there is none.
  std::vector<DataFile> find(const std::string& glob) const;
  /// All data files beneath the root, in the order of their names.
  std::vector<DataFile> all() const;

 private:
  void require_inside(const std::string& path) const;

  std::filesystem::path root_;
  std::string label_;
};

bool is_glob(const std::string& path);

/// The folder and those it lies in, as far as they are missing; they outlive a loss of power.
void create_folders(const std::filesystem::path& folder);

}  // namespace engine::connectors::files
