#include "connectors/postgres/table_journal.h"

#include "connectors/postgres/engine_tables.h"

namespace engine::connectors::postgres {
namespace {

/// A block is at most about this large before compression.
constexpr std::size_t kMaxBlockBytes = std::size_t{4} << 20;

}  // namespace

std::vector<std::string> stored_columns(const TableShape& shape) {
  std::vector<std::string> out;
  for (const auto& column : shape.info.columns) {
    if (!column.generated) out.push_back(column.name);
  }
  return out;
}

TableJournal::TableJournal(Session& session, const connect::PublishUnit& unit,
                           const connect::TableWrite& write, const TableShape& shape)
    : session_(session), unit_(unit), key_(write.key), row_columns_(stored_columns(shape)) {
  receipt_.step = write.step;
  receipt_.table = shape.info.name;
  receipt_.created = write.create.has_value();
}

void TableJournal::add(connect::Op op, std::string_view key, std::string_view before,
                       std::string_view after) {
  base::Hash128 digest;
  if (op != connect::Op::kDelete) {
    digest = base::hash128(after);
    receipt_.after.add(digest);
  }
  (op == connect::Op::kInsert   ? receipt_.inserted
   : op == connect::Op::kDelete ? receipt_.deleted
                                : receipt_.updated) += 1;
  undo_.add(op, key, before, digest);
  if (undo_.payload_bytes() >= kMaxBlockBytes) end_block();
}

void TableJournal::end_block() {
  if (undo_.records() > 0) blocks_.push_back(undo_.finish());
}

void TableJournal::flush() {
  end_block();
  for (auto& block : blocks_) {
    UndoEntry entry;
    entry.run_id = unit_.run.run_id;
    entry.step = receipt_.step;
    entry.chunk = chunk_++;
    entry.table = receipt_.table;
    entry.expires_us = unit_.undo_expires_us;
    entry.key_columns = key_;
    entry.row_columns = row_columns_;
    entry.block = std::move(block);
    receipt_.undo_bytes += entry.block.size();
    insert_undo(session_, entry);
  }
  blocks_.clear();
}

}  // namespace engine::connectors::postgres
