#include "connectors/postgres/table_writer.h"

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "connectors/postgres/bytes.h"
#include "connectors/postgres/row_stream.h"
#include "connectors/postgres/select.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

constexpr std::size_t kNameDigits = 8;

bool refers_to_itself(const TableShape& shape) {
  const auto& keys = shape.info.foreign_keys;
  return std::any_of(keys.begin(), keys.end(),
                     [&](const auto& key) { return key.to == shape.info.name; });
}

std::size_t number_at(const RowStream& rows, std::size_t field) {
  return big_endian<std::uint32_t>(rows.field(field).data());
}

std::string where_op(Op op) {
  return " s.op = " + std::to_string(static_cast<int>(op));
}

}  // namespace

TableWriter::TableWriter(Session& session, const connect::TableWrite& write,
                         const TableShape& shape, TableJournal& journal,
                         const data::Schema& columns)
    : session_(session),
      write_(write),
      shape_(shape),
      journal_(journal),
      stage_("_engine_stage_" + base::random_hex(kNameDigits)),
      at_once_(refers_to_itself(shape)) {
  std::string declared = "n pg_catalog.int4, op pg_catalog.int4";
  for (const auto& field : columns.fields) {
    const std::size_t at = column_position(shape, field.name);
    encoders_.emplace_back(shape.info.name, shape.info.columns[at], shape.columns[at]);
    declared += ", c" + std::to_string(names_.size()) + " " + encoders_.back().stage_type();
    names_.push_back(field.name);
  }
  session_.run("CREATE TEMPORARY TABLE " + stage_ + " (" + declared + ") ON COMMIT DROP");
}

void TableWriter::refuse(const std::string& what) const {
  throw Error(Fault::kData, "E416", "table " + base::quoted(shape_.info.name) + ": " + what,
              "nothing was written; look at the triggers and rules of the table");
}

void TableWriter::write(const connect::ChangeBatch& batch) {
  stage(batch);
  if (!at_once_) settle();
}

void TableWriter::finish() {
  settle();
  raise_sequences();
}

void TableWriter::stage(const connect::ChangeBatch& batch) {
  bytes_.clear();
  append_stream_start(bytes_);
  for (std::size_t row = 0; row < batch.rows.rows; ++row) {
    append_row_start(bytes_, encoders_.size() + 2);
    append_int4_cell(bytes_, static_cast<std::int32_t>(ops_.size()));
    append_int4_cell(bytes_, static_cast<std::int32_t>(batch.ops[row]));
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      encoders_[i].append(bytes_, batch.rows.column(i), row);
    }
    ops_.push_back(batch.ops[row]);
  }
  append_stream_end(bytes_);
  session_.copy_in("COPY pg_temp." + stage_ + " FROM STDIN (FORMAT binary)", bytes_);
}

/// Rows that go make room first, for other unique columns may name them again.
void TableWriter::settle() {
  if (ops_.empty()) return;
  try {
    const auto has = [&](Op op) { return std::find(ops_.begin(), ops_.end(), op) != ops_.end(); };
    if (has(Op::kDelete) || has(Op::kUpdate) || has(Op::kMark)) read_before();
    if (has(Op::kDelete)) remove_rows();
    if (has(Op::kMark)) {
      update_rows(Op::kMark, quoted_name(write_.mark) + " = " + stage_column(write_.mark));
    }
    if (has(Op::kUpdate)) update_rows(Op::kUpdate, assignments());
    if (has(Op::kInsert)) insert_rows();
  } catch (const Error& error) {
    throw Error(error).in("table " + shape_.info.name);
  }
  journal_.flush();
  session_.run("TRUNCATE pg_temp." + stage_);
  ops_.clear();
  before_.clear();
}

std::string TableWriter::stage_column(const std::string& name) const {
  const auto at =
      static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  if (at == names_.size()) base::bug("no staged column " + name);
  return encoders_[at].from_stage("s.c" + std::to_string(at));
}

std::string TableWriter::key_condition() const {
  std::string out;
  for (const auto& name : write_.key) {
    out += (out.empty() ? "" : " AND ") + ("t." + quoted_name(name)) + " = " + stage_column(name);
  }
  return out;
}

std::string TableWriter::assignments() const {
  std::string out;
  for (const auto& name : write_.updated.empty() ? names_ : write_.updated) {
    if (std::find(write_.key.begin(), write_.key.end(), name) != write_.key.end()) continue;
    out += (out.empty() ? "" : ", ") + quoted_name(name) + " = " + stage_column(name);
  }
  return out;
}

