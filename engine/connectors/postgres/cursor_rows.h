#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// The rows of a query by a cursor, as RowStream gives them; between two rows the session may be
/// used for anything else. Inside the open transaction.
class CursorRows {
 public:
  CursorRows(Session& session, const std::string& query);
  ~CursorRows();
  CursorRows(const CursorRows&) = delete;
  CursorRows& operator=(const CursorRows&) = delete;

  bool next();
  bool is_null(std::size_t field) const;
  std::string_view field(std::size_t at) const;

 private:
  Session& session_;
  std::string name_;
  std::optional<Rows> rows_;
  int at_ = -1;
};

}  // namespace engine::connectors::postgres
