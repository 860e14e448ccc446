#include "state/snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/row_digest.h"
#include "state/run_folder.h"

namespace engine::state {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;
using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::string_view kManifest = "snapshot.json";
constexpr std::size_t kListed = 20;
constexpr const char* kDamagedHelp = "it is not used; take another snapshot";

fs::path snapshots_of(const fs::path& state_dir) {
  return fs::absolute(state_dir).lexically_normal() / "snapshots";
}

void rename_folder(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) base::throw_system_error("create", to, errno);
  base::sync_folder(to.parent_path());
}

std::uint64_t remove_folder(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failure)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  if (!failure) fs::remove_all(folder, failure);
  if (failure) base::throw_system_error("remove", folder, failure.value());
  return bytes;
}

json table_json(const KeptTable& table) {
  return {{"table", table.table},
          {"side", side_name(table.side)},
          {"connection", table.connection},
          {"type", table.type},
          {"identity", table.identity},
          {"physical", table.physical},
          {"is_file", table.is_file},
          {"missing", table.missing},
          {"file", table.file},
          {"rows", table.rows},
          {"bytes", table.bytes},
          {"digest", table.digest},
          {"key", table.key},
          {"columns", table.columns},
          {"definition", table.definition},
          {"ledger_us", table.ledger_us}};
}

json snapshot_json(const Snapshot& snapshot) {
  json tables = json::array();
  for (const KeptTable& table : snapshot.tables) tables.push_back(table_json(table));
  return {{"id", snapshot.id},
          {"plan_file", snapshot.plan_file},
          {"plan_name", snapshot.plan_name},
          {"plan_sha256", snapshot.plan_sha256},
          {"profile", snapshot.profile},
          {"created_us", snapshot.created_us},
          {"expires_us", snapshot.expires_us},
          {"keep", snapshot.keep},
          {"tables", tables}};
}

KeptTable table_of(const json& entry) {
  KeptTable table;
  entry.at("table").get_to(table.table);
  table.side = entry.at("side").get<std::string>() == "source" ? Side::kSource : Side::kTarget;
  entry.at("connection").get_to(table.connection);
  entry.at("type").get_to(table.type);
  entry.at("identity").get_to(table.identity);
  entry.at("physical").get_to(table.physical);
  entry.at("is_file").get_to(table.is_file);
  entry.at("missing").get_to(table.missing);
  entry.at("file").get_to(table.file);
  entry.at("rows").get_to(table.rows);
  entry.at("bytes").get_to(table.bytes);
  entry.at("digest").get_to(table.digest);
  entry.at("key").get_to(table.key);
  entry.at("columns").get_to(table.columns);
  entry.at("definition").get_to(table.definition);
  entry.at("ledger_us").get_to(table.ledger_us);
  return table;
}

Snapshot snapshot_of(const json& entry) {
  Snapshot snapshot;
  entry.at("id").get_to(snapshot.id);
  entry.at("plan_file").get_to(snapshot.plan_file);
  entry.at("plan_name").get_to(snapshot.plan_name);
  entry.at("plan_sha256").get_to(snapshot.plan_sha256);
  entry.at("profile").get_to(snapshot.profile);
  entry.at("created_us").get_to(snapshot.created_us);
  entry.at("expires_us").get_to(snapshot.expires_us);
  entry.at("keep").get_to(snapshot.keep);
  for (const json& table : entry.at("tables")) snapshot.tables.push_back(table_of(table));
  return snapshot;
}

[[noreturn]] void throw_damaged(const fs::path& path, const std::string& why) {
  throw Error(Fault::kState, "E503", fmt::format("{} {}", base::quoted(path.string()), why),
              kDamagedHelp);
}

/// The digest of all rows in a finished file. Blocks verify themselves on the way.
base::TableDigest digest_of(const fs::path& path) {
  BlockReader reader(path);
  base::TableDigest digest;
  std::vector<std::size_t> columns(reader.schema()->size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  std::vector<base::Hash128> hashes;
  data::Batch batch;
  while (reader.next(batch)) {
    data::row_hashes(batch, columns, hashes);
    for (const base::Hash128& hash : hashes) digest.add(hash);
  }
  return digest;
}

/// -1: what stands there does not say.
std::int64_t created_us(const fs::path& state_dir, const std::string& id) {
  try {
    return read_snapshot(state_dir, id).created_us;
  } catch (const Error&) {
    return -1;  // whoever wants to use it is told why
  }
}

std::string listed(std::vector<std::string> ids) {
  const std::size_t left_out = ids.size() > kListed ? ids.size() - kListed : 0;
  ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(left_out));
  std::reverse(ids.begin(), ids.end());
  return base::join(ids, ", ") +
         (left_out > 0 ? fmt::format(" and {} older ones", left_out) : std::string());
}

}  // namespace

