#include "connectors/postgres/source.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/cells.h"
#include "connectors/postgres/cursor_rows.h"
#include "connectors/postgres/query.h"
#include "connectors/postgres/row_stream.h"
#include "connectors/postgres/select.h"

namespace engine::connectors::postgres {
namespace {

template <typename Rows>
class TableSource final : public connect::Source {
 public:
  TableSource(SessionPtr session, const data::Schema& columns, std::vector<Wire> wires,
              const std::string& statement)
      : session_(std::move(session)),
        schema_(std::make_shared<data::Schema>(columns)),
        wires_(std::move(wires)),
        rows_(*session_, statement) {
    for (const auto& field : schema_->fields) builders_.emplace_back(field.type, 0);
  }

  bool next(data::Batch& batch) override {
    data::Batch out;
    out.schema = schema_;
    std::size_t bytes = 0;
    while (out.rows < data::kMaxBatchRows && bytes < data::kMaxBatchBytes && rows_.next()) {
      bytes += read_row(out);
      ++out.rows;
    }
    for (auto& builder : builders_) out.columns.push_back(builder.finish());
    done_ += out.rows;
    batch = std::move(out);
    return batch.rows > 0;
  }

  std::string position() const override { return std::to_string(done_); }

 private:
  std::size_t read_row(data::Batch& out) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < builders_.size(); ++i) {
      bytes += rows_.field(i).size();
      if (rows_.is_null(i)) {
        builders_[i].append_null();
      } else if (!append_cell(wires_[i], rows_.field(i), builders_[i])) {
        reject(out, i);
      }
    }
    return bytes;
  }

  void reject(data::Batch& out, std::size_t column) {
    const auto& field = schema_->fields[column];
    data::RowError error = cell_error(wires_[column], rows_.field(column), field.type);
    error.row = static_cast<std::uint32_t>(out.rows);
    error.column = field.name;
    out.errors.push_back(std::move(error));
    builders_[column].append_null();
  }

  SessionPtr session_;
  std::shared_ptr<const data::Schema> schema_;
  std::vector<Wire> wires_;
  std::vector<data::ColumnBuilder> builders_;
  Rows rows_;
  std::uint64_t done_ = 0;
};

/// A column may have become another one since it was described.
void require_type(const data::Field& field, const connect::ColumnInfo& column) {
  if (field.type == column.type) return;
  throw base::Error(base::Fault::kPlan, "E311",
                    "column " + base::quoted(field.name) + " is " + data::type_name(column.type) +
                        " now, and was " + data::type_name(field.type),
                    "run the same command again");
}

/// What is sent to the server, and how its answer is read.
struct Statement {
  std::string text;
  std::vector<Wire> wires;
};

Statement query_statement(Session& session, const connect::ReadRequest& request) {
  const QueryShape shape = require_query(session, request.query);
  Statement out;
  std::string terms;
  for (const auto& field : request.columns.fields) {
    const auto& columns = shape.info.info.columns;
    const auto* const column = shape.info.info.find(field.name);
    if (column == nullptr) {
      throw base::Error(base::Fault::kPlan, "E302",
                        "the query has no column " + base::quoted(field.name) + " any more");
    }
    require_type(field, *column);
    out.wires.push_back(shape.wires[static_cast<std::size_t>(column - columns.data())]);
    terms += terms.empty() ? "" : ", ";
    terms += read_term("q." + quoted_name(field.name), out.wires.back());
  }
  out.text = "SELECT " + terms + " FROM (" + inner_query(request.query) + "\n) AS q";
  return out;
}

Statement statement_of(Session& session, const connect::ReadRequest& request) {
  if (!request.query.empty()) return query_statement(session, request);
  const TableShape shape = require_columns(session, request.table);
  Statement out;
  for (const auto& field : request.columns.fields) {
    const std::size_t at = column_position(shape, field.name);
    require_type(field, shape.info.columns[at]);
    out.wires.push_back(shape.columns[at].wire);
  }
  out.text = select_text(session, shape, request);
  return out;
}

template <typename Rows>
std::unique_ptr<connect::Source> open(SessionPtr session, const connect::ReadRequest& request) {
  Statement statement = statement_of(*session, request);
  return std::make_unique<TableSource<Rows>>(std::move(session), request.columns,
                                             std::move(statement.wires), statement.text);
}

}  // namespace

std::unique_ptr<connect::Source> open_source(SessionPtr session,
                                             const connect::ReadRequest& request) {
  return open<RowStream>(std::move(session), request);
}

std::unique_ptr<connect::Source> open_cursor_source(SessionPtr session,
                                                    const connect::ReadRequest& request) {
  return open<CursorRows>(std::move(session), request);
}

}  // namespace engine::connectors::postgres
