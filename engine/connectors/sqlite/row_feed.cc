#include "connectors/sqlite/row_feed.h"

#include <sqlite3.h>

#include <new>
#include <utility>

namespace engine::connectors::sqlite {
namespace {

using Class = Stored::Class;

/// Nothing is copied: the row stays until the next one is asked for.
void give(sqlite3_context* context, const Stored& value) {
  const char* const bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  switch (value.storage) {
    case Class::kNull:
      return sqlite3_result_null(context);
    case Class::kInteger:
      return sqlite3_result_int64(context, value.integer);
    case Class::kReal:
      return sqlite3_result_double(context, value.real);
    case Class::kText:
      return sqlite3_result_text64(context, bytes, value.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    case Class::kBlob:
      return sqlite3_result_blob64(context, bytes, value.bytes.size(), SQLITE_STATIC);
  }
}

}  // namespace

/// The library's side (https://www.sqlite.org/vtab.html): a table that exists by the module's name
/// alone. No exception may pass through the library's C frames.
struct RowFeed::Module {
  struct Table {
    sqlite3_vtab base;
    RowFeed* feed;
  };
  static RowFeed& feed_of(sqlite3_vtab_cursor* cursor) {
    return *reinterpret_cast<Table*>(cursor->pVtab)->feed;
  }

  static int connect(sqlite3* handle, void* feed, int, const char* const*, sqlite3_vtab** out,
                     char**) {
    auto* const self = static_cast<RowFeed*>(feed);
    std::string columns;
    for (std::size_t i = 0; i < self->columns_; ++i) columns += (i == 0 ? "" : ", ") + column(i);
    const int result =
        sqlite3_declare_vtab(handle, ("CREATE TABLE rows (" + columns + ")").c_str());
    if (result != SQLITE_OK) return result;
    *out = &(new Table{.base = {}, .feed = self})->base;
    return SQLITE_OK;
  }
  static int disconnect(sqlite3_vtab* table) {
    delete reinterpret_cast<Table*>(table);
    return SQLITE_OK;
  }
  static int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
  static int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
    *out = new (std::nothrow) sqlite3_vtab_cursor{};
    return *out == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }
  static int close(sqlite3_vtab_cursor* cursor) {
    delete cursor;
    return SQLITE_OK;
  }
  static int next(sqlite3_vtab_cursor* cursor) {
    return feed_of(cursor).advance() ? SQLITE_OK : SQLITE_ERROR;
  }
  static int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
    return next(cursor);
  }
  static int eof(sqlite3_vtab_cursor* cursor) { return feed_of(cursor).row_ == nullptr ? 1 : 0; }
  static int cell(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
    give(context, (*feed_of(cursor).row_)[static_cast<std::size_t>(column)]);
    return SQLITE_OK;
  }
  static int rowid(sqlite3_vtab_cursor*, sqlite3_int64* out) {
    *out = 0;
    return SQLITE_OK;
  }

  static const sqlite3_module* methods() {
    static const sqlite3_module kMethods = [] {
      sqlite3_module module{};
      module.xConnect = connect;
      module.xBestIndex = best_index;
      module.xDisconnect = disconnect;
      module.xOpen = open;
      module.xClose = close;
      module.xFilter = filter;
      module.xNext = next;
      module.xEof = eof;
      module.xColumn = cell;
      module.xRowid = rowid;
      return module;
    }();
    return &kMethods;
  }
};

RowFeed::RowFeed(Database& database, std::size_t columns) : database_(database), columns_(columns) {
  if (sqlite3_create_module(database.handle(), table(), Module::methods(), this) != SQLITE_OK) {
    database.fail("define a table of rows");
  }
}

RowFeed::~RowFeed() {
  const auto guard = database_.lock();
  sqlite3_create_module(database_.handle(), table(), nullptr, nullptr);
}

bool RowFeed::advance() noexcept {
  try {
    row_ = rows_->next_row();
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    row_ = nullptr;
    return false;
  }
}

void RowFeed::run(Statement& statement, Rows& rows) {
  rows_ = &rows;
  statement.run();
}

void RowFeed::rethrow() {
  if (const auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
}

}  // namespace engine::connectors::sqlite
