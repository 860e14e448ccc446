#include "cli/targets.h"

#include "connectors/builtin.h"

namespace engine::cli {

Targets::Targets(const PlanArguments& plan, connect::OpenMode mode)
    : loaded_(load_plan(plan)),
      connectors_(connectors::builtin_connectors()),
      session_(*loaded_.plan, connectors_, mode) {}

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
  std::set<std::string> steps;
  each([&](connect::Ledger& ledger) {
    for (const connect::LedgerRow& row : ledger.receipts(run_id)) {
      const auto undone = row.undone_step();
      if (!undone) {
        steps.insert(row.step);
      } else if (row.is_clean()) {
        steps.erase(*undone);
      }
    }
    return false;
  });
  return steps;
}

std::vector<run::KeptEntry> Targets::kept_before_images(std::int64_t now_us) {
  return run::kept_before_images(loaded_.graph, session_, now_us);
}

int Targets::each(const std::function<bool(connect::Ledger&)>& act) {
  int count = 0;
  for (const std::string& name : loaded_.graph.targets()) {
    const auto ledger = session_.target(name).ledger();
    count += act(*ledger) ? 1 : 0;
  }
  return count;
}

}  // namespace engine::cli
