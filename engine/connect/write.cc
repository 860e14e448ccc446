#include "connect/write.h"

#include "base/error.h"

namespace engine::connect {

void Publisher::remove(const TableWrite& table, Changes&) {
  base::bug("rows of " + table.table + " were to be removed from a target that cannot");
}

}  // namespace engine::connect
