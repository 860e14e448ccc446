#include "cli/show_rows.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/output.h"
#include "data/value.h"
#include "data/value_text.h"
#include "state/block_file.h"
#include "state/run_folder.h"

namespace engine::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const data::Column& column, std::size_t row) {
  const data::Value value = data::value_at(column, row);
  if (value.null) return nullptr;
  switch (value.type.kind) {
    case data::Kind::kBool:
      return value.integer != 0;
    case data::Kind::kInt64:
      return value.integer;
    case data::Kind::kFloat64:
      if (std::isfinite(value.real)) return value.real;
      break;
    case data::Kind::kJson: {
      Json parsed = Json::parse(value.bytes, nullptr, false);
      if (!parsed.is_discarded()) return parsed;
      break;
    }
    default:
      break;
  }
  return data::value_text(column, row);
}

std::string lines_of(const data::Batch& batch) {
  std::string lines;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    Json line = Json::object();
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      line[batch.schema->fields[i].name] = json_of(batch.column(i), row);
    }
    lines += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return lines;
}

}  // namespace

void show_rows(const std::filesystem::path& run_folder, const std::string& table,
               const std::string& stage) {
  const auto path = state::RunFolder::open(run_folder).staged(table, stage);
  if (!std::filesystem::exists(path)) {
    throw base::Error(base::Fault::kState, "E513",
                      "run " + run_folder.filename().string() + " keeps no rows of " +
                          base::quoted(table) + " after " + stage,
                      "'engine run PLAN --phase " + stage +
                          "' keeps them; an interrupted run keeps what it had extracted");
  }
  state::BlockReader reader(path);
  data::Batch batch;
  while (reader.next(batch)) print(lines_of(batch));
}

}  // namespace engine::cli
