#include "connectors/sqlite/table_journal.h"

#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/row_access.h"

namespace engine::connectors::sqlite {
namespace {

/// A block is at most about this large before compression: one batch of long rows must not be one
/// blob.
constexpr std::size_t kMaxBlockBytes = std::size_t{4} << 20;

}  // namespace

TableJournal::TableJournal(Database& database, const connect::PublishUnit& unit,
                           const connect::TableWrite& write, const TableShape& shape)
    : database_(database), unit_(unit), locator_(write.key), row_columns_(stored_columns(shape)) {
  if (locator_.empty() && shape.rowid_name.empty()) locator_ = shape.info.primary_key;
  receipt_.step = write.step;
  receipt_.table = shape.info.name;
  receipt_.created = write.create.has_value();
}

void TableJournal::add(connect::Op op, std::string_view key, std::string_view before,
                       std::string_view wire) {
  base::Hash128 after;
  if (op != connect::Op::kDelete) {
    after = base::hash128(wire);
    receipt_.after.add(after);
  }
  (op == connect::Op::kInsert   ? receipt_.inserted
   : op == connect::Op::kDelete ? receipt_.deleted
                                : receipt_.updated) += 1;
  undo_.add(op, key, before, after);
}

bool TableJournal::is_full() const {
  return undo_.payload_bytes() >= kMaxBlockBytes;
}

void TableJournal::flush() {
  if (undo_.records() == 0) return;
  UndoEntry entry;
  entry.run_id = unit_.run.run_id;
  entry.step = receipt_.step;
  entry.chunk = chunk_++;
  entry.table = receipt_.table;
  entry.expires_us = unit_.undo_expires_us;
  entry.key_columns = locator_;
  entry.row_columns = row_columns_;
  entry.block = undo_.finish();
  receipt_.undo_bytes += entry.block.size();
  insert_undo(database_, entry);
}

}  // namespace engine::connectors::sqlite
