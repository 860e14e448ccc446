#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/memory.h"
#include "data/batch.h"
#include "state/key_spool.h"

namespace engine::state {

/// What the source keys of one table became: lines "table,key,...,id" of CSV (RFC 4180), in zstd
/// frames of whole lines. Memory does not grow with the rows. One thread.
class IdMapPart {
 public:
  IdMapPart(std::filesystem::path path, const std::string& table, base::MemoryBudget& budget,
            Scratch scratch);

  /// Rows `kept` of `source` with their key columns, and the ids in column `id` of `made`, row by
  /// row. Rows without an id are left out.
  void add(const data::Batch& source, const std::vector<std::size_t>& key,
           const std::vector<std::uint32_t>& kept, const data::Batch& made, std::size_t id);

  /// Closes the file. A source key that came several times stands in it once. E426 when two source
  /// keys have one id; the message names both. Errors: E208, E505.
  void finish();

 private:
  void flush();
  [[noreturn]] void refuse_collision(const base::Hash128& shared) const;
  void write_once(const std::vector<base::Hash128>& repeated);

  std::filesystem::path path_;
  std::string table_;
  std::unique_ptr<base::OutputFile> file_;
  KeySpool ids_;  ///< hash of the id, with a hash of its source key in place of a row number
  std::vector<std::uint64_t> frames_;  ///< their sizes, in order
  std::string lines_;
  std::string frame_;
};

/// Puts the parts together behind a line with the columns' names, and removes them.
void join_id_map(const std::filesystem::path& path, const std::vector<std::string>& key_names,
                 const std::vector<std::filesystem::path>& parts);

}  // namespace engine::state
