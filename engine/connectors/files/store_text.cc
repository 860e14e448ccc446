#include "connectors/files/store_text.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

#include "base/error.h"

namespace engine::connectors::files {
namespace {

using Json = nlohmann::json;
using base::Error;
using base::Fault;

constexpr int kVersion = 1;

Json hash_json(const base::Hash128& hash) {
  return base::hex(hash);
}

std::uint64_t from_hex(std::string_view digits) {
  std::uint64_t value = 0;
  const auto end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, 16);
  if (result.ec != std::errc() || result.ptr != end) throw std::runtime_error("a hash");
  return value;
}

Json digest_json(const std::optional<FileDigest>& digest) {
  if (!digest) return nullptr;
  return {{"size", digest->size}, {"hash", hash_json(digest->hash)}};
}

std::optional<FileDigest> digest_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const auto text = json.at("hash").get<std::string>();
  if (text.size() != 32) throw std::runtime_error("a hash");
  return FileDigest{json.at("size").get<std::uint64_t>(),
                    {from_hex(text.substr(0, 16)), from_hex(text.substr(16))}};
}

Json entry_json(const FileEntry& entry) {
  const connect::LedgerRow& row = entry.row;
  return {{"version", kVersion},
          {"run_id", row.run_id},
          {"step", row.step},
          {"chunk", row.chunk},
          {"epoch", row.epoch},
          {"plan_sha256", row.plan_sha256},
          {"table_name", row.table},
          {"inserted", row.inserted},
          {"updated", row.updated},
          {"deleted", row.deleted},
          {"created", row.created},
          {"after_digest", row.after_digest},
          {"watermark", row.watermark},
          {"committed_us", row.committed_us},
          {"path", entry.path},
          {"before", digest_json(entry.before)},
          {"after", digest_json(entry.after)},
          {"undo", entry.undo}};
}

void require_version(const Json& json) {
  const auto version = json.at("version").get<int>();
  if (version == kVersion) return;
  throw Error(Fault::kState, "E504",
              "a file of the engine beneath the target is of version " + std::to_string(version) +
                  ", this program reads version " + std::to_string(kVersion));
}

FileEntry entry_from(const Json& json) {
  require_version(json);
  FileEntry entry;
  connect::LedgerRow& row = entry.row;
  json.at("run_id").get_to(row.run_id);
  json.at("step").get_to(row.step);
  json.at("chunk").get_to(row.chunk);
  json.at("epoch").get_to(row.epoch);
  json.at("plan_sha256").get_to(row.plan_sha256);
  json.at("table_name").get_to(row.table);
  json.at("inserted").get_to(row.inserted);
  json.at("updated").get_to(row.updated);
  json.at("deleted").get_to(row.deleted);
  json.at("created").get_to(row.created);
  json.at("after_digest").get_to(row.after_digest);
  json.at("watermark").get_to(row.watermark);
  json.at("committed_us").get_to(row.committed_us);
  json.at("path").get_to(entry.path);
  json.at("undo").get_to(entry.undo);
  entry.before = digest_from(json.at("before"));
  entry.after = digest_from(json.at("after"));
  return entry;
}

/// Reads a text with `take`; whatever is wrong with it is one error.
template <typename Take>
auto read(std::string_view text, const char* what, const Take& take) {
  try {
    return take(Json::parse(text));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& problem) {
    throw Error(Fault::kState, "E503",
                std::string(what) + " beneath the target is damaged: " + problem.what(),
                "restore the folder .engine of the target from a copy");
  }
}

}  // namespace

std::string lock_text(const connect::LockRow& lock) {
  const Json json = {{"version", kVersion},
                     {"scope", lock.scope},
                     {"epoch", lock.epoch},
                     {"run_id", lock.run_id},
                     {"owner", lock.owner},
                     {"lock_id", lock.lock_id},
                     {"lease_until_us", lock.lease_until_us},
                     {"since_us", lock.since_us},
                     {"state", lock.state}};
  return json.dump(1) + "\n";
}

connect::LockRow read_lock(std::string_view text) {
  return read(text, "the lock", [](const Json& json) {
    require_version(json);
    connect::LockRow lock;
    json.at("scope").get_to(lock.scope);
    json.at("epoch").get_to(lock.epoch);
    json.at("run_id").get_to(lock.run_id);
    json.at("owner").get_to(lock.owner);
    json.at("lock_id").get_to(lock.lock_id);
    json.at("lease_until_us").get_to(lock.lease_until_us);
    json.at("since_us").get_to(lock.since_us);
    json.at("state").get_to(lock.state);
    return lock;
  });
}

std::string entry_text(const FileEntry& entry) {
  return entry_json(entry).dump() + "\n";
}

FileEntry read_entry(std::string_view text) {
  return read(text, "the ledger", [](const Json& json) { return entry_from(json); });
}

std::string intent_text(const Intent& intent) {
  Json moves = Json::array();
  for (const FileMove& move : intent.moves) {
    moves.push_back({{"path", move.path}, {"staged", move.staged}});
  }
  Json entries = Json::array();
  for (const FileEntry& entry : intent.entries) entries.push_back(entry_json(entry));
  return Json{{"version", kVersion}, {"moves", moves}, {"entries", entries}}.dump(1) + "\n";
}

Intent read_intent(std::string_view text) {
  return read(text, "the intent of a publish", [](const Json& json) {
    require_version(json);
    Intent intent;
    for (const Json& move : json.at("moves")) {
      intent.moves.push_back({move.at("path"), move.at("staged")});
    }
    for (const Json& entry : json.at("entries")) intent.entries.push_back(entry_from(entry));
    return intent;
  });
}

std::string expiry_text(std::int64_t expires_us) {
  return Json{{"version", kVersion}, {"expires_us", expires_us}}.dump() + "\n";
}

std::int64_t read_expiry(std::string_view text) {
  return read(text, "an undo folder", [](const Json& json) {
    require_version(json);
    return json.at("expires_us").get<std::int64_t>();
  });
}

}  // namespace engine::connectors::files
