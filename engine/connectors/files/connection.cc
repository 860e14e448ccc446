#include "connectors/files/connection.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "connectors/files/row_writer.h"
#include "data/value.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;
using connect::OpenMode;

connect::Capabilities files_capabilities() {
  connect::Capabilities out;
  out.type = "files";
  out.writes = true;
  out.transactional_ddl = true;
  out.tables_together = true;
  out.reads_inside = true;
  out.live_publish = true;
  out.files = true;
  out.whole_tables = true;
  out.has_schema = false;
  out.max_readers = 16;
  return out;
}

const std::string kTableSuffix = ".csv";

void require_writable(const Folder& folder, const plan::FileShape& shape) {
  if (shape.path.text == "-") {
    throw Error(Fault::kPlan, "E119", "writing to standard output is not available in this version",
                "write a file; standard output takes the report");
  }
  if (is_glob(shape.path.text)) {
    throw Error(Fault::kPlan, "E118",
                "a file is written by its name, not by a glob: " + base::quoted(shape.path.text));
  }
  const DataFile file = folder.resolve(shape.path.text);
  if (format_of(shape, file.label) != plan::FileFormat::kCsv && shape.csv_only) {
    throw Error(Fault::kPlan, "E322",
                base::quoted(file.label) + " is JSON, and 'csv' says how a CSV is written");
  }
  std::error_code ignored;  // what cannot be looked at is reported by the attempt to write it
  if (std::filesystem::is_directory(file.path, ignored)) {
    throw Error(Fault::kRemote, "E320", base::quoted(file.label) + " is a folder");
  }
}

}  // namespace

plan::FileShape shape_of(const std::optional<plan::FileShape>& file, const std::string& table) {
  if (file) return *file;
  plan::FileShape shape;
  shape.path.text = table + kTableSuffix;
  return shape;
}

FilesConnection::FilesConnection(SharedPtr shared)
    : shared_(std::move(shared)), capabilities_(files_capabilities()) {}

std::string FilesConnection::identity() const {
  struct ::stat facts = {};
  if (::stat(shared_->folder.root().c_str(), &facts) == 0) {
    return fmt::format("files:{}:{}", facts.st_dev, facts.st_ino);
  }
  return "files:" + shared_->folder.root().string();
}

std::string FilesConnection::describe_self() const {
  return "files " + shared_->folder.label();
}

std::optional<connect::TableInfo> FilesConnection::describe(const std::string& table) {
  const plan::FileShape shape = shape_of(std::nullopt, table);
  const DataFile file = shared_->folder.resolve(shape.path.text);
  if (!note_seen(*shared_, file)) return std::nullopt;
  return describe_source(*shared_, shape);
}

std::optional<connect::TableInfo> FilesConnection::describe_file(const plan::FileShape& file) {
  if (shared_->mode == OpenMode::kRead) return describe_source(*shared_, file);
  require_writable(shared_->folder, file);
  if (!note_seen(*shared_, shared_->folder.resolve(file.path.text))) return std::nullopt;
  connect::TableInfo info;
  info.name = file.path.text;
  return info;
}

std::vector<std::string> FilesConnection::tables() {
  std::vector<std::string> names;
  for (const DataFile& file : shared_->folder.all()) {
    if (!file.label.ends_with(kTableSuffix)) continue;
    names.push_back(file.label.substr(0, file.label.size() - kTableSuffix.size()));
  }
  return names;
}

std::vector<connect::Range> FilesConnection::partitions(const connect::ReadRequest&) {
  return {connect::Range{}};
}

std::unique_ptr<connect::Source> FilesConnection::open(const plan::FileShape& shape,
                                                       const data::Schema& columns) {
  return open_source(shared_, shape, shared_->folder.find(shape.path.text), columns);
}

std::unique_ptr<connect::Source> FilesConnection::read(const connect::ReadRequest& request,
                                                       const connect::Range&) {
  return open(shape_of(request.file, request.table), request.columns);
}

connect::Newest FilesConnection::newest(const std::string& table, const std::string& column) {
  const data::Schema columns{{{column, data::Type::of(data::Kind::kText), true}}};
  const auto source = open(shape_of(std::nullopt, table), columns);
  connect::Newest out;
  data::Batch batch;
  while (source->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (batch.column(0).is_null(row)) continue;
      const std::string_view text = batch.column(0).bytes_at(row);
      if (!out.text || text > *out.text) out.text = std::string(text);
    }
  }
  out.source_now_us = base::system_clock().now_us();
  return out;
}

std::int64_t FilesConnection::count(const std::string& table, const std::optional<expr::Sql>&) {
  const auto source = open(shape_of(std::nullopt, table), {});
  std::int64_t rows = 0;
  data::Batch batch;
  while (source->next(batch)) rows += static_cast<std::int64_t>(batch.rows);
  return rows;
}

std::unique_ptr<connect::Publisher> FilesConnection::publisher() {
  if (shared_->mode != OpenMode::kPublish) {
    base::bug("a publisher of a connection opened for reading");
  }
  return make_publisher(shared_);
}

std::unique_ptr<connect::Ledger> FilesConnection::ledger() {
  return make_ledger(shared_);
}

std::unique_ptr<connect::Target> FilesConnection::target(const connect::TableWrite&) {
  base::bug("files are staged in the run's own files");
}

connect::Connection::Fit FilesConnection::fits(const connect::ColumnInfo&,
                                               const data::Type& wanted) const {
  if (wanted.kind != data::Kind::kDocument) return {true, ""};
  return {false, "the rest of a document has no form in a file"};
}

}  // namespace engine::connectors::files
