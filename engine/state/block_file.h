#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "connect/write.h"
#include "data/batch.h"
#include "state/read_only_file.h"

namespace engine::state {

/// Staged rows: the run's own columnar file, laid down in FORMATS.md. A file is whole only after
/// finish(); a reader refuses one that is not. One block a batch, so a block is at most about
/// data::kMaxBatchBytes.

enum class Compress { kNo, kZstd };
enum class Durable {
  kNo,   ///< scratch files, which die with the run
  kYes,  ///< synced to the disk before finish() returns
};

/// Writes a new file of mode 0600. One thread. A writer destroyed without finish() leaves a file
/// that no reader takes. Errors: E208 disk full, E505 all else.
class BlockWriter {
 public:
  BlockWriter(std::filesystem::path path, std::shared_ptr<const data::Schema> schema,
              Compress compress);

  /// Batches of the writer's schema; empty ones leave no block. Row errors travel with the rows.
  void write(const data::Batch& batch);
  /// All blocks of a file have operations, or none has.
  void write(const connect::ChangeBatch& batch);
  void finish(Durable durable = Durable::kYes);

  std::uint64_t rows() const { return rows_; }
  /// Bytes of the file so far.
  std::uint64_t bytes() const { return file_.written(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  void write_block(const data::Batch& batch, const std::vector<connect::Op>* ops);

  std::filesystem::path path_;
  std::shared_ptr<const data::Schema> schema_;
  Compress compress_;
  base::OutputFile file_;
  std::uint64_t rows_ = 0;
  std::string block_;
  std::string payload_;
  std::string index_;
  std::uint64_t blocks_ = 0;
};

/// Reads a finished file, in order or by block. One thread a reader; several readers of one file
/// are fine. Errors: E205 unreadable, E503 damaged or unfinished, E504 of a later format.
class BlockReader {
 public:
  explicit BlockReader(std::filesystem::path path);

  const std::shared_ptr<const data::Schema>& schema() const { return schema_; }
  std::uint64_t rows() const { return rows_; }
  std::size_t blocks() const { return index_.size(); }

  /// The next block, or false at the end. The second form gives the operations too; they are empty
  /// when the file has none.
  bool next(data::Batch& batch);
  bool next(connect::ChangeBatch& batch);
  /// From the first block again.
  void rewind() { at_ = 0; }

  /// Block `number` (from 0), wherever next() stands.
  void read_block(std::size_t number, connect::ChangeBatch& batch);

  /// Where the row with this ordinal (from 0, below rows()) stands.
  struct Place {
    std::size_t block = 0;
    std::size_t row = 0;
  };
  Place place_of(std::uint64_t ordinal) const;

 private:
  struct Entry {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t first_row = 0;
    std::uint64_t rows = 0;
  };
  void read_header();
  void read_footer();

  ReadOnlyFile file_;
  std::shared_ptr<const data::Schema> schema_;
  std::vector<Entry> index_;
  std::uint64_t rows_ = 0;
  std::size_t at_ = 0;
  std::string block_;
};

}  // namespace engine::state
