#include "connectors/builtin.h"

#include "connectors/files/files.h"
#include "connectors/postgres/postgres.h"
#include "connectors/sqlite/sqlite.h"

namespace engine::connectors {

std::vector<std::unique_ptr<connect::Connector>> builtin_connectors() {
  std::vector<std::unique_ptr<connect::Connector>> out;
  out.push_back(sqlite::sqlite_connector());
  out.push_back(files::files_connector());
  out.push_back(postgres::postgres_connector());
  return out;
}

}  // namespace engine::connectors
