#include "connect/ledger.h"

namespace engine::connect {
namespace {

constexpr std::string_view kUndoing = "rollback:";

}  // namespace

std::string undo_step(const std::string& step) {
  return std::string(kUndoing) + step;
}

std::string conflicts_note(std::int64_t count) {
  return "conflicts:" + std::to_string(count);
}

std::optional<std::string> LedgerRow::undone_step() const {
  if (!step.starts_with(kUndoing)) return std::nullopt;
  return step.substr(kUndoing.size());
}

bool LedgerRow::is_clean() const {
  return watermark == conflicts_note(0);
}

}  // namespace engine::connect
