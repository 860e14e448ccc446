#pragma once

#include <optional>
#include <string>

#include "connect/read.h"
#include "connectors/postgres/catalog.h"

namespace engine::connectors::postgres {

/// Statements that read a table. A COPY takes no parameters: values become literals, which the
/// client library quotes. E302 for a column that is not there.
std::string select_text(const Session& session, const TableShape& shape,
                        const connect::ReadRequest& request);

/// " WHERE ..." with the values in place of the question marks.
std::string where_text(const Session& session, const expr::Sql& where);

/// A column as it is read: itself, or through a cast where it has no binary form that is known.
std::string read_term(const std::string& name, Wire wire);

/// A term in the order of its key bytes.
std::string order_term(const TableShape& shape, const std::string& name);

std::size_t column_position(const TableShape& shape, const std::string& name);

/// The value as a literal of the type's own ("'2024-01-31'::date").
std::string literal_of(const Session& session, const data::Value& value);

}  // namespace engine::connectors::postgres