std::string TableWriter::returned(const std::vector<std::string>& names) const {
  std::string out;
  for (const auto& name : names) out += ", t." + quoted_name(name);
  return out;
}

void TableWriter::read_before() {
  before_.assign(ops_.size(), {});
  const std::size_t keys = write_.key.size();
  RowStream rows(session_, "SELECT s.n" + returned(write_.key) + returned(journal_.row_columns()) +
                               " FROM pg_temp." + stage_ + " AS s JOIN " + shape_.sql_name +
                               " AS t ON " + key_condition() + " WHERE NOT" +
                               where_op(Op::kInsert));
  while (rows.next()) {
    Before& before = before_[number_at(rows, 0)];
    if (before.seen) {
      throw Error(Fault::kData, "E313", "two rows have the same key",
                  "remove one of them, or choose a key that is unique in the target");
    }
    before = {std::string(rows.raw(1, keys + 1)), std::string(rows.raw(keys + 1, rows.fields())),
              true};
  }
  require_all_there();
}

void TableWriter::require_all_there() const {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    if (before_[i].seen || ops_[i] == Op::kInsert) continue;
    throw Error(Fault::kState, "E510", "a row to change is not there any more",
                "nothing was written; run the same command again");
  }
}

void TableWriter::remove_rows() {
  const Rows gone =
      session_.query("DELETE FROM " + shape_.sql_name + " AS t USING pg_temp." + stage_ +
                     " AS s WHERE" + where_op(Op::kDelete) + " AND " + key_condition());
  const auto wanted = std::count(ops_.begin(), ops_.end(), Op::kDelete);
  if (gone.changed() != wanted) refuse("a delete had no effect; a trigger or rule ignored it");
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    if (ops_[i] == Op::kDelete) journal_.add(Op::kDelete, before_[i].key, before_[i].row, {});
  }
}

void TableWriter::update_rows(Op op, const std::string& assignments) {
  std::int64_t done = 0;
  {
    RowStream rows(session_, "UPDATE " + shape_.sql_name + " AS t SET " + assignments +
                                 " FROM pg_temp." + stage_ + " AS s WHERE" + where_op(op) +
                                 " AND " + key_condition() + " RETURNING s.n" +
                                 returned(journal_.row_columns()));
    for (; rows.next(); ++done) {
      const Before& before = before_[number_at(rows, 0)];
      journal_.add(Op::kUpdate, before.key, before.row, rows.raw(1, rows.fields()));
    }
  }
  if (done == std::count(ops_.begin(), ops_.end(), op)) return;
  refuse("an update had no effect; a trigger or rule ignored it");
}

void TableWriter::insert_rows() {
  std::string names;
  std::string values;
  for (const auto& name : names_) {
    names += (names.empty() ? "" : ", ") + quoted_name(name);
    values += (values.empty() ? "" : ", ") + stage_column(name);
  }
  std::int64_t done = 0;
  const std::size_t keys = write_.key.size();
  {
    const std::string terms = returned(write_.key) + returned(journal_.row_columns());
    RowStream rows(session_, "INSERT INTO " + shape_.sql_name + " AS t (" + names +
                                 ") OVERRIDING SYSTEM VALUE SELECT " + values + " FROM pg_temp." +
                                 stage_ + " AS s WHERE" + where_op(Op::kInsert) +
                                 " ORDER BY s.n RETURNING " + terms.substr(2));
    for (; rows.next(); ++done) {
      journal_.add(Op::kInsert, rows.raw(0, keys), {}, rows.raw(keys, rows.fields()));
    }
  }
  if (done == std::count(ops_.begin(), ops_.end(), Op::kInsert)) return;
  refuse("an insert had no effect; a trigger or rule ignored it");
}

/// Explicit values leave a sequence where it was, and its next value would meet them. It is only
/// raised, and stays raised when the publish is undone.
void TableWriter::raise_sequences() {
  if (journal_.receipt().inserted == 0) return;
  for (const auto& name : names_) {
    const std::string& sequence = shape_.columns[column_position(shape_, name)].sequence;
    if (sequence.empty()) continue;
    session_.query("SELECT pg_catalog.setval($1::regclass, m.value) FROM (SELECT max(" +
                       quoted_name(name) + ")::int8 AS value FROM " + shape_.sql_name + ") m, " +
                       sequence +
                       " q WHERE m.value > CASE WHEN q.is_called THEN q.last_value"
                       " ELSE q.last_value - 1 END",
                   {sequence});
  }
}

}  // namespace engine::connectors::postgres
