// 10 M references over 1 M parents, remapped and looked up under `memory: 256MiB`, against a hash
// join of DuckDB under the same cap. Both give the sum of the parents' new ids.
//
// This one links rooms of the engine: the join is a part of a run, and a run does much besides.

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include "base/memory.h"
#include "data/batch.h"
#include "expr/ids.h"
#include "expr/pieces.h"
#include "harness/child.h"
#include "harness/contest.h"
#include "harness/settings.h"
#include "stages/check.h"
#include "stages/orphans.h"
#include "state/key_table.h"

namespace {

using namespace bench;
using namespace engine;

constexpr std::int64_t kParents = 1'000'000;
constexpr std::int64_t kReferences = 10'000'000;
constexpr std::int64_t kSpan = 1'001'003;  ///< of the references: a few of them have no parent

const data::Type kInt = data::Type::of(data::Kind::kInt64);

data::Batch batch_of(data::ColumnPtr column) {
  static const auto kSchema =
      std::make_shared<const data::Schema>(data::Schema{{{"id", kInt, true}}});
  const std::size_t rows = column->size();
  return {kSchema, {std::move(column)}, rows, {}};
}

/// `make(i)` for each i from 0 below `count`, in batches.
template <typename Make, typename Take>
void in_batches(std::int64_t count, Make make, Take take) {
  data::ColumnBuilder builder(kInt, data::kMaxBatchRows);
  for (std::int64_t i = 0; i < count; ++i) {
    builder.append_int64(make(i));
    if (builder.size() == data::kMaxBatchRows || i + 1 == count) take(batch_of(builder.finish()));
  }
}

expr::NodePtr id_of_parents() {
  expr::IdRecipe how;
  how.table = "parents";
  std::string problem;
  how.format = expr::parse_id_format("int63", problem).value();
  how.key_types = {kInt};
  const data::Schema schema{{{"id", kInt, true}}};
  return expr::id_node(std::move(how), {expr::column_node(schema, 0)}, std::nullopt, problem);
}

data::ColumnPtr ids(const expr::Node& node, const data::Batch& batch) {
  std::vector<data::RowError> errors;
  return expr::evaluate(node, batch, {}, "id", errors);
}

/// Of this process: both sides work on one thread, and a busy machine does not count.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Answer {
  double seconds = 0;
  std::uint64_t sum = 0;
  std::int64_t found = 0;
};

/// The references lie ready, as the peer's table does; the parents' keys were collected by their
/// own table's run.
Answer remap(const std::string& folder) {
  base::MemoryBudget budget(std::uint64_t{256} << 20);
  const expr::NodePtr node = id_of_parents();
  auto spool = std::make_shared<state::KeySpool>(
      budget, state::Scratch{.folder = folder, .name = "parents"});
  stages::KeyCollector collector(data::Schema{{{"id", kInt, true}}}, {"id"}, spool);
  in_batches(
      kParents, [](std::int64_t i) { return i + 1; },
      [&](const data::Batch& batch) { collector.observe(batch_of(ids(*node, batch))); });
  spool->finish();
  std::vector<data::Batch> references;
  in_batches(
      kReferences, [](std::int64_t i) { return i * 7919 % kSpan + 1; },
      [&](data::Batch batch) { references.push_back(std::move(batch)); });
  Answer answer;
  const double start = cpu_seconds();
  const auto table = state::KeyTable::of(*spool, budget);
  if (table == nullptr) throw std::runtime_error("the parents do not fit into 256 MiB");
  stages::OrphanFinder finder({{0}, {kInt}, "parents(id)"}, *table);
  for (const data::Batch& batch : references) {
    const data::Batch made = batch_of(ids(*node, batch));
    const std::vector<std::uint32_t> orphans = finder.find(made);
    const auto* values = made.column(0).fixed<std::int64_t>();
    for (std::size_t row = 0; row < made.rows; ++row) {
      answer.sum += static_cast<std::uint64_t>(values[row]);
    }
    for (const std::uint32_t row : orphans) answer.sum -= static_cast<std::uint64_t>(values[row]);
    answer.found += static_cast<std::int64_t>(made.rows - orphans.size());
  }
  answer.seconds = cpu_seconds() - start;
  return answer;
}

std::string write_parents(const std::string& folder) {
  const std::string path = folder + "/parents.csv";
  std::ofstream out(path);
  const expr::NodePtr node = id_of_parents();
  in_batches(
      kParents, [](std::int64_t i) { return i + 1; },
      [&](const data::Batch& batch) {
        const data::ColumnPtr made = ids(*node, batch);
        for (std::size_t row = 0; row < batch.rows; ++row) {
          out << batch.column(0).int64_at(row) << ',' << made->int64_at(row) << '\n';
        }
      });
  return path;
}

void measure(const Settings& settings) {
  const std::string folder = settings.fresh_folder("remap");
  const std::string parents = write_parents(folder);
  const std::string script = std::string(BENCH_FOLDER) + "/remap_duckdb.py";
  std::vector<double> ratios, own, peer;
  std::string version;
  for (int round = 0; round <= settings.rounds; ++round) {
    const Answer mine = remap(folder);
    std::istringstream words(output_of(
        {"python3", script, parents, std::to_string(kReferences), std::to_string(kSpan)}));
    Answer theirs;
    words >> theirs.seconds >> theirs.sum >> theirs.found >> version;
    if (!words) throw std::runtime_error("no answer of DuckDB: pip install duckdb");
    if (theirs.sum != mine.sum || theirs.found != mine.found) {
      throw std::runtime_error("the two sums differ");
    }
    if (round == 0) continue;
    ratios.push_back(theirs.seconds / mine.seconds);
    own.push_back(mine.seconds);
    peer.push_back(theirs.seconds);
  }
  fmt::print("remap: {} references over {} parents under 256 MiB, one thread each\n", kReferences,
             kParents);
  fmt::print("  DuckDB {}: hash join to the new id      {:5.1f} ns a reference\n", version,
             median(peer) * 1e9 / kReferences);
  fmt::print("  engine: new id, look-up of the parent     {:5.1f} ns a reference\n",
             median(own) * 1e9 / kReferences);
  print_goal(">= 1.00x the hash join", median(ratios) >= 1.0,
             fmt::format("{:.2f}x", median(ratios)));
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
