#pragma once

#include "expr/expression.h"

namespace engine::connectors::sqlite {

/// How SQLite writes what the expression kernels compute, and only where it means exactly the same
/// (SQLite 3.40; held by a differential test). Parameters are bound with their own storage class:
/// int64 as INTEGER, float64 as REAL, text as TEXT, bytes as BLOB. A column counts as int64,
/// float64, text or bytes only as far as its values conform to its declared type: a pushed-down
/// filter must let rows with other storage classes pass, so that the reader can refuse them.
expr::Dialect sqlite_dialect();

}  // namespace engine::connectors::sqlite
