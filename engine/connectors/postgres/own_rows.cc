#include "connectors/postgres/own_rows.h"

#include <map>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "connect/undo_block.h"
#include "connectors/postgres/bytes.h"
#include "connectors/postgres/engine_tables.h"
#include "connectors/postgres/row_stream.h"
#include "connectors/postgres/select.h"
#include "data/value.h"

namespace engine::connectors::postgres {
namespace {

using connect::Op;
using Trace = std::pair<std::uint64_t, std::uint64_t>;

Trace trace_of(const base::Hash128& hash) {
  return {hash.high, hash.low};
}

/// Of a table that is not there: nobody's.
class NoRows final : public connect::OwnRows {
 public:
  std::vector<bool> look(const data::Batch& rows) override {
    return std::vector<bool>(rows.rows, false);
  }
};

class PostgresOwnRows final : public connect::OwnRows {
 public:
  PostgresOwnRows(Session& session, TableShape shape, std::vector<std::string> key)
      : session_(session), shape_(std::move(shape)), key_(std::move(key)) {}

  void note(std::int64_t since_us);
  std::vector<bool> look(const data::Batch& rows) override;

 private:
  /// Blocks whose rows have the same columns.
  struct Layout {
    std::set<Trace> written;
    bool comparable = true;  ///< all its columns are still there
  };
  void note_block(const UndoEntry& entry);
  std::string question(const data::Batch& rows, const std::vector<std::string>& columns) const;
  void look_with(const std::vector<std::string>& columns, const Layout& layout,
                 const data::Batch& rows, std::vector<bool>& own) const;

  Session& session_;
  TableShape shape_;
  std::vector<std::string> key_;
  std::map<std::vector<std::string>, Layout> layouts_;  ///< by the columns of rows
  std::set<Trace> taken_keys_;
};

void PostgresOwnRows::note(std::int64_t since_us) {
  if (!has_engine_tables(session_)) return;
  const Rows blocks =
      session_.query("SELECT u.run_id, u.step, u.chunk FROM " + engine_table(session_, "undo") +
                         " u JOIN " + engine_table(session_, "ledger") +
                         " l ON l.run_id = u.run_id AND l.step = u.step AND l.chunk = 0"
                         " WHERE u.table_name = $1 AND l.committed_us > $2",
                     {shape_.info.name, std::to_string(since_us)});
  for (int i = 0; i < blocks.size(); ++i) {
    note_block(read_undo(session_, std::string(blocks.text(i, 0)), std::string(blocks.text(i, 1)),
                         blocks.integer(i, 2)));
  }
}

void PostgresOwnRows::note_block(const UndoEntry& entry) {
  Layout& layout = layouts_[entry.row_columns];
  for (const auto& name : entry.row_columns) {
    layout.comparable = layout.comparable && shape_.info.find(name) != nullptr;
  }
  for (const auto& record : connect::decode_undo_block(entry.block)) {
    if (record.op != Op::kDelete) layout.written.insert(trace_of(record.after));
    if (record.op == Op::kDelete && entry.key_columns == key_) {
      taken_keys_.insert(trace_of(base::hash128(record.key)));
    }
  }
}

/// Per row asked for: its number, whether it is there, its key as the table's columns hold it, and
/// the row.
std::string PostgresOwnRows::question(const data::Batch& rows,
                                      const std::vector<std::string>& columns) const {
  std::string values;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    values += (row == 0 ? "(" : ", (") + std::to_string(row);
    for (const auto& name : key_) {
      const std::size_t at = rows.schema->find(name).value();
      values += ", " + literal_of(session_, data::value_at(rows.column(at), row));
    }
    values += ")";
  }
  std::string names = "n";
  std::string keys;
  std::string condition;
  for (std::size_t i = 0; i < key_.size(); ++i) {
    const auto& declared = shape_.columns[column_position(shape_, key_[i])].declared;
    const std::string value = "k.c" + std::to_string(i) + "::" + declared;
    names += ", c" + std::to_string(i);
    keys += ", " + value;
    condition += (i == 0 ? "t." : " AND t.") + quoted_name(key_[i]) + " = " + value;
  }
  std::string terms;
  for (const auto& name : columns) terms += ", t." + quoted_name(name);
  return "SELECT k.n::pg_catalog.int4, t.ctid IS NOT NULL" + keys + terms + " FROM (VALUES " +
         values + ") AS k(" + names + ") LEFT JOIN " + shape_.sql_name + " AS t ON " + condition;
}

void PostgresOwnRows::look_with(const std::vector<std::string>& columns, const Layout& layout,
                                const data::Batch& rows, std::vector<bool>& own) const {
  RowStream found(session_, question(rows, columns));
  while (found.next()) {
    const std::size_t row = big_endian<std::uint32_t>(found.field(0).data());
    const std::size_t after_key = 2 + key_.size();
    const bool there = found.field(1) != std::string_view("\0", 1);
    const Trace trace = trace_of(
        base::hash128(there ? found.raw(after_key, found.fields()) : found.raw(2, after_key)));
    if (there ? layout.written.contains(trace) : taken_keys_.contains(trace)) own[row] = true;
  }
}

std::vector<bool> PostgresOwnRows::look(const data::Batch& rows) {
  std::vector<bool> own(rows.rows, false);
  if (rows.rows == 0) return own;
  for (const auto& [columns, layout] : layouts_) {
    // Rows with columns that are gone cannot be compared: nothing of them counts as the engine's.
    if (layout.comparable) look_with(columns, layout, rows, own);
  }
  return own;
}

}  // namespace

std::unique_ptr<connect::OwnRows> make_own_rows(Session& session, const std::string& table,
                                                const std::vector<std::string>& key,
                                                std::int64_t since_us) {
  auto shape = load_shape(session, table);
  if (!shape) return std::make_unique<NoRows>();
  if (key.empty()) {
    throw base::Error(base::Fault::kPlan, "E119",
                      session.self() +
                          ": this version tells no rows apart in a table without a "
                          "key (" +
                          table + ")",
                      "give the table a key");
  }
  auto rows = std::make_unique<PostgresOwnRows>(session, std::move(*shape), key);
  rows->note(since_us);
  return rows;
}

}  // namespace engine::connectors::postgres
