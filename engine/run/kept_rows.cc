#include "run/kept_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "run/chosen_rows.h"
#include "state/block_file.h"

namespace engine::run {
namespace {

namespace fs = std::filesystem;

fs::path path_of(const Job& job, std::size_t table) {
  return job.folder.staged(job.bound.tables[table].name, "extract");
}

bool keeps(const Job& job, const compile::BoundTable& table) {
  if (job.continued.keep == Keep::kAll) return true;
  return job.continued.keep == Keep::kCompared && table.load == compile::Load::kCompare;
}

/// Rows on their way from the source, written aside; renamed when they are whole.
class Keeping : public connect::Source {
 public:
  Keeping(std::unique_ptr<connect::Source> source, const data::Schema& columns, fs::path path)
      : source_(std::move(source)), path_(std::move(path)), aside_(path_.string() + ".part") {
    fs::remove(aside_);
    writer_ = std::make_unique<state::BlockWriter>(
        aside_, std::make_shared<const data::Schema>(columns), state::Compress::kZstd);
  }

  bool next(data::Batch& batch) override {
    if (source_->next(batch)) {
      writer_->write(batch);
      return true;
    }
    if (writer_) {
      writer_->finish(state::Durable::kNo);
      writer_.reset();
      fs::rename(aside_, path_);
    }
    return false;
  }

  std::string position() const override { return source_->position(); }

 private:
  std::unique_ptr<connect::Source> source_;
  fs::path path_, aside_;
  std::unique_ptr<state::BlockWriter> writer_;
};

class Kept : public connect::Source {
 public:
  explicit Kept(const fs::path& path) : reader_(path) {}
  const data::Schema& schema() const { return *reader_.schema(); }
  bool next(data::Batch& batch) override { return reader_.next(batch); }
  std::string position() const override { return {}; }

 private:
  state::BlockReader reader_;
};

std::unique_ptr<connect::Source> read_kept(const Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  auto rows = std::make_unique<Kept>(path_of(job, at));
  if (rows->schema() == table.read.columns) return rows;
  throw base::Error(base::Fault::kState, "E510",
                    "the columns of " + table.source + "." + table.read.table +
                        " are not those of the rows that the run kept",
                    "start a new run; 'engine rollback " + job.identity.run_id +
                        "' undoes what this one published");
}

}  // namespace

bool rows_are_kept(const Job& job, std::size_t table) {
  return fs::exists(path_of(job, table));
}

bool rows_were_kept(const Job& job, std::size_t table) {
  return job.continued.kept.contains(job.bound.tables[table].name);
}

std::unique_ptr<connect::Source> source_rows(Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  const fs::path path = path_of(job, at);
  if (fs::exists(path)) return read_kept(job, at);
  if (rows_were_kept(job, at)) {
    throw base::Error(base::Fault::kState, "E513",
                      "rows that the run kept are gone: " + path.string(),
                      "put the file back, or start a new run");
  }
  auto source = read_rows(job.session, table);
  if (!keeps(job, table)) return source;
  return std::make_unique<Keeping>(std::move(source), table.read.columns, path);
}

void tell_read_again(const Job& job) {
  if (!job.continued.resumed) return;
  for (std::size_t at = 0; at < job.bound.tables.size(); ++at) {
    const compile::BoundTable& table = job.bound.tables[at];
    if (!table.moves_rows() || rows_are_kept(job, at)) continue;
    job.outcome.tables[at].notes.emplace_back(
        "read again: its rows were not whole when the run was interrupted");
  }
}

void sync_kept_rows(const Job& job) {
  if (job.continued.keep == Keep::kNothing) return;
  const int folder = ::open(job.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) base::throw_system_error("open", job.folder.path(), errno);
  const int failure = ::syncfs(folder) == 0 ? 0 : errno;
  ::close(folder);
  if (failure != 0) base::throw_system_error("sync", job.folder.path(), failure);
}

}  // namespace engine::run