std::string_view side_name(Side side) {
  return side == Side::kSource ? "source" : "target";
}

std::uint64_t Snapshot::rows() const {
  std::uint64_t sum = 0;
  for (const KeptTable& table : tables) sum += table.rows;
  return sum;
}

std::uint64_t Snapshot::bytes() const {
  std::uint64_t sum = 0;
  for (const KeptTable& table : tables) sum += table.bytes;
  return sum;
}

SnapshotWriter::SnapshotWriter(const fs::path& state_dir, Snapshot head)
    : snapshot_(std::move(head)),
      folder_(snapshots_of(state_dir) / snapshot_.id),
      aside_(snapshots_of(state_dir) / ("." + snapshot_.id)) {
  std::error_code nothing_there;  // what cannot be removed is found when it is made
  fs::remove_all(aside_, nothing_there);
  base::make_private_folder(aside_);
}

SnapshotWriter::~SnapshotWriter() {
  rows_.reset();
  std::error_code left_for_later;  // remove_unfinished takes it away
  if (!finished_) fs::remove_all(aside_, left_for_later);
}

void SnapshotWriter::begin(KeptTable table, std::shared_ptr<const data::Schema> columns) {
  table_ = std::move(table);
  table_.file = std::to_string(snapshot_.tables.size() + 1) + ".rows";
  for (const data::Field& field : columns->fields) {
    table_.columns.push_back(field.name + " " + data::type_name(field.type) +
                             (field.nullable ? "" : " not null"));
  }
  digest_ = {};
  rows_ = std::make_unique<BlockWriter>(aside_ / table_.file, std::move(columns), Compress::kZstd);
}

