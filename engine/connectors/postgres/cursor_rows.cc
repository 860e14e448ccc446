#include "connectors/postgres/cursor_rows.h"

#include "base/error.h"
#include "base/random.h"

namespace engine::connectors::postgres {
namespace {

constexpr std::size_t kNameDigits = 8;
constexpr int kRowsAtOnce = 8192;

}  // namespace

CursorRows::CursorRows(Session& session, const std::string& query)
    : session_(session), name_("_engine_" + base::random_hex(kNameDigits)) {
  session_.run("DECLARE " + name_ + " BINARY NO SCROLL CURSOR FOR " + query);
}

CursorRows::~CursorRows() {
  session_.close_cursor(name_);
}

bool CursorRows::next() {
  if (rows_ && ++at_ < rows_->size()) return true;
  rows_.emplace(session_.query_binary("FETCH " + std::to_string(kRowsAtOnce) + " FROM " + name_));
  at_ = 0;
  return rows_->size() > 0;
}

bool CursorRows::is_null(std::size_t field) const {
  return rows_->is_null(at_, static_cast<int>(field));
}

std::string_view CursorRows::field(std::size_t at) const {
  return rows_->text(at_, static_cast<int>(at));
}

}  // namespace engine::connectors::postgres
