#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "compile/bound.h"
#include "data/batch.h"
#include "run/outcome.h"
#include "state/run_folder.h"

namespace engine::run {

/// Why a row may not pass.
struct Rejection {
  std::string column;  ///< a name of either side, several joined by ", "; may be empty
  std::string code;    ///< E4xx
  std::string reason;  ///< without the value
  std::string value;   ///< as text; empty: none to show. Masked by who writes it.
};

/// The rows of one table that may not pass: counted, and written with their reasons to
/// `rejects/<table>.ndjson` in the run's folder (0600), a line each:
///   {"table", "row", "key", "column", "code", "reason", "value"}
/// `row` is the row's number as read, from 1; `key` holds the source's columns that make up the
/// key. Both are absent where they are not known. Values of classed columns are "***". Keeps no
/// rows but the few texts that messages show. One thread.
class Rejects {
 public:
  /// Starts anew: what an earlier reading of the table wrote is gone.
  Rejects(const compile::BoundTable& table, const state::RunFolder& folder);

  /// A rejected row; `number` -1 and `batch` nullptr where they are not known. `batch` holds the
  /// row in the source's columns. Says nothing of counts: a row may have several reasons.
  void write(const data::Batch* batch, std::size_t row, std::int64_t number, const Rejection& why);
  void count_row() { ++rows_; }

  std::int64_t rows() const { return rows_; }
  /// Names, of both sides, of columns whose values are not shown.
  const std::vector<std::string>& masked() const { return masked_; }
  /// Hands what was written to the system and judges the number against `max_rejects`.
  RejectsResult conclude(std::int64_t rows_read);

 private:
  /// The key as far as its cells could be read: positions in the source's batch.
  std::vector<std::size_t> key_columns(const data::Batch& batch, std::size_t row) const;
  bool is_masked(const std::string& column) const;

  const compile::BoundTable& table_;
  std::filesystem::path path_;
  std::vector<std::string> masked_;
  std::unique_ptr<base::OutputFile> file_;
  std::int64_t max_lines_;
  std::int64_t rows_ = 0;
  std::int64_t lines_ = 0;
  std::vector<std::string> shown_;
};

/// One batch of a source on its way to the target, and which of its rows are rejected.
class BatchRejects {
 public:
  /// `first_row`: how many rows were read before it. All must outlive this.
  BatchRejects(Rejects& rejects, const data::Batch& source, std::int64_t first_row)
      : rejects_(rejects), source_(source), first_row_(first_row) {}

  /// A row of the source's batch; one with several reasons counts once.
  void reject(std::uint32_t row, const Rejection& why);
  /// Takes the rejected rows out of a batch made of the source's rows `kept`, and out of `kept`.
  void drop(data::Batch& staged, std::vector<std::uint32_t>& kept) const;

 private:
  Rejects& rejects_;
  const data::Batch& source_;
  std::int64_t first_row_;
  std::vector<std::uint8_t> rejected_;  ///< by source row; empty: none
};

}  // namespace engine::run
