#include <map>
#include <utility>

#include "base/file.h"
#include "report/json_object.h"
#include "report/observers.h"
#include "run/outcome.h"

namespace engine::report {
namespace {

constexpr std::int64_t kProgressEveryUs = 1000000;

/// One line of events.ndjson before it is written.
struct Event {
  std::int64_t at_us = 0;
  std::string run_id;
  std::string name;
  const run::StageEvent* stage = nullptr;
  const run::Outcome* outcome = nullptr;  ///< of the run's end
  std::string level, text;
};

void declare_stage(JsonObject<Event>& out) {
  out.maybe("table", text_type(), "The plan's name; absent for a whole unit.",
            [](const Event& event) {
              return event.stage == nullptr ? Json() : text_or_null(event.stage->table);
            });
  out.maybe("stage", text_type(), "extract, transform, check, merge, verify, publish, rollback.",
            [](const Event& event) {
              return event.stage == nullptr ? Json() : Json(event.stage->stage);
            });
  out.maybe("rows", count_type(), "So far, or in all.", [](const Event& event) {
    return event.stage == nullptr ? Json() : Json(event.stage->rows);
  });
  out.maybe("total", count_type(), "To come in all, where it is known.", [](const Event& event) {
    return event.stage == nullptr || event.stage->total < 0 ? Json() : Json(event.stage->total);
  });
  out.maybe("seconds", number_type(), "Since the stage began.", [](const Event& event) {
    return event.stage == nullptr ? Json() : Json(event.stage->seconds);
  });
  out.maybe("failed", flag_type(), "The stage failed.", [](const Event& event) {
    return event.stage == nullptr ? Json() : Json(event.stage->failed);
  });
  out.maybe("detail", text_type(), "What else there is to say.", [](const Event& event) {
    return event.stage == nullptr ? Json() : text_or_null(event.stage->detail);
  });
}

const JsonObject<Event>& event_fields() {
  static const JsonObject<Event> kFields = [] {
    JsonObject<Event> out;
    out.field("schema_version", {{"type", "integer"}, {"enum", Json::array({1})}}, "Of this line.",
              [](const Event&) { return 1; });
    out.field("at", text_type(), "UTC.", [](const Event& e) { return base::iso_utc(e.at_us); });
    out.field("run_id", text_type(), "The run.", [](const Event& e) { return Json(e.run_id); });
    out.field("event",
              choice_of({"run_started", "stage_started", "stage_progressed", "stage_finished",
                         "message", "run_finished"}),
              "What happened.", [](const Event& e) { return Json(e.name); });
    declare_stage(out);
    out.maybe("level", choice_of({"debug", "info", "warn", "error"}), "Of a message.",
              [](const Event& e) { return text_or_null(e.level); });
    out.maybe("text", text_type(), "Of a message.",
              [](const Event& e) { return text_or_null(e.text); });
    out.maybe(
        "applied", flag_type(), "At the end: something was published, and stands.",
        [](const Event& e) { return e.outcome == nullptr ? Json() : Json(e.outcome->applied); });
    out.maybe("exit_code", count_type(), "At the end: of the process.", [](const Event& e) {
      return e.outcome == nullptr ? Json() : Json(e.outcome->exit_code);
    });
    out.maybe("verdict", text_type(), "At the end: the outcome in a sentence.", [](const Event& e) {
      return e.outcome == nullptr ? Json() : Json(e.outcome->verdict);
    });
    return out;
  }();
  return kFields;
}

class EventLog : public run::Observer {
 public:
  EventLog(const std::filesystem::path& path, const base::Clock& clock)
      : file_(path, true), clock_(clock) {}

  void run_started(const run::Outcome& outcome) override {
    run_id_ = outcome.run_id;
    write(event("run_started"));
  }
  void started(const run::StageEvent& stage) override { write_stage("stage_started", stage); }
  void progressed(const run::StageEvent& stage) override {
    const auto now = clock_.now_us();
    auto& last = last_progress_[{stage.table, stage.stage}];
    if (last != 0 && now - last < kProgressEveryUs) return;
    last = now;
    write_stage("stage_progressed", stage);
  }
  void finished(const run::StageEvent& stage) override { write_stage("stage_finished", stage); }
  void message(std::string_view level, std::string_view text) override {
    auto line = event("message");
    line.level = level;
    line.text = text;
    write(line);
  }
  void run_finished(const run::Outcome& outcome) override {
    run_id_ = outcome.run_id;
    auto line = event("run_finished");
    line.outcome = &outcome;
    write(line);
    file_.sync();
  }

 private:
  Event event(std::string name) const {
    Event line;
    line.at_us = clock_.now_us();
    line.run_id = run_id_;
    line.name = std::move(name);
    return line;
  }
  void write_stage(std::string name, const run::StageEvent& stage) {
    auto line = event(std::move(name));
    line.stage = &stage;
    write(line);
  }
  void write(const Event& line) {
    file_.write(json_text(event_fields().write(line), -1) + "\n");
    file_.flush();
  }

  base::OutputFile file_;
  const base::Clock& clock_;
  std::string run_id_;
  std::map<std::pair<std::string, std::string>, std::int64_t> last_progress_;
};

}  // namespace

std::unique_ptr<run::Observer> make_event_log(const std::filesystem::path& path,
                                              const base::Clock& clock) {
  return std::make_unique<EventLog>(path, clock);
}

std::string events_schema_json() {
  return schema_document("Line of events.ndjson", event_fields().schema());
}

}  // namespace engine::report
