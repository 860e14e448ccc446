#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "connect/connection.h"
#include "connectors/files/folder.h"
#include "connectors/files/input.h"
#include "connectors/files/row_reader.h"
#include "connectors/files/store.h"

namespace engine::connectors::files {

/// What the parts of one connection know of each other.
struct Shared {
  Shared(Folder files, connect::OpenMode open_mode)
      : folder(std::move(files)), store(folder.root()), mode(open_mode) {}
  Folder folder;
  Store store;
  connect::OpenMode mode;
  std::mutex mutex;  ///< of all below
  /// What files were when they were looked at first, by label; nullopt: not there.
  std::map<std::string, std::optional<Signature>> seen;
  /// Standard input can be read once; what a look at it took is kept for the reading.
  std::string stream_head;
  bool stream_looked_at = false, stream_read = false;
};
using SharedPtr = std::shared_ptr<Shared>;

class FilesConnection final : public connect::Connection {
 public:
  explicit FilesConnection(SharedPtr shared);

  const connect::Capabilities& capabilities() const override { return capabilities_; }
  std::string identity() const override;
  std::string describe_self() const override;
  /// A table named without a shape is the file <name>.csv.
  std::optional<connect::TableInfo> describe(const std::string& table) override;
  std::optional<connect::TableInfo> describe_file(const plan::FileShape& file) override;
  std::vector<std::string> tables() override;
  std::vector<connect::Range> partitions(const connect::ReadRequest& request) override;
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request,
                                        const connect::Range& range) override;
  connect::Newest newest(const std::string& table, const std::string& column) override;
  std::int64_t count(const std::string& table, const std::optional<expr::Sql>& where) override;
  std::unique_ptr<connect::Publisher> publisher() override;
  std::unique_ptr<connect::Ledger> ledger() override;
  std::unique_ptr<connect::Target> target(const connect::TableWrite& table) override;
  Fit fits(const connect::ColumnInfo& column, const data::Type& wanted) const override;

 private:
  std::unique_ptr<connect::Source> open(const plan::FileShape& shape, const data::Schema& columns);

  SharedPtr shared_;
  connect::Capabilities capabilities_;
};

/// The shape of what is asked for: its own, or that of a table named without one.
plan::FileShape shape_of(const std::optional<plan::FileShape>& file, const std::string& table);
/// Notes what the file is now, once; what was noted first stands.
std::optional<Signature> note_seen(Shared& shared, const DataFile& file);

/// The rows of files of one shape, as columns of the types asked for.
std::unique_ptr<connect::Source> open_source(SharedPtr shared, const plan::FileShape& shape,
                                             std::vector<DataFile> files,
                                             const data::Schema& columns);
std::optional<connect::TableInfo> describe_source(Shared& shared, const plan::FileShape& shape);
std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared);
std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared);

}  // namespace engine::connectors::files
