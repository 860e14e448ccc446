#include "run/journal_observer.h"

#include <map>
#include <utility>

namespace engine::run {
namespace {

constexpr std::int64_t kEveryUs = 1'000'000;

class JournalObserver : public Observer {
 public:
  JournalObserver(state::Journal& journal, std::string run_id, const base::Clock& clock)
      : journal_(journal), run_id_(std::move(run_id)), clock_(clock) {}

  void started(const StageEvent& event) override { enter(event, "running"); }

  void progressed(const StageEvent& event) override {
    const auto last = entered_us_.find({event.table, event.stage});
    if (last == entered_us_.end() || clock_.now_us() - last->second >= kEveryUs) {
      enter(event, "running");
    }
  }

  void finished(const StageEvent& event) override {
    enter(event, event.failed ? "failed" : "done");
  }

 private:
  void enter(const StageEvent& event, const std::string& status) {
    const std::int64_t now = clock_.now_us();
    entered_us_[{event.table, event.stage}] = now;
    state::StageRecord record;
    record.run_id = run_id_;
    record.table = event.table;
    record.stage = event.stage;
    record.status = status;
    record.rows_done = event.rows;
    if (event.total >= 0) record.rows_total = event.total;
    record.started_us = now - static_cast<std::int64_t>(event.seconds * 1e6);
    if (status != "running") record.ended_us = now;
    record.detail = event.detail;
    journal_.set_stage(record);
  }

  state::Journal& journal_;
  std::string run_id_;
  const base::Clock& clock_;
  std::map<std::pair<std::string, std::string>, std::int64_t> entered_us_;
};

}  // namespace

std::unique_ptr<Observer> make_journal_observer(state::Journal& journal, std::string run_id,
                                                const base::Clock& clock) {
  return std::make_unique<JournalObserver>(journal, std::move(run_id), clock);
}

}  // namespace engine::run
