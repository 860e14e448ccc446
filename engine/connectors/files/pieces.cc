#include "connectors/files/pieces.h"

#include <string>
#include <utility>

namespace engine::connectors::files {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

class PieceSource final : public connect::Source {
 public:
  explicit PieceSource(std::unique_ptr<ByteInput> input)
      : input_(std::move(input)),
        schema_(std::make_shared<const data::Schema>(connect::piece_columns())) {}

  bool next(data::Batch& batch) override {
    const std::string bytes = next_piece();
    if (bytes.empty()) return false;
    data::ColumnBuilder number(schema_->fields[0].type, 1);
    data::ColumnBuilder piece(schema_->fields[1].type, 1);
    number.append_int64(pieces_++);
    piece.append_bytes(bytes);
    batch = {schema_, {number.finish(), piece.finish()}, 1, {}};
    return true;
  }
  std::string position() const override { return std::to_string(pieces_); }

 private:
  std::string next_piece() {
    std::string bytes(kPieceBytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const std::size_t got = input_->read(bytes.data() + filled, bytes.size() - filled);
      if (got == 0) break;
      filled += got;
    }
    bytes.resize(filled);
    return bytes;
  }

  std::unique_ptr<ByteInput> input_;
  std::shared_ptr<const data::Schema> schema_;
  std::int64_t pieces_ = 0;
};

class PieceWriter final : public RowWriter {
 public:
  explicit PieceWriter(ByteOutput& output) : output_(output) {}
  void write(const data::Batch& rows) override {
    const data::Column& bytes = rows.column(*rows.schema->find("bytes"));
    for (std::size_t row = 0; row < rows.rows; ++row) output_.write(bytes.bytes_at(row));
  }
  void finish() override {}

 private:
  ByteOutput& output_;
};

}  // namespace

std::unique_ptr<connect::Source> read_pieces(std::unique_ptr<ByteInput> input) {
  return std::make_unique<PieceSource>(std::move(input));
}

std::unique_ptr<RowWriter> write_pieces(ByteOutput& output) {
  return std::make_unique<PieceWriter>(output);
}

}  // namespace engine::connectors::files
