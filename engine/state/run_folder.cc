#include "state/run_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

namespace engine::state {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRuns = "runs";
constexpr std::string_view kLatest = "latest";
constexpr std::size_t kListedRuns = 20;

/// Runs what makes folders; a refusal says which option chooses another place.
template <typename Make>
void naming_state_option(Make&& make) {
  try {
    make();
  } catch (const base::Error& error) {
    if (error.code() != "E505") throw;
    throw base::Error(error.fault(), error.code(), error.message(),
                      "the engine keeps its runs there; name a folder that can be written with "
                      "--state DIR");
  }
}

void make_new_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) base::throw_system_error("create the folder", path, errno);
  base::sync_folder(path.parent_path());
}

/// A symbolic link replaced in one step: readers see the old one or the new one.
void replace_link(const fs::path& link, const fs::path& to) {
  const auto aside = link.parent_path() / fmt::format(".latest.{}", base::random_hex(8));
  if (::symlink(to.c_str(), aside.c_str()) != 0) base::throw_system_error("create", aside, errno);
  if (::rename(aside.c_str(), link.c_str()) != 0) {
    const int failure = errno;
    ::unlink(aside.c_str());
    base::throw_system_error("replace", link, failure);
  }
}

std::string listed(std::vector<std::string> ids) {
  const std::size_t left_out = ids.size() > kListedRuns ? ids.size() - kListedRuns : 0;
  ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(left_out));
  std::reverse(ids.begin(), ids.end());
  const std::string more = left_out > 0 ? fmt::format(" and {} older ones", left_out) : "";
  return base::join(ids, ", ") + more;
}

[[noreturn]] void throw_not_found(const fs::path& state_dir, std::string_view text) {
  const auto ids = run_ids(state_dir);
  throw base::Error(
      base::Fault::kState, "E502",
      fmt::format("there is no run {} in {}", base::quoted(text), base::quoted(state_dir.string())),
      ids.empty() ? "there is no run there at all; name its folder with --state DIR, "
                    "or its plan with --plan PLAN"
                  : "runs there: " + listed(ids));
}

fs::path resolve_path(const fs::path& path, std::string_view text) {
  std::error_code failure;
  const auto real = fs::canonical(path, failure);
  if (failure || !is_run_id(real.filename().string())) {
    throw base::Error(base::Fault::kState, "E502",
                      fmt::format("{} is no run folder", base::quoted(text)),
                      "name the folder of one run, such as .engine/runs/20260131-120000-7f3a91c2");
  }
  return real;
}

/// Table names as file names: what is not a letter, digit, '-' or '_' becomes %XX.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0 || letter == '-' || letter == '_') {
      out.push_back(letter);
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace

bool is_run_id(std::string_view name) {
  constexpr std::string_view kForm = "dddddddd-dddddd-xxxxxxxx";
  if (name.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto letter = static_cast<unsigned char>(name[i]);
    if (kForm[i] == '-' ? letter != '-' : std::isxdigit(letter) == 0) return false;
  }
  return true;
}

bool may_mean(std::string_view id, std::string_view text) {
  return id.starts_with(text) || id.substr(id.rfind('-') + 1) == text;
}

std::string new_run_id(std::int64_t now_us) {
  // iso_utc gives "2026-01-31T12:00:00Z" for whole seconds.
  const std::string iso = base::iso_utc(now_us - now_us % 1000000);
  return fmt::format("{}{}{}-{}{}{}-{}", iso.substr(0, 4), iso.substr(5, 2), iso.substr(8, 2),
                     iso.substr(11, 2), iso.substr(14, 2), iso.substr(17, 2), base::random_hex(8));
}

void prepare_state_dir(const fs::path& state_dir) {
  naming_state_option([&] {
    base::make_private_folder(state_dir / kRuns);
    if (const auto ignore = state_dir / ".gitignore"; !fs::exists(ignore)) {
      base::write_file_atomically(ignore, "*\n");
    }
  });
}

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {}

RunFolder RunFolder::create(const fs::path& state_dir, const std::string& run_id) {
  prepare_state_dir(state_dir);
  RunFolder folder(fs::absolute(state_dir).lexically_normal() / kRuns / run_id);
  naming_state_option([&] {
    make_new_folder(folder.path_);
    make_new_folder(folder.path_ / "scratch");
  });
  return folder;
}

RunFolder RunFolder::open(fs::path path) {
  return RunFolder(std::move(path));
}

fs::path RunFolder::scratch() const {
  auto folder = path_ / "scratch";
  base::make_private_folder(folder);
  return folder;
}

fs::path RunFolder::staged(std::string_view table, std::string_view stage) const {
  const auto folder = path_ / "staged";
  base::make_private_folder(folder);
  return folder / fmt::format("{}.{}.rows", escaped(table), stage);
}

fs::path RunFolder::rejects(std::string_view table) const {
  return path_ / "rejects" / fmt::format("{}.ndjson", escaped(table));
}

fs::path RunFolder::id_map(std::string_view name) const {
  return path_ / "id_map" / (escaped(name) + ".csv.zst");
}

fs::path RunFolder::id_map_part(std::string_view name, std::size_t table) const {
  return path_ / "id_map" / fmt::format("{}.{}.part", escaped(name), table);
}

void RunFolder::point_latest() const {
  const auto runs = path_.parent_path();
  replace_link(runs / kLatest, path_.filename());
  replace_link(runs.parent_path() / kLatest, fs::path(kRuns) / path_.filename());
}

void RunFolder::remove_scratch() const {
  std::error_code failure;
  fs::remove_all(path_ / "scratch", failure);
  if (failure) base::throw_system_error("remove", path_ / "scratch", failure.value());
}

void RunFolder::remove_staged() const {
  std::error_code failure;
  fs::remove_all(path_ / "staged", failure);
  if (failure) base::throw_system_error("remove", path_ / "staged", failure.value());
}

std::vector<std::string> ids_in(const fs::path& folder) {
  std::vector<std::string> ids;
  std::error_code failure;
  fs::directory_iterator entries(folder, failure);
  if (failure == std::errc::no_such_file_or_directory) return ids;
  if (failure) {
    throw base::Error(
        base::Fault::kRemote, "E205",
        fmt::format("cannot read {}: {}", base::quoted(folder.string()), failure.message()));
  }
  for (const auto& entry : entries) {
    auto name = entry.path().filename().string();
    if (is_run_id(name)) ids.push_back(std::move(name));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> run_ids(const fs::path& state_dir) {
  return ids_in(state_dir / kRuns);
}

fs::path resolve_run(const fs::path& state_dir, std::string_view text) {
  if (text.find('/') != std::string_view::npos) return resolve_path(fs::path(text), text);
  std::error_code failure;
  if (text == kLatest) {
    auto real = fs::canonical(state_dir / kLatest, failure);
    if (failure) throw_not_found(state_dir, text);
    return real;
  }
  std::vector<std::string> found;
  for (const auto& id : run_ids(state_dir)) {
    if (!text.empty() && may_mean(id, text)) found.push_back(id);
  }
  if (found.empty()) throw_not_found(state_dir, text);
  if (found.size() > 1) {
    throw base::Error(base::Fault::kState, "E502",
                      fmt::format("{} could be {} runs", base::quoted(text), found.size()),
                      "give more of the id: " + listed(found));
  }
  return fs::canonical(state_dir / kRuns / found.front(), failure);
}

}  // namespace engine::state
