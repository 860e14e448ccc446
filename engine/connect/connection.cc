#include "connect/connection.h"

#include "base/error.h"

namespace engine::connect {

std::optional<TableInfo> Connection::describe_file(const plan::FileShape& file) {
  base::bug("a file, " + file.path.text + ", was asked of " + describe_self());
}

}  // namespace engine::connect
