#include "run/outcome.h"

namespace engine::run {

std::string_view table_state_name(TableState state) {
  switch (state) {
    case TableState::kPending:
      return "pending";
    case TableState::kRunning:
      return "running";
    case TableState::kExtracted:
      return "extracted";
    case TableState::kStaged:
      return "staged";
    case TableState::kPublished:
      return "published";
    case TableState::kRolledBack:
      return "rolled_back";
    case TableState::kFailed:
      return "failed";
    case TableState::kSkipped:
      return "skipped";
    case TableState::kLeftOut:
      return "left_out";
    case TableState::kCreateOnly:
      return "create_only";
  }
  return "";
}

std::int64_t SnapshotOutcome::rows() const {
  std::int64_t sum = 0;
  for (const Table& table : tables) sum += table.rows;
  return sum;
}

std::uint64_t SnapshotOutcome::bytes() const {
  std::uint64_t sum = 0;
  for (const Table& table : tables) sum += table.bytes;
  return sum;
}

TableOutcome* Outcome::table(std::string_view name) {
  for (TableOutcome& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

const TableOutcome* Outcome::table(std::string_view name) const {
  for (const TableOutcome& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace engine::run
