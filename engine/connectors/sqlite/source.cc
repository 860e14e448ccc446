#include "connectors/sqlite/source.h"

#include <sqlite3.h>

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "connect/write.h"
#include "connectors/sqlite/binding.h"
#include "connectors/sqlite/cells.h"
#include "connectors/sqlite/query.h"
#include "connectors/sqlite/row_access.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using data::Kind;

/// The order of these in the database is the order of their key bytes (text in UTF-8 databases
/// only).
bool orders_itself(const data::Type& type, bool utf8) {
  switch (type.kind) {
    case Kind::kInt64:
    case Kind::kBool:
    case Kind::kFloat64:
    case Kind::kBytes:
      return true;
    case Kind::kText:
      return utf8;
    default:
      return false;
  }
}

/// Storage classes of cells that can conform, as typeof() names them; empty where the class alone
/// says little.
std::string_view conforming_classes(const data::Type& type) {
  switch (type.kind) {
    case Kind::kInt64:
    case Kind::kBool:
      return "'integer', 'null'";
    case Kind::kFloat64:
      return "'real', 'integer', 'null'";
    case Kind::kText:
      return "'text', 'null'";
    case Kind::kBytes:
      return "'blob', 'null'";
    default:
      return {};
  }
}

std::size_t column_position(const TableShape& shape, const std::string& name) {
  for (std::size_t i = 0; i < shape.info.columns.size(); ++i) {
    if (shape.info.columns[i].name == name) return i;
  }
  throw base::Error(
      base::Fault::kPlan, "E302",
      "table " + base::quoted(shape.info.name) + " has no column " + base::quoted(name));
}

/// An index in key order is used where there is one, with a row look-up for each entry: measured on
/// a million rows with a random text key, that takes a third of the time of sorting whole rows.
std::string order_term(const TableShape& shape, const std::string& name, bool utf8) {
  const auto& type = shape.info.columns[column_position(shape, name)].type;
  if (orders_itself(type, utf8)) return quoted_name(name) + " COLLATE BINARY";
  return fmt::format("_engine_order_key({}, {}, {}, {}, {})", quoted_name(name),
                     static_cast<int>(type.kind), type.precision, type.scale, type.zoned ? 1 : 0);
}

std::vector<std::string> key_names(const connect::ReadRequest& request) {
  std::vector<std::string> names;
  if (!request.keys) return names;
  for (const auto& field : request.keys->schema->fields) names.push_back(field.name);
  return names;
}

int parameter_count(const connect::ReadRequest& request) {
  return request.where ? static_cast<int>(request.where->parameters.size()) : 0;
}

/// The pushed condition stands first: its `?` count from 1.
std::string conditions(const TableShape& shape, const connect::ReadRequest& request) {
  std::string out;
  if (request.where) out = where_text(shape, *request.where);
  if (request.keys) {
    out += (out.empty() ? " WHERE " : " AND ") +
           key_condition(key_names(request), parameter_count(request) + 1);
  }
  return out;
}

std::string column_text(const TableShape& shape, const std::string& name) {
  if (name == connect::kRowNumber && !shape.rowid_name.empty()) return shape.rowid_name;
  column_position(shape, name);
  return quoted_name(name);
}

std::string select_text(const TableShape& shape, const connect::ReadRequest& request, bool utf8) {
  std::string columns;
  for (const auto& field : request.columns.fields) {
    columns += (columns.empty() ? "" : ", ") + column_text(shape, field.name);
  }
  std::string sql = "SELECT " + (columns.empty() ? "1" : columns) + " FROM " +
                    quoted_name(shape.info.name) + conditions(shape, request);
  std::string order;
  for (const auto& name : request.order_by) {
    order += (order.empty() ? " ORDER BY " : ", ") + order_term(shape, name, utf8);
  }
  return sql + order;
}

std::vector<ColumnBinding> bindings_of(const TableShape& shape, const data::Schema& keys) {
  std::vector<ColumnBinding> out;
  for (const auto& field : keys.fields) {
    const std::size_t at = column_position(shape, field.name);
    out.emplace_back(field.name, field.type, shape.info.columns[at].type, shape.affinities[at]);
  }
  return out;
}

