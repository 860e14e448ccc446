#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "connectors/files/connection.h"
#include "connectors/files/row_writer.h"
#include "data/row_digest.h"

namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;

/// A file written aside, complete and synced.
struct Staged {
  connect::TableWrite write;
  plan::FileShape shape;
  DataFile file;
  fs::path aside;
  connect::TableReceipt receipt;
};

/// Permissions of the file that is replaced; nullopt: there is none.
std::optional<unsigned> mode_of(const fs::path& path) {
  struct ::stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return facts.st_mode & 07777U;
}

/// ".people.csv.3f2a.engine" beside "people.csv"; the name that decides about compression is the
/// file's own.
fs::path aside_of(const fs::path& path) {
  return path.parent_path() /
         ("." + path.filename().string() + "." + base::random_hex(8) + ".engine");
}

/// All files of a unit are written aside in apply; commit takes the former ones to the undo, notes
/// what is going to happen, and lets it happen.
class FilesPublisher final : public connect::Publisher {
 public:
  explicit FilesPublisher(SharedPtr shared) : shared_(std::move(shared)) {}
  ~FilesPublisher() override { drop_staged(); }
  FilesPublisher(const FilesPublisher&) = delete;
  FilesPublisher& operator=(const FilesPublisher&) = delete;

  Begun begin(const connect::PublishUnit& unit) override {
    unit_ = unit;
    drop_staged();
    const Store::Section section(shared_->store);
    require_fence();
    if (const auto done = receipt_in_ledger()) {
      done_ = done;
      return Begun::kAlreadyDone;
    }
    return has_moved() ? Begun::kMoved : Begun::kReady;
  }

  void apply(const connect::TableWrite& table, connect::Changes& changes) override;

  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request) override;

  connect::Receipt commit() override;
  void abort() override { drop_staged(); }

 private:
  void require_fence() const;
  bool has_moved() const;
  std::optional<connect::Receipt> receipt_in_ledger() const;
  void write_rows_of(Staged& staged, connect::Changes& changes) const;
  FileEntry entry_of(Staged& staged, std::int64_t now_us);
  void drop_staged();

  SharedPtr shared_;
  connect::PublishUnit unit_;
  std::vector<Staged> staged_;
  std::optional<connect::Receipt> done_;
};

void FilesPublisher::require_fence() const {
  const auto lock = shared_->store.lock();
  if (lock && lock->epoch == unit_.epoch && lock->run_id == unit_.run.run_id &&
      lock->state != "free") {
    return;
  }
  throw Error(Fault::kLocked, "E501",
              "files " + shared_->folder.label() + ": run " + unit_.run.run_id +
                  " does not hold the lock any more",
              "nothing was written; another run took the lock over, or it was freed. Run again");
}

bool FilesPublisher::has_moved() const {
  const std::lock_guard guard(shared_->mutex);
  return std::any_of(unit_.tables.begin(), unit_.tables.end(), [&](const auto& table) {
    const DataFile file = shared_->folder.resolve(shape_of(table.file, table.table).path.text);
    const auto seen = shared_->seen.find(file.label);
    return seen != shared_->seen.end() && seen->second != signature_of(file.path);
  });
}

std::optional<connect::Receipt> FilesPublisher::receipt_in_ledger() const {
  connect::Receipt out;
  out.already_done = true;
  for (const FileEntry& entry : shared_->store.entries()) {
    if (entry.row.run_id != unit_.run.run_id) continue;
    for (const connect::TableWrite& table : unit_.tables) {
      if (table.step != entry.row.step) continue;
      connect::TableReceipt receipt;
      receipt.step = entry.row.step;
      receipt.table = entry.row.table;
      receipt.inserted = entry.row.inserted;
      receipt.created = entry.row.created;
      out.tables.push_back(std::move(receipt));
      out.committed_us = entry.row.committed_us;
    }
  }
  if (out.tables.size() != unit_.tables.size()) return std::nullopt;
  return out;
}

