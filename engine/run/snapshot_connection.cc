#include "run/snapshot_connection.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::run {
namespace {

using state::KeptTable;

constexpr int kMaxReaders = 16;

/// Some columns of a kept table, in the order asked for.
class KeptRows final : public connect::Source {
 public:
  KeptRows(const std::filesystem::path& path, const data::Schema& wanted)
      : reader_(path), schema_(std::make_shared<const data::Schema>(wanted)) {
    std::vector<std::string> names;
    for (const data::Field& field : wanted.fields) names.push_back(field.name);
    places_ = reader_.schema()->places_of(names);
  }

  bool next(data::Batch& batch) override {
    data::Batch whole;
    if (!reader_.next(whole)) return false;
    batch = {};
    batch.schema = schema_;
    batch.rows = whole.rows;
    for (const std::size_t place : places_) batch.columns.push_back(whole.columns[place]);
    return true;
  }
  std::string position() const override { return {}; }

 private:
  state::BlockReader reader_;
  std::shared_ptr<const data::Schema> schema_;
  std::vector<std::size_t> places_;
};

class SnapshotConnection final : public connect::Connection {
 public:
  SnapshotConnection(std::filesystem::path folder, state::Snapshot snapshot, state::Side side)
      : folder_(std::move(folder)), snapshot_(std::move(snapshot)), side_(side) {
    capabilities_.type = kSnapshotType;
    capabilities_.snapshot = connect::Capabilities::Snapshot::kConnection;
    capabilities_.max_readers = kMaxReaders;
  }

  const connect::Capabilities& capabilities() const override { return capabilities_; }
  std::string identity() const override { return "snapshot:" + snapshot_.id; }
  std::string describe_self() const override { return "snapshot " + snapshot_.id; }

  std::optional<connect::TableInfo> describe(const std::string& table) override {
    const KeptTable* kept = find(table);
    if (kept == nullptr) return std::nullopt;
    connect::TableInfo info;
    info.name = table;
    info.primary_key = kept->key;
    info.empty = kept->rows == 0;
    const state::BlockReader rows(folder_ / kept->file);
    for (const data::Field& field : rows.schema()->fields) {
      connect::ColumnInfo& column = info.columns.emplace_back();
      column.name = field.name;
      column.type = field.type;
      column.declared = data::type_name(field.type);
      column.nullable = field.nullable;
    }
    return info;
  }

  std::vector<std::string> tables() override {
    std::vector<std::string> names;
    for (const KeptTable& kept : snapshot_.tables) {
      if (kept.side == side_ && !kept.missing) names.push_back(kept.table);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::vector<connect::Range> partitions(const connect::ReadRequest&) override { return {{}}; }

  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request,
                                        const connect::Range&) override {
    return std::make_unique<KeptRows>(folder_ / require(request.table).file, request.columns);
  }

  connect::Newest newest(const std::string&, const std::string&) override {
    base::bug("a snapshot was asked for its newest row");
  }
  std::int64_t count(const std::string& table, const std::optional<expr::Sql>&) override {
    return static_cast<std::int64_t>(require(table).rows);
  }

  std::unique_ptr<connect::Publisher> publisher() override { base::bug("a snapshot as target"); }
  std::unique_ptr<connect::Ledger> ledger() override { base::bug("the ledger of a snapshot"); }
  std::unique_ptr<connect::Target> target(const connect::TableWrite&) override {
    base::bug("a snapshot as target");
  }
  Fit fits(const connect::ColumnInfo&, const data::Type&) const override { return {true, {}}; }

 private:
  const KeptTable* find(const std::string& table) const {
    for (const KeptTable& kept : snapshot_.tables) {
      if (kept.side == side_ && kept.table == table && !kept.missing) return &kept;
    }
    return nullptr;
  }
  const KeptTable& require(const std::string& table) const {
    const KeptTable* kept = find(table);
    if (kept == nullptr) base::bug("the snapshot has no table " + table);
    return *kept;
  }

  std::filesystem::path folder_;
  state::Snapshot snapshot_;
  state::Side side_;
  connect::Capabilities capabilities_;
};

class SnapshotConnector final : public connect::Connector {
 public:
  SnapshotConnector(std::filesystem::path folder, state::Snapshot snapshot, state::Side side)
      : folder_(std::move(folder)), snapshot_(std::move(snapshot)), side_(side) {}

  std::string type() const override { return kSnapshotType; }
  std::unique_ptr<connect::Connection> open(const plan::Connection&, const std::string&,
                                            connect::OpenMode mode) const override {
    if (mode != connect::OpenMode::kRead) base::bug("a snapshot is only read");
    return std::make_unique<SnapshotConnection>(folder_, snapshot_, side_);
  }

 private:
  std::filesystem::path folder_;
  state::Snapshot snapshot_;
  state::Side side_;
};

}  // namespace

std::unique_ptr<connect::Connector> snapshot_connector(std::filesystem::path folder,
                                                       state::Snapshot snapshot, state::Side side) {
  return std::make_unique<SnapshotConnector>(std::move(folder), std::move(snapshot), side);
}

}  // namespace engine::run
