#pragma once

#include <memory>

#include "connect/read.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// Reads a table or view in batches. The database's lock is held while a batch is filled. Errors:
/// E301, E302.
std::unique_ptr<connect::Source> open_source(const DatabasePtr& database,
                                             const connect::ReadRequest& request,
                                             const connect::Range& range);

/// Makes `_engine_order_key(value, kind, precision, scale, zoned)` known to the handle: the key
/// bytes of a cell, for types whose order in the database is not the order of key bytes. Values
/// that do not conform sort as NULL, as which they are read.
void define_order_key(Database& database);

/// " WHERE ..." of a pushed-down condition. A row whose cell does not conform passes it where the
/// condition names the column: the comparison would judge a value that is not there, and the reader
/// is to refuse the row.
std::string where_text(const TableShape& shape, const expr::Sql& where);

/// The parameters of a pushed-down condition. The statement keeps pointers into `parameters`.
void bind_values(Statement& statement, int first, const std::vector<data::Value>& parameters,
                 std::vector<std::string>& scratch);

}  // namespace engine::connectors::sqlite
