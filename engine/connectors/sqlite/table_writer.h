#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "connect/undo_block.h"
#include "connect/write.h"
#include "connectors/sqlite/binding.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/references.h"
#include "connectors/sqlite/row_access.h"
#include "connectors/sqlite/row_feed.h"

namespace engine::connectors::sqlite {

/// Writes the changes of one table inside the publish transaction, with the undo of each row:
/// blocks of `_engine_undo`, one a batch. The hash of a row after its change is computed from what
/// was sent where the table can hold nothing else (no trigger, no default of an unwritten column),
/// else the row is read back. Errors name table, key and column:
///   E402 the key is there already · E407 the column would change the value · E416 another
///   constraint refused the row · E510 the row to change is not there · E313 two rows have its key.
class TableWriter {
 public:
  /// All references must outlive the writer.
  TableWriter(Database& database, const connect::PublishUnit& unit,
              const connect::TableWrite& write, const TableShape& shape,
              ReferenceGuard& references);

  void write(const connect::ChangeBatch& batch);
  /// Counts and digest; the undo blocks are written.
  connect::TableReceipt finish();

 private:
  /// A stored column of the table: where its value comes from.
  struct Slot {
    std::optional<std::size_t> source;  ///< column of the batch; nullopt: not written
    std::optional<ColumnBinding> binding;
  };
  class InsertedRows;

  void make_slots();
  bool predictable_insert() const;
  bool can_feed() const { return predictable_ && (!guarded_ || all_rows_); }
  std::string insert_text(bool fed) const;
  std::string update_text() const;
  void fill_image(const data::Batch& rows, std::size_t row);
  void fill_key(const data::Batch& rows, std::size_t row);
  std::size_t insert_rows(const connect::ChangeBatch& batch, std::size_t from);
  [[noreturn]] void refuse_value(const data::Batch& rows, std::size_t row, std::size_t slot);
  void insert_row(const data::Batch& rows, std::size_t row);
  void update_row(const data::Batch& rows, std::size_t row);
  void delete_row(const data::Batch& rows, std::size_t row);
  void find_before(const char* doing);
  void run_change(Statement& statement);
  [[noreturn]] void refuse_change(const base::Error& error) const;
  void record(connect::Op op, std::string_view before);
  void read_back();
  void flush_undo();
  const std::string& key_wire();
  std::string key_words() const { return key_text(write_.key, key_); }

  Database& database_;
  const connect::PublishUnit& unit_;
  const connect::TableWrite& write_;
  const TableShape& shape_;
  ReferenceGuard& references_;
  std::vector<std::string> row_columns_;
  std::vector<Slot> slots_;  ///< by position in row_columns_
  std::vector<std::size_t> key_slots_;
  std::optional<RowFinder> finder_;
  bool predictable_ = false;
  bool guarded_ = false;  ///< a foreign key touches the table
  bool all_rows_;         ///< the table was empty, or is made by this unit
  std::optional<RowFeed> feed_;
  Statement insert_, insert_fed_, update_, delete_;
  connect::TableReceipt receipt_;
  connect::UndoBlockWriter undo_;
  std::int64_t chunk_ = 0;

  // Of the row at hand; kept so that no row allocates.
  std::vector<Stored> image_, key_, before_image_;
  std::string wire_, before_, key_wire_;
};

}  // namespace engine::connectors::sqlite