std::uint64_t position_number(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int position_in_row(const Statement& statement, const std::string& name) {
  for (int i = 0; i < statement.columns(); ++i) {
    if (statement.column_name(i) == name) return i;
  }
  throw base::Error(base::Fault::kPlan, "E302",
                    "the query has no column " + base::quoted(name) + " any more");
}

/// The kinds that most columns are, without a Stored on the way. False, and nothing appended, where
/// append_cell has to decide.
bool append_at_once(sqlite3_value* value, data::ColumnBuilder& builder, std::size_t& bytes) {
  const Kind kind = builder.type().kind;
  const int storage = sqlite3_value_type(value);
  if (kind == Kind::kText && storage == SQLITE_TEXT) {
    const auto* const start = reinterpret_cast<const char*>(sqlite3_value_text(value));
    const std::string_view text(start, static_cast<std::size_t>(sqlite3_value_bytes(value)));
    if (!is_utf8(text)) return false;
    builder.append_bytes(text);
    bytes += text.size();
    return true;
  }
  if (kind == Kind::kInt64 && storage == SQLITE_INTEGER) {
    builder.append_int64(sqlite3_value_int64(value));
    return true;
  }
  if (storage == SQLITE_NULL) {
    builder.append_null();
    return true;
  }
  if (kind == Kind::kFloat64 && storage == SQLITE_FLOAT) {
    builder.append_float64(sqlite3_value_double(value));
    return true;
  }
  return false;
}

class TableSource final : public connect::Source {
 public:
  TableSource(DatabasePtr database, const connect::ReadRequest& request, Statement statement,
              std::uint64_t skip)
      : database_(std::move(database)),
        schema_(std::make_shared<data::Schema>(request.columns)),
        where_(request.where),
        keys_(request.keys),
        statement_(std::move(statement)) {
    for (const auto& field : schema_->fields) builders_.emplace_back(field.type, 0);
    if (where_) bind_values(statement_, 1, where_->parameters, scratch_);
    while (rows_ < skip && step()) ++rows_;
  }

  /// For a query: where in its rows the wanted columns stand. Its cells have no declared type.
  void pick(std::vector<int> positions) { positions_ = std::move(positions); }

  void look_up(std::vector<ColumnBinding> bindings) { key_bindings_ = std::move(bindings); }

  bool next(data::Batch& batch) override {
    const auto guard = database_->lock();
    data::Batch out;
    out.schema = schema_;
    std::size_t bytes = 0;
    while (!ended_ && out.rows < data::kMaxBatchRows && bytes < data::kMaxBatchBytes) {
      if (!step()) break;
      bytes += read_row(out);
      ++out.rows;
    }
    for (auto& builder : builders_) out.columns.push_back(builder.finish());
    rows_ += out.rows;
    batch = std::move(out);
    return batch.rows > 0;
  }

  std::string position() const override { return std::to_string(rows_); }

 private:
  /// Moves to the next row; with keys, over the rows of one key after the other.
  bool step() {
    if (!keys_) {
      if (!ended_ && !statement_.step()) ended_ = true;
    } else {
      step_keys();
    }
    if (ended_) statement_ = Statement();  // gives up the read lock as soon as nothing is left
    return !ended_;
  }

  void step_keys() {
    while (key_row_ == 0 || !statement_.step()) {
      if (!bind_next_key()) {
        ended_ = true;
        return;
      }
    }
  }

  /// A key that the column could not hold is no row's key.
  bool bind_next_key() {
    for (; key_row_ < keys_->rows; ++key_row_) {
      statement_.reset();
      bool holds = true;
      for (std::size_t i = 0; i < key_bindings_.size() && holds; ++i) {
        Stored value;
        holds = key_bindings_[i].store(keys_->column(i), key_row_, value);
        const std::size_t bound = where_ ? where_->parameters.size() : 0;
        if (holds) bind_stored(statement_, static_cast<int>(bound + i) + 1, value);
      }
      if (!holds) continue;
      ++key_row_;
      return true;
    }
    return false;
  }

  std::size_t read_row(data::Batch& out) {
    const bool typed = positions_.empty();
    sqlite3_stmt* const row = statement_.raw();
    std::size_t bytes = 8 * builders_.size();
    for (std::size_t i = 0; i < builders_.size(); ++i) {
      sqlite3_value* const value =
          sqlite3_column_value(row, typed ? static_cast<int>(i) : positions_[i]);
      if (append_at_once(value, builders_[i], bytes)) continue;
      const Stored cell = stored_value(value);
      bytes += cell.bytes.size();
      const bool good =
          typed ? append_cell(cell, builders_[i]) : append_untyped_cell(cell, builders_[i]);
      if (!good) reject(out, i, cell);
    }
    return bytes;
  }

  void reject(data::Batch& out, std::size_t column, const Stored& cell) {
    const auto& field = schema_->fields[column];
    data::RowError error = cell_error(cell, field.type);
    error.row = static_cast<std::uint32_t>(out.rows);
    error.column = field.name;
    out.errors.push_back(std::move(error));
    builders_[column].append_null();
  }

  DatabasePtr database_;
  std::shared_ptr<const data::Schema> schema_;
  std::optional<expr::Sql> where_;
  std::optional<data::Batch> keys_;
  std::vector<ColumnBinding> key_bindings_;
  std::vector<int> positions_;
  std::vector<std::string> scratch_;
  std::vector<data::ColumnBuilder> builders_;
  Statement statement_;
  std::size_t key_row_ = 0;
  std::uint64_t rows_ = 0;
  bool ended_ = false;
};

std::unique_ptr<connect::Source> open_query(const DatabasePtr& database,
                                            const connect::ReadRequest& request,
                                            const connect::Range& range) {
  Statement statement = prepare_query(*database, request.query);
  std::vector<int> positions;
  for (const auto& field : request.columns.fields) {
    positions.push_back(position_in_row(statement, field.name));
  }
  auto source = std::make_unique<TableSource>(database, request, std::move(statement),
                                              position_number(range.position));
  source->pick(std::move(positions));
  return source;
}

}  // namespace

