// `engine validate` of a plan of ten thousand tables (read, every rule, expressions, graph) against
// a program that only lets yaml-cpp parse the same bytes into events.

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "harness/contest.h"
#include "harness/settings.h"

namespace {

using namespace bench;

constexpr double kMostBytes = 150e6;

// Counts, so that nothing can be optimised away; takes nothing over.
class EventCounter : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override { ++events; }
  void OnDocumentEnd() override { ++events; }
  void OnNull(const YAML::Mark&, YAML::anchor_t) override { ++events; }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { ++events; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    ++events;
    bytes += value.size();
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    ++events;
  }
  void OnSequenceEnd() override { ++events; }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    ++events;
  }
  void OnMapEnd() override { ++events; }

  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

void parse_events(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  YAML::Parser parser(file);
  EventCounter counter;
  while (parser.HandleNextDocument(counter)) {
  }
  if (counter.events < 1000) throw std::runtime_error("the plan has hardly any events");
}

std::string table_text(std::int64_t n) {
  std::string text = fmt::format(R"yaml(  table_{0:05}:
    tags: [area{1}]
    from: {{table: legacy_{0:05}, where: "created_at >= :since and region <> 'test'"}}
    key: [region, id]
    columns:
      email: lower(trim(email))
      full_name: trim(first_name) || ' ' || trim(last_name)
      amount: {{expr: "cast(amount as decimal(12,2))", default: "0.00"}}
      state: {{expr: "case when closed_at is null then 'open' else 'closed' end", default: open}}
      old_notes: notes
      "*": keep
)yaml",
                                 n, n % 97);
  if (n > 0) {
    text +=
        fmt::format("    references: [{{columns: [region, parent_id], to: table_{:05}}}]\n", n / 2);
  }
  text += R"yaml(    merge: {mode: upsert, dedupe: {order_by: updated_at desc}}
    freshness: {column: updated_at, warn_after: 6h, error_after: 48h}
    guard: {max_delete: 0, max_update: 20%}
    checks:
      - primary_key: [region, id]
      - not_null: [email, state]
      - accepted_values: {column: state, values: [open, closed]}
      - format: {column: email, as: email, error_if: "> 1%"}
      - range: {column: amount, min: 0}
)yaml";
  return text;
}

void write_plan(const std::string& path, std::int64_t tables) {
  std::string text = R"(version: 1
name: bench-many-tables
vars: {since: "2024-01-01"}
connections:
  old: {type: sqlite, path: old.db}
  new: {type: sqlite, path: new.db}
defaults: {source: old, target: new}
tables:
)";
  for (std::int64_t n = 0; n < tables; ++n) text += table_text(n);
  write_text(path, text);
}

void measure(const Settings& settings, std::int64_t tables) {
  const std::string folder = settings.fresh_folder("compile_plan");
  const std::string plan = folder + "/plan.yaml";
  run_forked([&] { write_plan(plan, tables); });
  fmt::print("compile_plan: {} tables, {:.1f} MB\n", tables,
             static_cast<double>(std::filesystem::file_size(plan)) / 1e6);
  const std::string log = folder + "/validate.txt";
  const std::vector<Contestant> contestants = {
      {"yaml-cpp events, nothing kept",
       {},
       [&] { return run_forked([&] { parse_events(plan); }); },
       {}},
      {"engine validate",
       {},
       [&] { return run_command({settings.engine, "validate", plan}, log); },
       {}},
  };
  std::string none;
  const auto all = hold_contest(contestants, settings.rounds, none);
  print_ratios(all, all[0], Meaning::kCost);
  const double ratio = time_ratio(all[1], all[0], Meaning::kCost).median;
  const double peak = median_peak_bytes(all[1]);
  print_goal("<= 1.50x the event parse", ratio <= 1.5, fmt::format("{:.2f}x", ratio));
  print_goal("<= 150 MB", peak <= kMostBytes, fmt::format("{:.1f} MB", peak / 1e6));
  fmt::print("  {} rounds\n", settings.rounds);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] {
    Settings settings = read_settings(argc, argv);
    measure(settings, 10'000);
  });
}
