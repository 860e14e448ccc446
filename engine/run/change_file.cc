#include "run/change_file.h"

#include <filesystem>

namespace engine::run {
namespace {

std::filesystem::path path_of(const Job& job, std::size_t table, ChangeKind kind) {
  return job.folder.staged(job.bound.tables[table].name,
                           kind == ChangeKind::kApply ? "merge" : "remove");
}

/// Made with the first batch of its kind.
class KindWriter {
 public:
  KindWriter(const Job& job, std::size_t table, ChangeKind kind)
      : path_(path_of(job, table, kind)) {
    std::filesystem::remove(path_);
  }
  void write(const connect::ChangeBatch& batch) {
    if (!writer_) {
      writer_ =
          std::make_unique<state::BlockWriter>(path_, batch.rows.schema, state::Compress::kNo);
    }
    writer_->write(batch);
  }
  void finish() {
    if (writer_) writer_->finish(state::Durable::kNo);
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<state::BlockWriter> writer_;
};

bool removes(connect::Op op) {
  return op == connect::Op::kDelete || op == connect::Op::kMark;
}

}  // namespace

void write_changes(Job& job, std::size_t table, connect::Changes& changes) {
  KindWriter applied(job, table, ChangeKind::kApply);
  KindWriter removed(job, table, ChangeKind::kRemove);
  connect::ChangeBatch batch;
  while (changes.next(batch)) {
    (removes(batch.ops.front()) ? removed : applied).write(batch);
  }
  applied.finish();
  removed.finish();
}

bool has_changes(const Job& job, std::size_t table, ChangeKind kind) {
  return std::filesystem::exists(path_of(job, table, kind));
}

ChangeFile::ChangeFile(const Job& job, std::size_t table, ChangeKind kind) {
  if (!has_changes(job, table, kind)) return;
  reader_ = std::make_unique<state::BlockReader>(path_of(job, table, kind));
}

bool ChangeFile::next(connect::ChangeBatch& batch) {
  return reader_ && reader_->next(batch);
}

}  // namespace engine::run
