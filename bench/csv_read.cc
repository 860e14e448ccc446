// A CSV file typed and validated into columns in memory, through the connector's own source,
// against DuckDB's reader with the same types; one core each.
//
// This one links rooms of the engine: a run does much besides.

#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "connectors/files/files.h"
#include "harness/child.h"
#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "plan/model.h"

namespace {

using namespace bench;
using namespace engine;
using data::Kind;

struct Column {
  const char* name;
  data::Type type;
  const char* duckdb;
};

const std::vector<Column> kTypes = {
    {"id", data::Type::of(Kind::kInt64), "BIGINT"},
    {"code", data::Type::of(Kind::kText), "VARCHAR"},
    {"email", data::Type::of(Kind::kText), "VARCHAR"},
    {"name", data::Type::of(Kind::kText), "VARCHAR"},
    {"city", data::Type::of(Kind::kText), "VARCHAR"},
    {"quantity", data::Type::of(Kind::kInt64), "BIGINT"},
    {"amount", data::Type::of(Kind::kFloat64), "DOUBLE"},
    {"status", data::Type::of(Kind::kText), "VARCHAR"},
    {"created_at", data::Type::of(Kind::kTimestamp), "TIMESTAMP"},
    {"note", data::Type::of(Kind::kText), "VARCHAR"},
};

/// What was read, so that both sides read the same.
struct Answer {
  double seconds = 0;
  std::int64_t rows = 0;
  std::int64_t numbers = 0;  ///< the sums of the columns of numbers, each cut to an integer, added
  std::int64_t bytes = 0;    ///< of the texts
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::unique_ptr<connect::Source> open_csv(connect::Connection& folder, const std::string& name) {
  connect::ReadRequest request;
  request.file.emplace();
  request.file->path = base::Located::made(name, {});
  for (const Column& column : kTypes) {
    request.columns.fields.push_back({column.name, column.type, true});
  }
  return folder.read(request, folder.partitions(request).front());
}

Answer read_by_engine(const std::string& path) {
  const std::filesystem::path file = path;
  plan::Connection spec;
  spec.type = "files";
  spec.options.fields["root"].text = base::Located::made(file.parent_path().string(), {});
  const auto folder =
      connectors::files::files_connector()->open(spec, "/", connect::OpenMode::kRead);
  Answer answer;
  std::vector<double> sums(kTypes.size());
  const double start = cpu_seconds();
  const auto source = open_csv(*folder, file.filename().string());
  data::Batch batch;
  while (source->next(batch)) {
    if (!batch.errors.empty()) throw std::runtime_error("a row does not conform");
    answer.rows += static_cast<std::int64_t>(batch.rows);
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      const data::Column& column = batch.column(i);
      answer.bytes += static_cast<std::int64_t>(column.bytes().size());
      for (std::size_t row = 0; row < batch.rows; ++row) {
        if (column.type().kind == Kind::kInt64)
          sums[i] += static_cast<double>(column.int64_at(row));
        if (column.type().kind == Kind::kFloat64) sums[i] += column.float64_at(row);
      }
    }
  }
  answer.seconds = cpu_seconds() - start;
  for (const double sum : sums) answer.numbers += static_cast<std::int64_t>(std::trunc(sum));
  return answer;
}

Answer read_by_duckdb(const std::string& path, std::string& version) {
  std::vector<std::string> words = {"python3", std::string(BENCH_FOLDER) + "/csv_read_duckdb.py",
                                    path};
  for (const Column& column : kTypes) {
    words.push_back(std::string(column.name) + "=" + column.duckdb);
  }
  std::istringstream line(output_of(words));
  Answer answer;
  line >> answer.seconds >> answer.rows >> answer.numbers >> answer.bytes >> version;
  if (!line) throw std::runtime_error("no answer of DuckDB: pip install duckdb");
  return answer;
}

void require_same(const Answer& mine, const Answer& theirs) {
  // Sums of doubles depend on the order of their terms.
  const bool near = std::abs(mine.numbers - theirs.numbers) <= 2;
  if (mine.rows == theirs.rows && mine.bytes == theirs.bytes && near) return;
  throw std::runtime_error(fmt::format("{} rows, {}, {} bytes here; {} rows, {}, {} bytes there",
                                       mine.rows, mine.numbers, mine.bytes, theirs.rows,
                                       theirs.numbers, theirs.bytes));
}

void measure(const Settings& settings) {
  const std::string path = orders_csv(settings.data, settings.rows);
  const double size = static_cast<double>(std::filesystem::file_size(path));
  std::vector<double> ratios, own, peer;
  std::string version;
  for (int round = 0; round <= settings.rounds; ++round) {
    const Answer mine = read_by_engine(path);
    const Answer theirs = read_by_duckdb(path, version);
    require_same(mine, theirs);
    if (round == 0) continue;
    ratios.push_back(theirs.seconds / mine.seconds);
    own.push_back(size / mine.seconds / 1e6);
    peer.push_back(size / theirs.seconds / 1e6);
  }
  fmt::print("csv_read: {} rows x 10 columns, {:.0f} MB, typed and validated, one core each\n",
             settings.rows, size / 1e6);
  fmt::print("  DuckDB {}: read_csv             {:6.0f} MB a CPU second\n", version, median(peer));
  fmt::print("  engine: source of the connector     {:6.0f} MB a CPU second\n", median(own));
  const double ratio = median(ratios);
  print_goal(">= 1.00x DuckDB (aim 1.50x)", ratio >= 1.0, fmt::format("{:.2f}x", ratio));
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
