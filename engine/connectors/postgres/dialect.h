#pragma once

#include "expr/expression.h"

namespace engine::connectors::postgres {

expr::Dialect postgres_dialect();

}  // namespace engine::connectors::postgres