void FilesPublisher::write_rows_of(Staged& staged, connect::Changes& changes) const {
  const std::string& name = staged.file.label;
  // Pieces are compressed already, if they are.
  const bool stored = staged.shape.format == plan::FileFormat::kPieces;
  const auto output =
      create_output(staged.aside, stored ? std::string() : name, mode_of(staged.file.path));
  const auto writer = write_rows(staged.shape, name, staged.write.columns, *output);
  std::vector<std::size_t> all(staged.write.columns.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<base::Hash128> hashes;
  connect::ChangeBatch batch;
  while (changes.next(batch)) {
    const bool inserts = std::all_of(batch.ops.begin(), batch.ops.end(),
                                     [](connect::Op op) { return op == connect::Op::kInsert; });
    if (!inserts) base::bug("a file is written as a whole");
    writer->write(batch.rows);
    data::row_hashes(batch.rows, all, hashes);
    for (const base::Hash128& hash : hashes) staged.receipt.after.add(hash);
    staged.receipt.inserted += static_cast<std::int64_t>(batch.rows.rows);
  }
  writer->finish();
  output->finish();
}

void FilesPublisher::apply(const connect::TableWrite& table, connect::Changes& changes) {
  Staged staged;
  staged.write = table;
  staged.shape = shape_of(table.file, table.table);
  staged.file = shared_->folder.resolve(staged.shape.path.text);
  staged.receipt.step = table.step;
  staged.receipt.table = table.table;
  create_folders(staged.file.path.parent_path());
  staged.aside = aside_of(staged.file.path);
  {
    const Store::Section section(shared_->store);
    shared_->store.note_staged(unit_.run.run_id, staged.aside);
  }
  staged_.push_back(std::move(staged));  // from here on the file is removed if anything fails
  write_rows_of(staged_.back(), changes);
}

// What the unit wrote so far, else what stands there now, whoever wrote it.
std::unique_ptr<connect::Source> FilesPublisher::read(const connect::ReadRequest& request) {
  auto inside = std::make_shared<Shared>(shared_->folder, connect::OpenMode::kRead);
  for (const Staged& staged : staged_) {
    if (staged.write.table != request.table) continue;
    return open_source(inside, staged.shape, {{staged.aside, staged.file.label}}, request.columns);
  }
  const plan::FileShape shape = shape_of(request.file, request.table);
  return open_source(inside, shape, shared_->folder.find(shape.path.text), request.columns);
}

FileEntry FilesPublisher::entry_of(Staged& staged, std::int64_t now_us) {
  FileEntry entry;
  entry.path = fs::path(staged.file.path).lexically_relative(shared_->folder.root()).string();
  entry.before = digest_of(staged.file.path);
  entry.after = digest_of(staged.aside);
  staged.receipt.created = !entry.before;
  staged.receipt.undo_bytes = entry.before ? entry.before->size : 0;
  connect::LedgerRow& row = entry.row;
  row.run_id = unit_.run.run_id;
  row.step = staged.receipt.step;
  row.epoch = unit_.epoch;
  row.plan_sha256 = unit_.run.plan_sha256;
  row.table = staged.receipt.table;
  row.inserted = staged.receipt.inserted;
  row.created = staged.receipt.created;
  row.after_digest = staged.receipt.after.text();
  row.committed_us = now_us;
  entry.undo = shared_->store.keep(entry, unit_.undo_expires_us);
  return entry;
}

connect::Receipt FilesPublisher::commit() {
  if (done_) return *done_;
  connect::Receipt out;
  out.committed_us = base::system_clock().now_us();
  const Store::Section section(shared_->store);
  require_fence();
  Intent intent;
  for (Staged& staged : staged_) {
    intent.entries.push_back(entry_of(staged, out.committed_us));
    intent.moves.push_back({intent.entries.back().path, staged.aside.string()});
    out.tables.push_back(staged.receipt);
  }
  try {
    shared_->store.commit(intent);
  } catch (const Error& error) {
    // Once the intent stands the files written aside are its own.
    if (error.fault() == Fault::kUnknownOutcome) staged_.clear();
    throw;
  }
  const std::vector<Staged> going = std::exchange(staged_, {});
  shared_->store.forget_staged(unit_.run.run_id);
  const std::lock_guard guard(shared_->mutex);
  for (const Staged& staged : going) {
    shared_->seen[staged.file.label] = signature_of(staged.file.path);
  }
  done_ = out;
  return out;
}

void FilesPublisher::drop_staged() {
  for (const Staged& staged : staged_) {
    std::error_code ignored;  // the list of files written aside remembers what is left
    fs::remove(staged.aside, ignored);
  }
  staged_.clear();
}

}  // namespace

std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared) {
  return std::make_unique<FilesPublisher>(std::move(shared));
}

}  // namespace engine::connectors::files
