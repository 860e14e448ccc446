#pragma once

#include <cstddef>

#include "compile/bound.h"
#include "connect/write.h"

namespace engine::run {

/// Looks over a run's shoulder: at each change before it is kept, and at the tables of a unit while
/// it is open. Whatever it throws ends the run, and nothing of the unit stands.
class Oversight {
 public:
  virtual ~Oversight() = default;
  /// Before the first change of a table; again when it is compared again.
  virtual void begin(std::size_t table) = 0;
  /// May take rows out of the batch. From one thread a table.
  virtual void look(std::size_t table, connect::ChangeBatch& changes) = 0;
  /// After the last change, when the table's books are closed.
  virtual void end(std::size_t table) = 0;
  /// Where the publisher can read: all tables of the unit are written.
  virtual void before_commit(const compile::Unit& unit, connect::Publisher& publisher) = 0;
};

}  // namespace engine::run
