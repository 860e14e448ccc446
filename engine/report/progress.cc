#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.h"
#include "report/observers.h"
#include "report/text_grid.h"
#include "run/outcome.h"

namespace engine::report {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kPlainSeconds = 30;
constexpr std::size_t kMostBars = 8;
constexpr std::size_t kBarWidth = 20;

/// A stage under way, as it was last heard of.
struct Running {
  std::string table, stage;
  std::int64_t rows = 0;
  std::int64_t total = -1;
  double since = 0;
};

std::string name_of(const Running& running) {
  return running.table.empty() ? std::string("all tables") : running.table;
}

std::string rate_text(const Running& running, double now) {
  const double seconds = now - running.since;
  if (seconds < 0.2) return {};
  return fmt::format("{:.0f} rows/s", static_cast<double>(running.rows) / seconds);
}

/// "73 %  0m04 left"; empty when the total is not known.
std::string share_text(const Running& running, double now) {
  if (running.total <= 0 || running.rows <= 0) return {};
  const double share =
      std::min(1.0, static_cast<double>(running.rows) / static_cast<double>(running.total));
  const double left = (now - running.since) * (1 - share) / share;
  return fmt::format("{:.0f} %  {} left", std::floor(share * 100), base::human_seconds(left));
}

std::string bar_text(const Running& running) {
  if (running.total <= 0) return {};
  const double share =
      std::clamp(static_cast<double>(running.rows) / static_cast<double>(running.total), 0.0, 1.0);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, '-') + "]";
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string out;
  for (const auto& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : "  ") + part;
  }
  return out;
}

/// What bars and plain lines have in common: which stages run, and since when.
class Progress : public run::Observer {
 public:
  Progress(std::function<void(std::string_view)> write, ProgressOptions options)
      : write_(std::move(write)), options_(std::move(options)) {
    if (!options_.seconds) options_.seconds = base::monotonic_seconds;
  }
  void started(const run::StageEvent& event) override {
    running_.push_back({event.table, event.stage, event.rows, event.total, now()});
    changed(false);
  }
  void progressed(const run::StageEvent& event) override {
    auto* running = find(event);
    if (running == nullptr) {
      running_.push_back({event.table, event.stage, 0, -1, now() - event.seconds});
      running = &running_.back();
    }
    running->rows = event.rows;
    running->total = event.total;
    changed(false);
  }
  void finished(const run::StageEvent& event) override {
    std::erase_if(running_, [&event](const Running& running) {
      return running.table == event.table && running.stage == event.stage;
    });
    stage_ended(event);
    changed(false);
  }

 protected:
  virtual void changed(bool now_at_once) = 0;
  virtual void stage_ended(const run::StageEvent& event) = 0;

  double now() const { return options_.seconds(); }
  void write(std::string_view text) const { write_(text); }
  const std::vector<Running>& running() const { return running_; }
  std::size_t columns() const { return options_.columns; }

 private:
  Running* find(const run::StageEvent& event) {
    const auto at = std::find_if(running_.begin(), running_.end(), [&event](const Running& one) {
      return one.table == event.table && one.stage == event.stage;
    });
    return at == running_.end() ? nullptr : &*at;
  }

  std::function<void(std::string_view)> write_;
  ProgressOptions options_;
  std::vector<Running> running_;
};

/// Lines for logs of schedulers.
class PlainProgress : public Progress {
 public:
  using Progress::Progress;
  void message(std::string_view level, std::string_view text) override {
    if (level == "warn" || level == "error") write(fmt::format("{}: {}\n", level, text));
  }

 protected:
  void changed(bool) override {
    if (last_ < 0) last_ = now();
    if (now() - last_ < kPlainSeconds) return;
    last_ = now();
    for (const auto& one : running()) {
      write(joined({name_of(one) + ": " + one.stage, fmt::format("{} rows", one.rows),
                    rate_text(one, now()), share_text(one, now())}) +
            "\n");
    }
  }
  void stage_ended(const run::StageEvent& event) override {
    const bool worth_a_line = event.failed || event.stage == "check" || event.stage == "publish" ||
                              event.stage == "rollback";
    if (!worth_a_line) return;
    const Running ended{event.table, event.stage, event.rows, event.total, 0};
    const std::string word = event.failed ? " FAILED" : " done";
    write(joined({name_of(ended) + ": " + event.stage + word,
                  event.rows > 0 ? fmt::format("{} rows", event.rows) : "",
                  base::human_seconds(event.seconds), event.detail}) +
          "\n");
  }

 private:
  double last_ = -1;
};

/// Bars drawn over each other at the bottom of a terminal.
class BarProgress : public Progress {
 public:
  using Progress::Progress;
  void message(std::string_view level, std::string_view text) override {
    if (level != "warn" && level != "error") return;
    erase();
    write(fmt::format("{}: {}\n", level, text));
    changed(true);
  }
  void run_finished(const run::Outcome&) override { erase(); }

 protected:
  void changed(bool now_at_once) override {
    if (!now_at_once && now() - drawn_at_ < kRedrawSeconds) return;
    erase();
    std::string lines;
    std::size_t names = 0;
    for (const auto& one : running()) names = std::max(names, text_width(name_of(one)));
    for (const auto& one : running()) {
      if (drawn_ == kMostBars) {
        lines += fmt::format("and {} more\n", running().size() - kMostBars);
        ++drawn_;
        break;
      }
      lines += bar_line(one, std::min<std::size_t>(names, 30)) + "\n";
      ++drawn_;
    }
    write(lines);
    drawn_at_ = now();
  }
  void stage_ended(const run::StageEvent&) override {}

 private:
  std::string bar_line(const Running& one, std::size_t names) const {
    auto line =
        joined({padded(name_of(one), names), padded(one.stage, 9), bar_text(one),
                fmt::format("{} rows", one.rows), rate_text(one, now()), share_text(one, now())});
    // Cut at a character's boundary: a line that wraps would not be erased.
    while (text_width(line) >= columns() && !line.empty()) {
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) {
        line.pop_back();
      }
      line.pop_back();
    }
    return line;
  }
  /// Takes away the lines drawn last and leaves the cursor where they began.
  void erase() {
    if (drawn_ > 0) write(fmt::format("\x1b[{}A\x1b[J", drawn_));
    drawn_ = 0;
  }

  std::size_t drawn_ = 0;
  double drawn_at_ = -1;
};

}  // namespace

std::unique_ptr<run::Observer> make_progress(std::function<void(std::string_view)> write,
                                             ProgressOptions options) {
  if (options.bars) return std::make_unique<BarProgress>(std::move(write), std::move(options));
  return std::make_unique<PlainProgress>(std::move(write), std::move(options));
}

}  // namespace engine::report
