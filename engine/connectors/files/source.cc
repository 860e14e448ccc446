#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/files/connection.h"
#include "connectors/files/pieces.h"
#include "connectors/files/row_sink.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;

constexpr std::size_t kStreamHead = std::size_t{1} << 20;

/// Bytes in memory, then those of an input.
class HeadAndRest final : public ByteInput {
 public:
  HeadAndRest(std::string head, std::unique_ptr<ByteInput> rest)
      : head_(bytes_input(std::move(head))), rest_(std::move(rest)) {}
  std::size_t read(char* into, std::size_t size) override {
    const std::size_t got = head_->read(into, size);
    return got > 0 ? got : rest_->read(into, size);
  }

 private:
  std::unique_ptr<ByteInput> head_, rest_;
};

/// The start of standard input, for a look; it is kept for the reading.
std::unique_ptr<ByteInput> look_at_stream(Shared& shared, const DataFile& file) {
  const std::lock_guard guard(shared.mutex);
  if (!shared.stream_looked_at) {
    shared.stream_looked_at = true;
    const auto input = open_input(file);
    std::string& head = shared.stream_head;
    head.resize(kStreamHead);
    std::size_t filled = 0;
    while (filled < head.size()) {
      const std::size_t got = input->read(head.data() + filled, head.size() - filled);
      if (got == 0) break;
      filled += got;
    }
    head.resize(filled);
  }
  return bytes_input(shared.stream_head);
}

std::unique_ptr<ByteInput> read_stream(Shared& shared, const DataFile& file) {
  const std::lock_guard guard(shared.mutex);
  if (shared.stream_read) {
    throw Error(Fault::kPlan, "E205", "standard input can be read only once",
                "let one table read it, or name a file");
  }
  shared.stream_read = true;
  return std::make_unique<HeadAndRest>(std::move(shared.stream_head), open_input(file));
}

std::unique_ptr<ByteInput> open_for_look(Shared& shared, const DataFile& file) {
  if (file.is_stream()) return look_at_stream(shared, file);
  return open_input(file, note_seen(shared, file));
}

std::unique_ptr<ByteInput> open_for_reading(Shared& shared, const DataFile& file) {
  if (file.is_stream()) return read_stream(shared, file);
  return open_input(file, note_seen(shared, file));
}

/// File after file as one table.
class FileSource final : public connect::Source {
 public:
  FileSource(SharedPtr shared, plan::FileShape shape, std::vector<DataFile> files,
             const data::Schema& columns)
      : shared_(std::move(shared)),
        shape_(std::move(shape)),
        files_(std::move(files)),
        sink_(columns) {}

  bool next(data::Batch& batch) override {
    while (!sink_.full()) {
      if (!reader_ && !open_next()) break;
      if (!reader_->row(sink_)) reader_.reset();
    }
    if (sink_.rows() == 0) return false;
    rows_ += sink_.rows();
    batch = sink_.finish();
    return true;
  }
  std::string position() const override { return std::to_string(rows_); }

 private:
  // The first file says what the columns are; each has its own dialect.
  bool open_next() {
    if (at_ == files_.size()) return false;
    const DataFile& file = files_[at_++];
    Layout layout = lay_out(shape_, file.label, open_for_look(*shared_, file));
    if (at_ == 1) columns_ = layout.columns;
    layout.columns = columns_;
    reader_ =
        open_rows(shape_, layout, file.label, open_for_reading(*shared_, file), sink_.columns());
    return true;
  }

  SharedPtr shared_;
  plan::FileShape shape_;
  std::vector<DataFile> files_;
  std::size_t at_ = 0;
  std::vector<std::string> columns_;
  std::unique_ptr<RowReader> reader_;
  RowSink sink_;
  std::uint64_t rows_ = 0;
};

connect::ColumnInfo column_of(const plan::FileShape& shape, const std::string& name) {
  connect::ColumnInfo info;
  info.name = name;
  info.type = data::Type::of(data::Kind::kText);
  info.untyped = true;
  for (const plan::FileColumn& column : shape.columns) {
    if (column.name.text != name) continue;
    info.type = column.type;
    info.untyped = false;
  }
  info.declared = info.untyped ? "" : data::type_name(info.type);
  return info;
}

}  // namespace

std::optional<Signature> note_seen(Shared& shared, const DataFile& file) {
  const std::lock_guard guard(shared.mutex);
  const auto [entry, is_new] = shared.seen.try_emplace(file.label, std::nullopt);
  if (is_new) entry->second = signature_of(file.path);
  return entry->second;
}

std::optional<connect::TableInfo> describe_source(Shared& shared, const plan::FileShape& shape) {
  const std::vector<DataFile> files = shared.folder.find(shape.path.text);
  const Layout layout = lay_out(shape, files.front().label, open_for_look(shared, files.front()));
  connect::TableInfo info;
  info.name = shape.path.text;
  for (const std::string& name : layout.columns) info.columns.push_back(column_of(shape, name));
  if (files.size() > 1) info.notes.push_back(std::to_string(files.size()) + " files");
  if (!layout.sniffed.empty()) {
    info.notes.push_back(files.front().label + ": " + layout.sniffed + " (sniffed)");
  }
  return info;
}

std::unique_ptr<connect::Source> open_source(SharedPtr shared, const plan::FileShape& shape,
                                             std::vector<DataFile> files,
                                             const data::Schema& columns) {
  if (shape.format == plan::FileFormat::kPieces) {
    return read_pieces(open_stored(files.front(), note_seen(*shared, files.front())));
  }
  return std::make_unique<FileSource>(std::move(shared), shape, std::move(files), columns);
}

}  // namespace engine::connectors::files
