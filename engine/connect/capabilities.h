#pragma once

#include <cstdint>
#include <string>

#include "expr/expression.h"

namespace engine::connect {

/// What a connection can do, as plain data. The compiler and the reports read it; no stage asks
/// which connector it is.
struct Capabilities {
  std::string type;                        ///< "sqlite"
  bool writes = false;                     ///< can be a target
  const expr::Dialect* dialect = nullptr;  ///< where there is SQL; lives as long as the connector

  enum class Staging { kLocal, kTarget };
  Staging staging =
      Staging::kLocal;  ///< rows wait in the run's own files, or in stage tables in the server
  bool transactional_ddl = false;     ///< tables are created inside the publish
  bool tables_together = false;       ///< several tables publish in one atomic unit
  std::uint64_t max_unit_tables = 0;  ///< of one unit; 0: no limit
  bool reads_inside = false;          ///< Publisher::read sees the unit's rows before its commit
  bool live_publish =
      false;  ///< Changes may be pulled while the unit is open (an empty target is loaded so)
  bool deletes = false;       ///< Publisher::remove is there
  bool ordered_read = false;  ///< ReadRequest::order_by is honoured for columns of every kind
  bool key_lookup = false;    ///< ReadRequest::keys is honoured
  bool files = false;         ///< holds files instead of tables: each is named with its shape
  /// A publish writes a table as a whole and never looks at what was there: merge mode replace
  /// alone, all changes are inserts, and `create` is always given.
  bool whole_tables = false;
  bool keyless_rows = true;  ///< takes rows that nothing identifies
  bool has_schema = true;    ///< describe() gives columns; false: rows say what they hold

  enum class Snapshot { kNone, kConnection };
  Snapshot snapshot = Snapshot::kNone;  ///< reads of one connection see one state of all tables
  int max_readers = 1;                  ///< sources open at once on one connection
  std::uint64_t max_row_bytes = 0;      ///< largest row a target takes; 0: no limit
};

}  // namespace engine::connect
