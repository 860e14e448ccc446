#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// One state of a database, seen by any number of sessions: the first one exports it and the others
/// take it over. All transactions of it only read. Sessions may be taken and given back by several
/// threads.
class Snapshot : public std::enable_shared_from_this<Snapshot> {
 public:
  explicit Snapshot(const Settings& settings);

  /// The session that asks for one thing at a time: catalog, counts. It sees the state once that
  /// was begun, and the present before.
  Session& main() { return *main_; }
  /// Fixes the state, unless that was done.
  void begin();
  /// A session of the state for one stream of rows, given back when the last owner lets go.
  SessionPtr take();
  /// Forgets the state; the next one begins at its first read. No stream may be open.
  void end();
  bool begun() const { return id_.has_value(); }

 private:
  void give_back(std::unique_ptr<Session> session) noexcept;

  Settings settings_;
  std::unique_ptr<Session> main_;
  std::optional<std::string> id_;  ///< by which other sessions take it over
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;  ///< outside of any transaction
};

}  // namespace engine::connectors::postgres