std::string where_text(const TableShape& shape, const expr::Sql& where) {
  std::string out = " WHERE ((" + where.text + ")";
  for (const auto& column : shape.info.columns) {
    const std::string name = quoted_name(column.name);
    if (where.text.find(name) == std::string::npos) continue;
    const std::string_view classes = conforming_classes(column.type);
    if (!classes.empty()) out += fmt::format(" OR typeof({}) NOT IN ({})", name, classes);
  }
  return out + ")";
}

void bind_values(Statement& statement, int first, const std::vector<data::Value>& parameters,
                 std::vector<std::string>& scratch) {
  scratch.reserve(parameters.size());
  int at = first;
  for (const auto& value : parameters) {
    scratch.emplace_back();
    if (value.null) {
      statement.bind_null(at);
    } else if (value.type.kind == Kind::kInt64 || value.type.kind == Kind::kBool) {
      statement.bind(at, value.integer);
    } else if (value.type.kind == Kind::kFloat64) {
      statement.bind_real(at, value.real);
    } else if (value.type.kind == Kind::kBytes) {
      statement.bind_blob(at, value.bytes);
    } else {
      scratch.back() = value.type.kind == Kind::kText ? value.bytes : data::value_text(value);
      statement.bind_text(at, scratch.back());
    }
    ++at;
  }
}

std::unique_ptr<connect::Source> open_source(const DatabasePtr& database,
                                             const connect::ReadRequest& request,
                                             const connect::Range& range) {
  const auto guard = database->lock();
  if (!request.query.empty()) return open_query(database, request, range);
  const auto shape = load_columns_alone(*database, request.table);
  if (!shape) {
    throw base::Error(
        base::Fault::kPlan, "E301",
        "sqlite " + database->label() + " has no table " + base::quoted(request.table));
  }
  auto encoding = database->prepare("PRAGMA encoding");
  const bool utf8 = encoding.step() && encoding.text(0) == "UTF-8";
  auto source = std::make_unique<TableSource>(database, request,
                                              database->prepare(select_text(*shape, request, utf8)),
                                              position_number(range.position));
  if (request.keys) source->look_up(bindings_of(*shape, *request.keys->schema));
  return source;
}

}  // namespace engine::connectors::sqlite