void SnapshotWriter::write(const data::Batch& rows) {
  std::vector<std::size_t> columns(rows.columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  std::vector<base::Hash128> hashes;
  data::row_hashes(rows, columns, hashes);
  for (const base::Hash128& hash : hashes) digest_.add(hash);
  rows_->write(rows);
}

void SnapshotWriter::end() {
  rows_->finish(Durable::kYes);
  table_.rows = rows_->rows();
  table_.bytes = rows_->bytes();
  table_.digest = digest_.text();
  rows_.reset();
  const base::TableDigest kept = digest_of(aside_ / table_.file);
  if (!(kept == digest_)) {
    throw Error(Fault::kState, "E521",
                fmt::format("the snapshot of {} could not be verified: written {}, read back {}",
                            table_.physical, table_.digest, kept.text()),
                "nothing was changed; look at the disk of the state folder");
  }
  snapshot_.tables.push_back(std::move(table_));
}

void SnapshotWriter::add_missing(KeptTable table) {
  table.missing = true;
  snapshot_.tables.push_back(std::move(table));
}

std::uint64_t SnapshotWriter::bytes() const {
  return snapshot_.bytes() + (rows_ ? rows_->bytes() : 0);
}

Snapshot SnapshotWriter::finish() {
  const json content = snapshot_json(snapshot_);
  const json whole = {{"version", kVersion},
                      {"digest", base::hex(base::hash128(content.dump()))},
                      {"snapshot", content}};
  base::write_file_atomically(aside_ / kManifest, whole.dump(2) + "\n");
  base::sync_folder(aside_);
  rename_folder(aside_, folder_);
  finished_ = true;
  return snapshot_;
}

fs::path snapshot_folder(const fs::path& state_dir, const std::string& id) {
  return snapshots_of(state_dir) / id;
}

// An id tells the second alone. What does not say when it was taken comes first.
std::vector<std::string> snapshot_ids(const fs::path& state_dir) {
  std::vector<std::pair<std::int64_t, std::string>> timed;
  for (std::string& id : ids_in(snapshots_of(state_dir))) {
    timed.emplace_back(created_us(state_dir, id), std::move(id));
  }
  std::sort(timed.begin(), timed.end());
  std::vector<std::string> ids;
  for (auto& [created, id] : timed) ids.push_back(std::move(id));
  return ids;
}

Snapshot read_snapshot(const fs::path& state_dir, const std::string& id) {
  const fs::path path = snapshot_folder(state_dir, id) / kManifest;
  if (!fs::exists(path)) throw_damaged(path, "is missing: this is no snapshot");
  const json whole = json::parse(base::read_file(path), nullptr, false);
  if (!whole.is_object() || !whole.contains("version") || !whole["version"].is_number_integer()) {
    throw_damaged(path, "is damaged, or was not written by the engine");
  }
  if (whole["version"] > kVersion) {
    throw Error(Fault::kState, "E504",
                fmt::format("{} has format {}, this version reads up to {}",
                            base::quoted(path.string()), whole["version"].get<int>(), kVersion),
                "use the version of the engine that wrote it");
  }
  try {
    const json& content = whole.at("snapshot");
    if (whole.at("digest") != base::hex(base::hash128(content.dump()))) {
      throw_damaged(path, "was changed: its digest is another one");
    }
    Snapshot snapshot = snapshot_of(content);
    if (snapshot.id != id) throw_damaged(path, "belongs to the snapshot " + snapshot.id);
    return snapshot;
  } catch (const json::exception&) {
    throw_damaged(path, "is damaged, or was not written by the engine");
  }
}

std::string find_snapshot(const fs::path& state_dir, std::string_view text) {
  const auto ids = snapshot_ids(state_dir);
  if (text == "latest" && !ids.empty()) return ids.back();
  std::vector<std::string> found;
  for (const std::string& id : ids) {
    if (!text.empty() && may_mean(id, text)) found.push_back(id);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    throw Error(Fault::kState, "E520", base::quoted(text) + " fits several snapshots",
                "name one of: " + listed(found));
  }
  throw Error(Fault::kState, "E520",
              fmt::format("there is no snapshot {} in {}", base::quoted(text),
                          base::quoted(snapshots_of(state_dir).string())),
              ids.empty() ? "there is no snapshot there at all; what runs changed is undone with "
                            "'engine rollback RUN'"
                          : "snapshots there: " + listed(ids));
}

void verify_table(const fs::path& folder, const KeptTable& table) {
  if (table.missing) return;
  const fs::path path = folder / table.file;
  try {
    if (!fs::exists(path)) throw_damaged(path, "is gone");
    const base::TableDigest digest = digest_of(path);
    if (digest.text() != table.digest) {
      throw_damaged(path, "holds " + digest.text() + ", noted was " + table.digest);
    }
  } catch (const Error& error) {
    Error damaged(error.fault(), error.code(), error.message(), kDamagedHelp);
    throw damaged.in("the copy of " + table.table + ", " + std::string(side_name(table.side)));
  }
}

void verify_folder(const fs::path& folder, const Snapshot& snapshot) {
  std::set<std::string> known = {std::string(kManifest)};
  for (const KeptTable& table : snapshot.tables) known.insert(table.file);
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!known.contains(name)) throw_damaged(entry.path(), "is no part of the snapshot");
  }
  if (failure) throw_damaged(folder, "cannot be read: " + failure.message());
}

std::uint64_t remove_snapshot(const fs::path& state_dir, const std::string& id) {
  const fs::path aside = snapshots_of(state_dir) / ("." + id);
  std::error_code nothing_there;  // what cannot be removed keeps the name from being taken
  fs::remove_all(aside, nothing_there);
  rename_folder(snapshot_folder(state_dir, id), aside);
  return remove_folder(aside);
}

void remove_unfinished(const fs::path& state_dir,
                       const std::function<bool(const std::string& id)>& alive) {
  std::vector<fs::path> aside;
  std::error_code nothing_there;  // no folder: nothing is left in it
  for (const auto& entry : fs::directory_iterator(snapshots_of(state_dir), nothing_there)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') && is_run_id(name.substr(1)) && !alive(name.substr(1))) {
      aside.push_back(entry.path());
    }
  }
  for (const fs::path& path : aside) remove_folder(path);
}

}  // namespace engine::state
