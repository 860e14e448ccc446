#include "run/change_file.h"

#include <filesystem>

namespace engine::run {
namespace {

std::filesystem::path path_of(const Job& job, std::size_t table) {
  return job.folder.staged(job.bound.tables[table].name, "merge");
}

}  // namespace

void write_changes(Job& job, std::size_t table, connect::Changes& changes) {
  const std::filesystem::path path = path_of(job, table);
  std::filesystem::remove(path);
  std::unique_ptr<state::BlockWriter> writer;
  connect::ChangeBatch batch;
  while (changes.next(batch)) {
    if (!writer) {
      writer = std::make_unique<state::BlockWriter>(path, batch.rows.schema, state::Compress::kNo);
    }
    writer->write(batch);
  }
  if (writer) writer->finish();
}

ChangeFile::ChangeFile(const Job& job, std::size_t table) {
  const std::filesystem::path path = path_of(job, table);
  if (std::filesystem::exists(path)) reader_ = std::make_unique<state::BlockReader>(path);
}

bool ChangeFile::next(connect::ChangeBatch& batch) {
  return reader_ && reader_->next(batch);
}

}  // namespace engine::run
