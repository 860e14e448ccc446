// What the way back and the journal cost a merge of which one percent changed: the undo and the
// journal's entries of a real run are made and stored once more, alone, against that whole run.
//
// This one links rooms of the engine: neither can be switched off in a run.

#include <fmt/format.h>

#include <filesystem>

#include "connect/undo_block.h"
#include "connectors/sqlite/engine_tables.h"
#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"
#include "state/journal.h"
#include "state/run_folder.h"

namespace {

using namespace bench;
namespace fs = std::filesystem;
namespace sqlite = engine::connectors::sqlite;
using engine::connect::UndoRecord;

/// What a run left behind, read back.
struct Left {
  std::vector<std::vector<UndoRecord>> blocks;
  sqlite::UndoEntry undo;  ///< without a block
  engine::state::RunRecord run;
  std::vector<engine::state::StageRecord> stages;
  std::vector<engine::state::UnitRecord> units;
};

Left left_by_run(const std::string& folder) {
  Left left;
  const auto journal = engine::state::Journal::open_to_read(folder + "/.engine");
  left.run = journal->runs().front();
  left.stages = journal->stages(left.run.run_id);
  left.units = journal->units(left.run.run_id);
  Database target(folder + "/target.db", true);
  Statement blocks(target, "SELECT block FROM _engine_undo ORDER BY chunk");
  while (blocks.step()) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(blocks.handle(), 0));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(blocks.handle(), 0));
    left.blocks.push_back(engine::connect::decode_undo_block({bytes, size}));
  }
  left.undo.run_id = left.run.run_id;
  left.undo.step = left.undo.table = "orders";
  left.undo.key_columns = {"id"};
  left.undo.row_columns = {"id",       "code",   "email",  "name",       "city",
                           "quantity", "amount", "status", "created_at", "note"};
  return left;
}

void write_undo(const Left& left, const std::string& target) {
  sqlite::Database database(target, target, sqlite::Database::Mode::kWrite);
  database.run("BEGIN IMMEDIATE");
  sqlite::create_engine_tables(database);
  sqlite::UndoEntry entry = left.undo;
  for (const std::vector<UndoRecord>& block : left.blocks) {
    engine::connect::UndoBlockWriter writer;
    for (const UndoRecord& record : block) {
      writer.add(record.op, record.key, record.before, record.after);
    }
    entry.block = writer.finish();
    sqlite::insert_undo(database, entry);
    ++entry.chunk;
  }
  database.run("COMMIT");
}

void write_journal(const Left& left, const std::string& state_dir) {
  const auto journal = engine::state::Journal::open(state_dir);
  const std::string& run = left.run.run_id;
  journal->begin_run(left.run);
  for (engine::state::StageRecord stage : left.stages) {
    for (const char* status : {"running", "done"}) {
      stage.status = status;
      journal->set_stage(stage);
    }
  }
  for (const engine::state::UnitRecord& unit : left.units) {
    journal->unit_intent(run, unit.unit, unit.epoch, "{}");
    journal->unit_receipt(run, unit.unit, unit.detail);
  }
  journal->end_run(run, "done", 0, left.run.started_us);
}

void measure(const Settings& settings) {
  const std::string before = orders_database(settings.data, settings.rows);
  const std::string source = changed_orders_database(settings.data, settings.rows);
  const std::string folder = settings.fresh_folder("way_back");
  const std::string alone = settings.fresh_folder("way_back_alone");
  const std::string plan = write_orders_plan(folder, source);
  const auto prepare = [&] {
    settings.fresh_folder("way_back/.engine");
    copy_database(before, folder + "/target.db");
  };
  const auto run = [&] {
    return run_command({settings.engine, "run", plan, "--apply", "--yes"}, folder + "/log.txt");
  };
  prepare();
  run();
  const Left left = left_by_run(folder);
  std::size_t images = 0;
  for (const auto& block : left.blocks) images += block.size();
  const auto same = [&] { return std::to_string(images) + " before images"; };
  const std::vector<Contestant> contestants = {
      {"engine run --apply", prepare, run, same},
      {"its undo and its journal alone", [&] { settings.fresh_folder("way_back_alone"); },
       [&] {
         return run_forked([&] {
           write_undo(left, alone + "/target.db");
           engine::state::prepare_state_dir(alone + "/.engine");
           write_journal(left, alone + "/.engine");
         });
       },
       same},
  };
  fmt::print("way_back: a merge of {} rows, 1 % of them changed\n", settings.rows);
  std::string found;
  const auto all = hold_contest(contestants, settings.rounds, found);
  print_ratios(all, all[0], Meaning::kCost);
  const Ratio ratio = time_ratio(all[1], all[0], Meaning::kCost);
  print_goal("<= 0.10x of the merge", ratio.median <= 0.1, fmt::format("{:.2f}x", ratio.median));
  fmt::print("  {} rounds; {}, {} entries of stages\n", settings.rounds, found, left.stages.size());
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
