#include "cli/targets.h"

#include "connectors/builtin.h"

namespace engine::cli {

Targets::Targets(const PlanArguments& plan, connect::OpenMode mode)
    : loaded_(load_plan(plan)),
      connectors_(connectors::builtin_connectors()),
      session_(*loaded_.plan, connectors_, mode) {
  for (const plan::Table* table : loaded_.graph.tables) names_.insert(table->target.text);
}

std::vector<connect::LockRow> Targets::held() {
  std::vector<connect::LockRow> locks;
  each([&](connect::Ledger& ledger) {
    const auto lock = ledger.lock();
    if (lock && lock->state != "free") locks.push_back(*lock);
    return false;
  });
  return locks;
}

std::set<std::string> Targets::standing(const std::string& run_id) {
  constexpr std::string_view kUndone = "rollback:";
  std::set<std::string> steps;
  each([&](connect::Ledger& ledger) {
    for (const connect::LedgerRow& row : ledger.receipts(run_id)) {
      if (!row.step.starts_with(kUndone)) {
        steps.insert(row.step);
      } else if (row.watermark == "conflicts:0") {
        steps.erase(row.step.substr(kUndone.size()));
      }
    }
    return false;
  });
  return steps;
}

int Targets::each(const std::function<bool(connect::Ledger&)>& act) {
  int count = 0;
  for (const std::string& name : names_) {
    const auto ledger = session_.target(name).ledger();
    count += act(*ledger) ? 1 : 0;
  }
  return count;
}

}  // namespace engine::cli
