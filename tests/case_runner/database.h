#pragma once

#include <memory>
#include <string>

struct sqlite3;

namespace case_runner {

/// One connection to an SQLite file, for the blocks `sql`, `query` and `hold-lock`: a second
/// opinion that does not pass through the engine. All failures throw std::runtime_error.
class Database {
 public:
  explicit Database(const std::string& path);

  void execute(const std::string& sql);
  /// The rows of all statements, one a line, values joined by '|': NULL, numbers (reals with 17
  /// digits, so that no two differ in a bit and print alike), x'..' for blobs, text as it is.
  std::string query(const std::string& sql);

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Closer> handle_;
};

}  // namespace case_runner
