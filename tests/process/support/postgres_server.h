#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace engine::testing {

/// A PostgreSQL server of the test's own: its data and its one socket lie in a folder, it listens
/// nowhere else, and nothing of it is synced unless asked for. It refuses to be root's: as root it
/// runs as the user postgres or nobody. It ends with its owner, or with the process. A server that
/// cannot be started is an error (std::runtime_error), never a test that is left out.
class PostgresServer {
 public:
  enum class Syncs { kNever, kAlways };
  /// `folder` is made; others must be able to enter it.
  explicit PostgresServer(const std::filesystem::path& folder, Syncs syncs = Syncs::kNever);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The folder of the socket, for `host`.
  std::string host() const { return folder_.string(); }
  /// A role that may do anything, without a password.
  static std::string user() { return "engine"; }
  pid_t process() const { return process_; }

  /// Runs SQL through psql and gives what it prints, values joined by '|'; failures throw.
  std::string sql(const std::string& database, const std::string& text) const;
  void create_database(const std::string& name) const {
    sql("postgres", "CREATE DATABASE " + name);
  }

 private:
  void make_data();
  void start(Syncs syncs);
  void wait_until_ready() const;

  std::filesystem::path folder_;
  pid_t process_ = -1;
};

}  // namespace engine::testing
