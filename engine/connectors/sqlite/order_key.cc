#include <sqlite3.h>

#include "connectors/sqlite/cells.h"
#include "connectors/sqlite/source.h"
#include "data/key.h"

namespace engine::connectors::sqlite {
namespace {

constexpr int kArguments = 5;

data::Type type_of_arguments(sqlite3_value** arguments) {
  data::Type type;
  type.kind = static_cast<data::Kind>(sqlite3_value_int(arguments[1]));
  type.precision = static_cast<std::uint8_t>(sqlite3_value_int(arguments[2]));
  type.scale = static_cast<std::uint8_t>(sqlite3_value_int(arguments[3]));
  type.zoned = sqlite3_value_int(arguments[4]) != 0;
  return type;
}

/// One-row batch, one-column key: slow beside an index, but the same code that makes all other
/// keys.
std::string key_of_cell(sqlite3_value** arguments) {
  data::ColumnBuilder builder(type_of_arguments(arguments), 1);
  if (!append_cell(stored_value(arguments[0]), builder)) builder.append_null();
  data::Batch batch;
  batch.rows = 1;
  batch.columns.push_back(builder.finish());
  return data::key_of(batch, {0}, 0);
}

// No exception may pass through the library's C frames.
void order_key(sqlite3_context* context, int, sqlite3_value** arguments) {
  try {
    const std::string key = key_of_cell(arguments);
    sqlite3_result_blob64(context, key.data(), key.size(), SQLITE_TRANSIENT);
  } catch (const std::exception& failure) {
    sqlite3_result_error(context, failure.what(), -1);
  }
}

}  // namespace

void define_order_key(Database& database) {
  const int result = sqlite3_create_function_v2(database.handle(), "_engine_order_key", kArguments,
                                                SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                                order_key, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) database.fail("define a function");
}

}  // namespace engine::connectors::sqlite
