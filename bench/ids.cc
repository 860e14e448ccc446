// New ids, a key: what the engine makes of a column of source keys (hashed text, digest, id),
// against OpenSSL's one-shot call on texts that were laid ready.
//
// This one links a room of the engine: what a key costs is not seen from outside.

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <ctime>
#include <functional>

#include "data/batch.h"
#include "expr/ids.h"
#include "expr/pieces.h"
#include "harness/contest.h"
#include "harness/settings.h"

namespace {

using namespace bench;
using namespace engine;

constexpr std::size_t kBatch = data::kMaxBatchRows;

data::Batch keys_from(std::int64_t first) {
  data::ColumnBuilder builder(data::Type::of(data::Kind::kInt64), kBatch);
  for (std::size_t row = 0; row < kBatch; ++row) {
    builder.append_int64(first + static_cast<std::int64_t>(row) * 7919);
  }
  data::Schema schema;
  schema.fields.push_back({"id", data::Type::of(data::Kind::kInt64), true});
  return {std::make_shared<const data::Schema>(std::move(schema)), {builder.finish()}, kBatch, {}};
}

expr::IdRecipe recipe(const char* format) {
  std::string problem;
  expr::IdRecipe how;
  how.name_space = "prod";
  how.table = "contacts";
  how.format = expr::parse_id_format(format, problem).value();
  how.key_types = {data::Type::of(data::Kind::kInt64)};
  return how;
}

/// Of this process, so that a busy machine does not count.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ns_a_key(const std::function<void()>& one_batch, int rounds) {
  std::vector<double> seen;
  for (int round = 0; round <= rounds; ++round) {
    const double start = cpu_ns();
    constexpr int kBatches = 100;
    for (int i = 0; i < kBatches; ++i) one_batch();
    const double spent = cpu_ns() - start;
    if (round > 0) seen.push_back(spent / (kBatches * static_cast<double>(kBatch)));
  }
  return median(seen);
}

double made_by_engine(const data::Batch& batch, expr::IdRecipe how,
                      std::optional<data::Type> wanted, int rounds) {
  std::string problem;
  const expr::NodePtr node =
      expr::id_node(std::move(how), {expr::column_node(*batch.schema, 0)}, wanted, problem);
  return ns_a_key(
      [&] {
        std::vector<data::RowError> errors;
        static_cast<void>(expr::evaluate(*node, batch, {}, "id", errors));
      },
      rounds);
}

void measure(const Settings& settings) {
  const data::Batch batch = keys_from(1'000'000);
  const std::string prefix = expr::id_prefix(recipe("uuid"));
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < kBatch; ++row) {
    const std::string key = std::to_string(batch.column(0).int64_at(row));
    texts.push_back(prefix + "x" + std::to_string(key.size()) + ":" + key);
  }
  unsigned char out[32];
  const double one_shot = ns_a_key(
      [&] {
        for (const std::string& text : texts) {
          EVP_Digest(text.data(), text.size(), out, nullptr, EVP_sha256(), nullptr);
        }
      },
      settings.rounds);
  const double uuid = made_by_engine(batch, recipe("uuid"), std::nullopt, settings.rounds);
  const double text =
      made_by_engine(batch, recipe("uuid"), data::Type::of(data::Kind::kText), settings.rounds);
  const double number = made_by_engine(batch, recipe("int63"), std::nullopt, settings.rounds);
  expr::IdRecipe hidden = recipe("uuid");
  hidden.hmac = true;
  hidden.key = base::Secret("sesame");
  const double hmac = made_by_engine(batch, hidden, std::nullopt, settings.rounds);
  fmt::print("ids: integer keys of one table, text of {} bytes\n", texts.front().size());
  fmt::print("  {:48} {:6.1f} ns a key\n", "OpenSSL one-shot, texts laid ready", one_shot);
  fmt::print("  {:48} {:6.1f} ns a key\n", "engine: sha256, uuid", uuid);
  fmt::print("  {:48} {:6.1f} ns a key\n", "engine: sha256, uuid as text", text);
  fmt::print("  {:48} {:6.1f} ns a key\n", "engine: sha256, int63", number);
  fmt::print("  {:48} {:6.1f} ns a key\n", "engine: hmac_sha256, uuid", hmac);
  print_goal("<= 50 ns a key where the CPU has SHA-NI", uuid <= 50, fmt::format("{:.1f} ns", uuid));
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
