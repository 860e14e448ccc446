#include "connectors/postgres/block_undo.h"

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "connectors/postgres/bytes.h"
#include "connectors/postgres/encode.h"
#include "connectors/postgres/row_stream.h"
#include "connectors/postgres/select.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

constexpr std::size_t kNameDigits = 8;
constexpr std::size_t kNamedConflicts = 100;

std::string terms(const std::vector<std::string>& names, const std::string& prefix) {
  std::string out;
  for (const auto& name : names) out += ", " + prefix + quoted_name(name);
  return out;
}

std::string stage_names(char letter, std::size_t count, const std::string& prefix) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += ", " + prefix + letter + std::to_string(i);
  return out;
}

/// " AND s.n = ANY ('{1,2}')"
std::string only(const std::vector<std::size_t>& records) {
  std::string out = " s.n = ANY ('{";
  for (std::size_t i = 0; i < records.size(); ++i) {
    out += (i == 0 ? "" : ",") + std::to_string(records[i]);
  }
  return out + "}'::pg_catalog.int4[])";
}

}  // namespace

BlockUndo::BlockUndo(Session& session, const TableShape& shape, const UndoEntry& entry)
    : session_(session),
      shape_(shape),
      entry_(entry),
      records_(connect::decode_undo_block(entry.block)),
      stage_("_engine_undo_" + base::random_hex(kNameDigits)) {
  for (const auto& name : entry.row_columns) {
    const auto* const column = shape.info.find(name);
    if (column != nullptr && !column->generated) continue;
    throw Error(Fault::kState, "E506",
                "table " + base::quoted(shape.info.name) + " has no column " + base::quoted(name) +
                    " any more, which the run wrote",
                "nothing was written; add the column again, or restore the table from a backup");
  }
  stage();
}

/// Columns k0.. for the key and r0.. for the row, of the table's own types.
void BlockUndo::stage() {
  std::string columns = "0::pg_catalog.int4 AS n";
  for (std::size_t i = 0; i < entry_.key_columns.size(); ++i) {
    columns += ", t." + quoted_name(entry_.key_columns[i]) + " AS k" + std::to_string(i);
  }
  for (std::size_t i = 0; i < entry_.row_columns.size(); ++i) {
    columns += ", t." + quoted_name(entry_.row_columns[i]) + " AS r" + std::to_string(i);
  }
  session_.run("CREATE TEMPORARY TABLE " + stage_ + " ON COMMIT DROP AS SELECT " + columns +
               " FROM " + shape_.sql_name + " AS t WITH NO DATA");
  std::string bytes;
  append_stream_start(bytes);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    append_row_start(bytes, 1 + entry_.key_columns.size() + entry_.row_columns.size());
    append_int4_cell(bytes, static_cast<std::int32_t>(i));
    bytes += records_[i].key;
    bytes += records_[i].before;
    if (!records_[i].before.empty()) continue;
    for (std::size_t k = 0; k < entry_.row_columns.size(); ++k) append_null_cell(bytes);
  }
  append_stream_end(bytes);
  session_.copy_in("COPY pg_temp." + stage_ + " FROM STDIN (FORMAT binary)", bytes);
}

std::string BlockUndo::condition() const {
  std::string out;
  for (std::size_t i = 0; i < entry_.key_columns.size(); ++i) {
    out += (i == 0 ? "t." : " AND t.") + quoted_name(entry_.key_columns[i]) + " = s.k" +
           std::to_string(i);
  }
  return out;
}

std::vector<BlockUndo::Row> BlockUndo::current() const {
  std::vector<Row> out(records_.size());
  RowStream rows(session_, "SELECT s.n" + terms(entry_.row_columns, "t.") + " FROM pg_temp." +
                               stage_ + " AS s JOIN " + shape_.sql_name + " AS t ON " +
                               condition());
  while (rows.next()) {
    Row& row = out[big_endian<std::uint32_t>(rows.field(0).data())];
    row = {std::string(rows.raw(1, rows.fields())), true};
  }
  return out;
}

void BlockUndo::look(bool force, connect::UndoTable& report) {
  const std::vector<Row> rows = current();
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const auto& record = records_[i];
    const Row& row = rows[i];
    const bool as_left =
        record.op == Op::kDelete ? !row.found : row.found && base::hash128(row.now) == record.after;
    const bool as_before =
        record.op == Op::kInsert ? !row.found : row.found && row.now == record.before;
    if (!as_left && as_before) continue;
    if (!as_left && !force) {
      ++report.conflict_count;
      if (report.conflicts.size() < kNamedConflicts) report.conflicts.push_back(key_words(i));
      continue;
    }
    if (record.op == Op::kInsert) ++report.removed;
    if (record.op == Op::kUpdate) ++report.restored;
    if (record.op == Op::kDelete) ++report.reinserted;
    (record.op == Op::kInsert ? removed_ : row.found ? overwritten_ : inserted_).push_back(i);
  }
}

void BlockUndo::restore() {
  const std::string stage = " pg_temp." + stage_ + " AS s";
  if (!removed_.empty()) {
    session_.run("DELETE FROM " + shape_.sql_name + " AS t USING" + stage + " WHERE" +
                 only(removed_) + " AND " + condition());
  }
  if (!overwritten_.empty()) {
    std::string assignments;
    for (std::size_t i = 0; i < entry_.row_columns.size(); ++i) {
      const auto& name = entry_.row_columns[i];
      if (shape_.columns[column_position(shape_, name)].always_identity) continue;
      assignments +=
          (assignments.empty() ? "" : ", ") + quoted_name(name) + " = s.r" + std::to_string(i);
    }
    session_.run("UPDATE " + shape_.sql_name + " AS t SET " + assignments + " FROM" + stage +
                 " WHERE" + only(overwritten_) + " AND " + condition());
  }
  if (!inserted_.empty()) {
    session_.run("INSERT INTO " + shape_.sql_name + " (" + terms(entry_.row_columns, "").substr(2) +
                 ") OVERRIDING SYSTEM VALUE SELECT " +
                 stage_names('r', entry_.row_columns.size(), "s.").substr(2) + " FROM" + stage +
                 " WHERE" + only(inserted_) + " ORDER BY s.n");
  }
  verify();
  session_.run("DROP TABLE pg_temp." + stage_);
}

void BlockUndo::verify() const {
  const std::vector<Row> rows = current();
  const auto refuse = [&](std::size_t at) {
    throw Error(Fault::kState, "E512",
                "table " + base::quoted(shape_.info.name) + ", row " + key_words(at) +
                    ": read back after its undoing, it is not what it was before the run",
                "nothing was written; a trigger may have changed it: look at the triggers of the "
                "table");
  };
  for (const std::size_t at : removed_) {
    if (rows[at].found) refuse(at);
  }
  for (const auto* const list : {&overwritten_, &inserted_}) {
    for (const std::size_t at : *list) {
      if (!rows[at].found || rows[at].now != records_[at].before) refuse(at);
    }
  }
}

/// "id=1, locale=en", as the server writes the values.
std::string BlockUndo::key_words(std::size_t record) const {
  const Rows row =
      session_.query("SELECT " + stage_names('k', entry_.key_columns.size(), "s.").substr(2) +
                         " FROM pg_temp." + stage_ + " AS s WHERE s.n = $1",
                     {std::to_string(record)});
  std::string out;
  for (std::size_t i = 0; i < entry_.key_columns.size(); ++i) {
    out += (i == 0 ? "" : ", ") + entry_.key_columns[i] + "=" +
           std::string(row.text(0, static_cast<int>(i)));
  }
  return out;
}

}  // namespace engine::connectors::postgres
