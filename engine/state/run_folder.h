#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine::state {

/// A new run's id: the UTC second and eight random digits, "20261121-160722-7f3a91c2". Ids sort by
/// time.
std::string new_run_id(std::int64_t now_us);

/// True for what new_run_id() gives.
bool is_run_id(std::string_view text);
/// True when a user who writes `text` may mean this id: a start of it, or its last eight digits.
bool may_mean(std::string_view id, std::string_view text);
/// The names of entries of a folder that are ids, oldest first. None when there is no such folder;
/// E205 when it cannot be read.
std::vector<std::string> ids_in(const std::filesystem::path& folder);

/// Makes `<state dir>/runs` with the `.gitignore` that keeps it out of repositories. Folders are
/// 0700. Errors: E505 that names --state, E208.
void prepare_state_dir(const std::filesystem::path& state_dir);

/// Where one run keeps what it leaves behind (reports, staged rows) and what it does not (scratch).
/// Folders 0700, files 0600.
class RunFolder {
 public:
  /// Makes `<state dir>/runs/<run id>` with its scratch folder; the run's folder must be new.
  /// Errors: E505 that names --state, E208.
  static RunFolder create(const std::filesystem::path& state_dir, const std::string& run_id);
  /// A folder that resolve_run gave.
  static RunFolder open(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::string run_id() const { return path_.filename().string(); }
  std::filesystem::path state_dir() const { return path_.parent_path().parent_path(); }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }
  /// Made again when it is missing (a resumed run).
  std::filesystem::path scratch() const;
  /// Staged rows of a table: "<run>/staged/<table>.<stage>.rows". Names of tables are escaped.
  std::filesystem::path staged(std::string_view table, std::string_view stage) const;
  /// Rows of a table that may not pass: "<run>/rejects/<table>.ndjson". Makes no folder.
  std::filesystem::path rejects(std::string_view table) const;

  /// The map of new ids: "<run>/id_map/<name>.csv.zst", and a table's part of it before the end.
  std::filesystem::path id_map(std::string_view name) const;
  std::filesystem::path id_map_part(std::string_view name, std::size_t table) const;

  /// Lets `<state dir>/latest` and `<state dir>/runs/latest` point here, each in one step.
  void point_latest() const;
  /// Deletes the scratch folder and all in it.
  void remove_scratch() const;
  /// Deletes the staged rows, with which the run could have gone on.
  void remove_staged() const;

 private:
  explicit RunFolder(std::filesystem::path path);
  std::filesystem::path path_;
};

/// The ids of the runs that have a folder, oldest first. Empty when there is no state folder.
std::vector<std::string> run_ids(const std::filesystem::path& state_dir);

/// The folder of the run that a user names: an id, a unique start of one, its last eight digits,
/// `latest`, or the path of a run folder. None, or several: kState E502 that lists what there is.
std::filesystem::path resolve_run(const std::filesystem::path& state_dir, std::string_view text);

}  // namespace engine::state
