#include "stages/checks/row_store.h"

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace engine::stages {

namespace {

std::vector<std::size_t> sample_columns(const CheckFrame& frame) {
  std::vector<std::size_t> columns = frame.key;
  columns.insert(columns.end(), frame.columns.begin(), frame.columns.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

}  // namespace

state::Scratch scratch_of(const CheckRuntime& runtime) {
  return {.folder = runtime.scratch, .name = "check_" + base::random_hex(12)};
}

RowStore::RowStore(const CheckFrame& frame, const CheckRuntime& runtime)
    : frame_(frame), columns_(sample_columns(frame)) {
  if (runtime.scratch.empty() || frame.spec.sample <= 0) return;
  auto schema = std::make_shared<data::Schema>();
  for (const std::size_t column : columns_) schema->fields.push_back(frame.schema->fields[column]);
  schema_ = std::move(schema);
  const state::Scratch scratch = scratch_of(runtime);
  path_ = scratch.folder / (scratch.name + ".rows");
}

RowStore::~RowStore() {
  writer_.reset();
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

data::Batch RowStore::narrowed(const data::Batch& batch) const {
  data::Batch narrow{.schema = schema_, .columns = {}, .rows = batch.rows, .errors = {}};
  for (const std::size_t column : columns_) narrow.columns.push_back(batch.columns[column]);
  return narrow;
}

data::Batch RowStore::widened(const data::Batch& stored) const {
  data::Batch wide{.schema = frame_.schema, .columns = {}, .rows = stored.rows, .errors = {}};
  wide.columns.assign(frame_.schema->size(), nullptr);
  for (std::size_t i = 0; i < columns_.size(); ++i) wide.columns[columns_[i]] = stored.columns[i];
  return wide;
}

std::uint64_t RowStore::add(const data::Batch& batch) {
  const std::uint64_t first = rows_;
  rows_ += batch.rows;
  if (path_.empty()) return first;
  if (writer_ == nullptr) {
    writer_ = std::make_unique<state::BlockWriter>(path_, schema_, state::Compress::kNo);
  }
  writer_->write(narrowed(batch));
  return first;
}

std::vector<Sample> RowStore::samples(const std::vector<std::uint64_t>& ordinals) {
  std::vector<Sample> samples;
  if (writer_ == nullptr || ordinals.empty()) return samples;
  writer_->finish(state::Durable::kNo);
  state::BlockReader reader(path_);
  connect::ChangeBatch block;
  std::size_t loaded = reader.blocks();
  for (const std::uint64_t ordinal : ordinals) {
    const auto place = reader.place_of(ordinal);
    if (place.block != loaded) reader.read_block(place.block, block);
    loaded = place.block;
    samples.push_back(sample_of(frame_, widened(block.rows), place.row));
  }
  return samples;
}

void LowestOrdinals::add(std::uint64_t ordinal) {
  if (heap_.size() == limit_) {
    if (limit_ == 0 || ordinal >= heap_.front()) return;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  heap_.push_back(ordinal);
  std::push_heap(heap_.begin(), heap_.end());
}

std::vector<std::uint64_t> LowestOrdinals::take() {
  std::sort(heap_.begin(), heap_.end());
  return std::move(heap_);
}

}  // namespace engine::stages
