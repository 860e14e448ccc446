#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

#include "base/error.h"
#include "base/file.h"
#include "report/json_object.h"
#include "report/observers.h"
#include "run/outcome.h"

namespace engine::report {
namespace {

spdlog::level::level_enum level_of(std::string_view name) {
  if (name == "debug") return spdlog::level::debug;
  if (name == "warn") return spdlog::level::warn;
  if (name == "error") return spdlog::level::err;
  return spdlog::level::info;
}

/// A text that stays on one line.
std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) letter = ' ';
  }
  return out;
}

std::string described(const run::StageEvent& stage) {
  std::string out = stage.table.empty() ? stage.stage : stage.table + " " + stage.stage;
  if (!stage.detail.empty()) out += " (" + stage.detail + ")";
  return out;
}

/// The file is made private before the logging library opens it.
std::string private_file(const std::filesystem::path& path) {
  const base::OutputFile created(path, true);
  return path.string();
}

class TextLog : public run::Observer {
 public:
  TextLog(const std::filesystem::path& path, const base::Clock& clock, const LogOptions& options)
      : clock_(clock),
        json_(options.json),
        logger_("run", std::make_shared<spdlog::sinks::basic_file_sink_st>(private_file(path))) {
    logger_.set_pattern(json_ ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v",
                        spdlog::pattern_time_type::utc);
    logger_.set_level(level_of(options.level));
    logger_.flush_on(spdlog::level::debug);
    const std::string name = path.string();
    logger_.set_error_handler([name](const std::string& why) {
      throw base::Error(base::Fault::kState, "E505", fmt::format("cannot write {}: {}", name, why));
    });
  }

  void run_started(const run::Outcome& outcome) override {
    log("info", fmt::format("run {}: {} of plan {} ({}), {} -> {}, engine {}", outcome.run_id,
                            outcome.command, outcome.plan_name, outcome.plan_file,
                            outcome.source_text, outcome.target_text, outcome.engine_version));
    log("info", fmt::format("{}, decided by {}", outcome.dry_run ? "dry run" : "applied run",
                            outcome.decided_by));
  }
  void started(const run::StageEvent& stage) override {
    log("info", described(stage) + ": started");
  }
  void finished(const run::StageEvent& stage) override {
    log(stage.failed ? "error" : "info",
        fmt::format("{}: {} after {:.3f} s, {} rows", described(stage),
                    stage.failed ? "failed" : "done", stage.seconds, stage.rows));
  }
  void message(std::string_view level, std::string_view text) override { log(level, text); }
  void run_finished(const run::Outcome& outcome) override {
    for (const auto& error : outcome.errors) log("error", "[" + error.code + "] " + error.message);
    log("info", fmt::format("{}; exit {}", outcome.verdict, outcome.exit_code));
    logger_.flush();
  }

 private:
  void log(std::string_view level, std::string_view text) {
    const auto number = level_of(level);
    const auto at =
        spdlog::log_clock::time_point(std::chrono::duration_cast<spdlog::log_clock::duration>(
            std::chrono::microseconds(clock_.now_us())));
    const auto line = json_ ? json_line(level, text) : one_line(text);
    logger_.log(at, spdlog::source_loc{}, number, spdlog::string_view_t(line.data(), line.size()));
  }
  std::string json_line(std::string_view level, std::string_view text) const {
    return json_text({{"at", base::iso_utc(clock_.now_us())}, {"level", level}, {"text", text}},
                     -1);
  }

  const base::Clock& clock_;
  bool json_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<run::Observer> make_text_log(const std::filesystem::path& path,
                                             const base::Clock& clock, const LogOptions& options) {
  return std::make_unique<TextLog>(path, clock, options);
}

}  // namespace engine::report
