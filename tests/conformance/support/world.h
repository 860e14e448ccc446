#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/connection.h"

namespace engine::conformance {

/// One connector under test, with a target of its own, and what the suite does behind the engine's
/// back.
class World {
 public:
  virtual ~World() = default;
  virtual std::string name() const = 0;
  /// The same target every time.
  virtual std::unique_ptr<connect::Connection> open(connect::OpenMode mode) = 0;

  // Another program at work, on tables with the key column `id` (int64) and a text column `name`.
  virtual void rename_row(const std::string& table, std::int64_t id, const std::string& name) = 0;
  virtual void insert_row(const std::string& table, std::int64_t id, const std::string& name) = 0;
  /// Puts something into `name` that is no text.
  virtual void spoil_row(const std::string& table, std::int64_t id) = 0;
  virtual std::string code_of_spoiled() const { return "E403"; }
  /// False: columns hold what their type says and nothing else.
  virtual bool can_spoil() const { return true; }
  /// False: no text of it has a NUL character, and one that should is refused (E407).
  virtual bool holds_nul() const { return true; }
};

std::unique_ptr<World> sqlite_world();
std::unique_ptr<World> toy_world();
std::unique_ptr<World> files_world();
/// On one server of the process, a database a world.
std::unique_ptr<World> postgres_world();

struct WorldMaker {
  std::string name;
  std::function<std::unique_ptr<World>()> make;
};
std::vector<WorldMaker> all_worlds();

}  // namespace engine::conformance
