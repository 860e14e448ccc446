#include "connect/read.h"

namespace engine::connect {

data::Schema piece_columns() {
  return {{{"piece", data::Type::of(data::Kind::kInt64), false},
           {"bytes", data::Type::of(data::Kind::kBytes), false}}};
}

}  // namespace engine::connect
