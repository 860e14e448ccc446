#include "case_runner/run_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "case_runner/case_file.h"
#include "case_runner/database.h"
#include "case_runner/mask.h"
#include "process/support/postgres_server.h"

namespace case_runner {
namespace {

bool has_verb(const CaseFile& file, std::string_view verb) {
  return std::any_of(file.blocks.begin(), file.blocks.end(),
                     [verb](const Block& block) { return block.verb == verb; });
}

class CaseRun {
 public:
  CaseRun(CaseFile& file, const Surroundings& surroundings, bool update)
      : file_(file),
        sandbox_(surroundings, has_verb(file, "as-user")),
        masks_(sandbox_.folder(), surroundings.source),
        update_(update) {}

  bool run_all() {
    for (Block& block : file_.blocks) {
      try {
        run_block(block);
      } catch (const std::exception& error) {
        report(block, fmt::format("{}\n", error.what()));
        return false;  // later blocks stand on this one
      }
    }
    return passed_;
  }

  /// The file's text with each expectation replaced by what was seen.
  std::string updated_text() const {
    std::string out;
    std::size_t done = 0;
    for (const Block& block : file_.blocks) {
      if (block.expectation_end == 0) continue;
      out += file_.text.substr(done, block.expectation_begin - done);
      out += render_expectation(block.expected, block.exit_code);
      done = block.expectation_end;
    }
    return out + file_.text.substr(done);
  }

 private:
  void run_block(Block& block) {
    if (block.verb == "run") return run_command(block);
    if (block.verb == "query") return run_query(block);
    if (block.verb == "file") return sandbox_.write_file(block.argument, block.body);
    if (block.verb == "file-escaped") {
      return sandbox_.write_file(block.argument, unescape(block.body, where(block)));
    }
    if (block.verb == "sql") return run_sql(block);
    if (block.verb == "env") return sandbox_.set_variable(block.argument);
    if (block.verb == "setup") return run_set_up(block);
    if (block.verb == "server") return start_server(block);
    if (block.verb == "tmpfs") return mount_tmpfs(block);
    if (block.verb == "unmask") return masks_.disable(block.argument);
    if (block.verb == "hold-lock") return hold_lock(block);
    if (block.verb == "release-lock") {
      if (locks_.erase(block.argument) == 0) throw std::runtime_error("no such lock is held");
    }
  }

  void run_command(Block& block) {
    const bool separate = block.expected.front().name != "output";
    const Outcome outcome = sandbox_.run(block.argument + "\n" + block.body, separate);
    masks_.learn_runs();
    std::vector<Section> seen;
    if (separate) {
      seen = {{"stdout", shown(outcome.standard_output)},
              {"stderr", shown(outcome.standard_error)}};
    } else {
      seen = {{"output", shown(outcome.output)}};
    }
    compare(block, std::move(seen), outcome.exit_code);
  }

  void run_query(Block& block) {
    Database database(sandbox_.path(block.argument));
    compare(block, {{"output", shown(database.query(block.body))}}, 0);
  }

  void run_sql(const Block& block) {
    Database(sandbox_.path(block.argument)).execute(block.body);
    sandbox_.hand_over();
  }

  void run_set_up(const Block& block) {
    const Outcome outcome = sandbox_.set_up(block.argument);
    if (outcome.exit_code == 0) return;
    throw std::runtime_error(
        fmt::format("set-up failed with exit {}\n{}", outcome.exit_code, outcome.output));
  }

  /// Whatever runs after it finds the server by libpq's own variables.
  void start_server(const Block& block) {
    if (block.argument != "postgres") throw std::runtime_error("server wants: postgres");
    const std::string folder = sandbox_.make_open_folder("server");
    server_ = std::make_unique<engine::testing::PostgresServer>(folder);
    server_->create_database("app");
    sandbox_.set_variable("PGHOST=" + server_->host());
    sandbox_.set_variable("PGUSER=" + server_->user());
    sandbox_.set_variable("PGDATABASE=app");
  }

  void mount_tmpfs(const Block& block) {
    const std::size_t space = block.argument.find(' ');
    if (space == std::string::npos) throw std::runtime_error("tmpfs wants SIZE NAME");
    sandbox_.mount_tmpfs(block.argument.substr(0, space), block.argument.substr(space + 1));
  }

  void hold_lock(const Block& block) {
    auto database = std::make_unique<Database>(sandbox_.path(block.argument));
    database->execute("BEGIN IMMEDIATE");
    locks_[block.argument] = std::move(database);
  }

  std::string shown(const std::string& bytes) const {
    return Masks::make_printable(masks_.apply(bytes));
  }

  // Sections that a case leaves out are expected to be empty.
  void compare(Block& block, std::vector<Section> seen, int exit_code) {
    std::string text;
    if (exit_code != block.exit_code) {
      text += fmt::format("exit code {} instead of {}\n", exit_code, block.exit_code);
    }
    for (const Section& section : seen) {
      std::string expected;
      for (const Section& candidate : block.expected) {
        if (candidate.name == section.name) expected = candidate.text;
      }
      if (expected != section.text) {
        text += section.name + " differs:\n" + difference(expected, section.text);
      }
    }
    if (update_) {
      block.exit_code = exit_code;
      block.expected = std::move(seen);
    } else if (!text.empty()) {
      report(block, text);
    }
  }

  std::string where(const Block& block) const {
    return fmt::format("{}:{}", file_.path, block.line);
  }

  void report(const Block& block, const std::string& text) {
    passed_ = false;
    fmt::print("FAIL {}: {} {}\n{}\n", where(block), block.verb, block.argument, text);
  }

  CaseFile& file_;
  Sandbox sandbox_;
  std::unique_ptr<engine::testing::PostgresServer> server_;
  Masks masks_;
  std::map<std::string, std::unique_ptr<Database>> locks_;
  bool update_;
  bool passed_ = true;
};

void write_back(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path);
}

}  // namespace

bool run_case(const std::string& path, const Surroundings& surroundings, bool update) {
  try {
    CaseFile file = read_case(path);
    if (has_verb(file, "tmpfs")) enter_mount_namespace();
    CaseRun run(file, surroundings, update);
    const bool passed = run.run_all();
    if (update && passed && run.updated_text() != file.text) write_back(path, run.updated_text());
    return passed;
  } catch (const std::exception& error) {
    fmt::print("FAIL {}\n", error.what());
    return false;
  }
}

}  // namespace case_runner
