#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/commands.h"

namespace engine::cli {
namespace {

struct LaterCommand {
  const char* name;
  const char* does;
};

constexpr LaterCommand kLater[] = {
    {"init", "Write a new commented plan"},    {"diff", "Semantic difference of two plans"},
    {"test", "Run a plan's own tests"},        {"doctor", "Test connections and permissions"},
    {"watermark", "Show or move a watermark"}, {"promote", "End a soak, or switch"},
    {"completion", "Shell completion"},
};

}  // namespace

void add_later_commands(CLI::App& app, int& exit_code) {
  static_cast<void>(exit_code);
  for (const LaterCommand& later : kLater) {
    const std::string name = later.name;
    CLI::App* command =
        app.add_subcommand(name, std::string(later.does) + " (not in this version)");
    command->allow_extras();
    command->group("Not available in this version");
    command->callback([name] {
      throw base::Error(base::Fault::kUsage, "E119",
                        "'engine " + name + "' is not available in this version",
                        "see 'engine --help' for what is");
    });
  }
}

}  // namespace engine::cli
