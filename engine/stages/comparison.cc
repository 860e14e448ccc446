#include "stages/comparison.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/key.h"
#include "stages/cell_compare.h"
#include "stages/keyed_rows.h"
#include "stages/masking.h"

namespace engine::stages {

namespace {

constexpr std::size_t kShownKeyErrors = 20;

/// What becomes of a staged row.
enum class Fate : std::uint8_t { kInsert, kUpdate, kSame, kKept, kLeftOut };

}  // namespace

struct Comparison::State {
  State(ComparisonSpec comparison, Rows& staged_rows, Rows* of_target,
        std::vector<ImageObserver> observers)
      : spec(std::move(comparison)),
        written(std::make_shared<const data::Schema>(spec.written)),
        staged(&staged_rows, spec.key),
        target(of_target, spec.key),
        image(std::move(observers), spec.written, spec.image_columns) {}

  bool next(connect::ChangeBatch& out);
  bool load_staged();
  bool target_ready();
  bool load_target();
  void check_target_keys() const;
  void compare_batch();
  void compare_segment();
  void settle_pairs();
  std::vector<std::uint8_t> different_pairs() const;
  void mark_target_errors(std::vector<std::uint8_t>& different) const;
  void insert_rest();
  void drain_target();

  void judge_keys();
  void judge_repeat(std::uint32_t row);
  bool ties_and_differs(std::uint32_t row) const;
  const data::Batch& first_batch() const { return first ? *first : staged.batch(); }
  void note_key_error(const std::string& what, std::uint32_t row);

  bool emit(connect::ChangeBatch& out);
  connect::Op op_of(Fate fate) const {
    return fate == Fate::kInsert ? connect::Op::kInsert : connect::Op::kUpdate;
  }

  ComparisonSpec spec;
  std::shared_ptr<const data::Schema> written;
  KeyedRows staged;
  KeyedRows target;
  Image image;
  ComparisonCounts counts;
  bool started = false;
  bool done = false;

  // The staged batch in hand.
  std::vector<Fate> fates;
  std::uint32_t at = 0;
  // The target batch in hand; `target_rows` is 0 before the first and after the last.
  std::uint32_t target_at = 0;
  std::uint32_t target_rows = 0;

  // The stretch of both in which neither batch ended.
  std::vector<RowPair> pairs;
  std::vector<std::size_t> pair_picks;  ///< of each pair, its place in `picks`
  std::vector<ImagePick> picks;         ///< only filled when the image is watched

  // The first row of the key in hand: in an earlier batch, or (nullopt) in this one.
  std::optional<data::Batch> first;
  std::uint32_t first_row = 0;
};

bool Comparison::State::next(connect::ChangeBatch& out) {
  if (done) return false;
  if (!started) {
    started = true;
    if (target_ready()) image.set_target_schema(*target.batch().schema);
  }
  while (load_staged()) {
    compare_batch();
    if (emit(out)) return true;
  }
  drain_target();
  done = true;
  return false;
}

bool Comparison::State::load_staged() {
  if (!first && !spec.dedupe.empty() && counts.staged > 0) first = staged.batch();
  if (!staged.load()) return false;
  if (staged.batch().columns.size() < spec.written.size()) {
    base::bug("staged rows lack columns that are written");
  }
  counts.staged += static_cast<std::int64_t>(staged.batch().rows);
  at = 0;
  judge_keys();
  return true;
}

bool Comparison::State::target_ready() {
  return target_at < target_rows || load_target();
}

bool Comparison::State::load_target() {
  target_at = 0;
  target_rows = 0;
  if (!target.load()) return false;
  target_rows = static_cast<std::uint32_t>(target.batch().rows);
  counts.target_before += target_rows;
  check_target_keys();
  return true;
}

void Comparison::State::check_target_keys() const {
  const data::Batch& batch = target.batch();
  for (const data::RowError& error : batch.errors) {
    for (const std::size_t column : spec.key) {
      if (spec.written.fields[column].name != error.column) continue;
      throw base::Error(base::Fault::kData, "E403",
                        "a row of the target has a key that does not conform to its column: " +
                            error.column + ": " + error.reason,
                        "mend that row in the target, or choose another key");
    }
  }
  if (!target.any_repeats()) return;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (!target.repeats(row) || target.has_null(row)) continue;
    throw base::Error(
        base::Fault::kData, "E308",
        "the key is not unique in the target: " + shown_row(batch, spec.key, row, spec.masked),
        "choose a key that names one row, or remove the duplicates from the target");
  }
}

void Comparison::State::judge_keys() {
  fates.assign(staged.batch().rows, Fate::kInsert);
  for (std::uint32_t row = 0; row < fates.size(); ++row) {
    if (staged.has_null(row)) {
      fates[row] = Fate::kLeftOut;
      ++counts.null_keys;
      note_key_error("[E401] NULL in the key", row);
    } else if (staged.repeats(row)) {
      fates[row] = Fate::kLeftOut;
      judge_repeat(row);
    } else {
      first.reset();
      first_row = row;
    }
  }
}

void Comparison::State::judge_repeat(std::uint32_t row) {
  if (spec.dedupe.empty()) {
    ++counts.duplicate_keys;
    return note_key_error("[E402] duplicate key", row);
  }
  if (ties_and_differs(row)) {
    ++counts.duplicate_keys;
    return note_key_error("[E413] dedupe cannot choose between different rows of equal order", row);
  }
  ++counts.deduped;
}

bool Comparison::State::ties_and_differs(std::uint32_t row) const {
  const data::Batch& earlier = first_batch();
  const auto equal = [&](std::size_t column) {
    return data::cells_equal(earlier.column(column), first_row, staged.batch().column(column), row);
  };
  for (const ComparisonSpec::Order& order : spec.dedupe) {
    if (!equal(order.column)) return false;
  }
  for (std::size_t column = 0; column < spec.written.size(); ++column) {
    if (!equal(column)) return true;
  }
  return false;
}

void Comparison::State::note_key_error(const std::string& what, std::uint32_t row) {
  if (counts.key_errors.size() >= kShownKeyErrors) return;
  const std::string key = shown_row(staged.batch(), spec.key, row, spec.masked);
  counts.key_errors.push_back(what + ": " + key);
}

void Comparison::State::compare_batch() {
  while (at < fates.size() && target_ready()) {
    compare_segment();
    settle_pairs();
    image.show(&staged.batch(), &target.batch(), picks);
    pairs.clear();
    pair_picks.clear();
    picks.clear();
  }
  if (at < fates.size()) insert_rest();
}

void Comparison::State::compare_segment() {
  const bool watched = image.watched();
  const auto rows = static_cast<std::uint32_t>(fates.size());
  while (at < rows && target_at < target_rows) {
    if (fates[at] == Fate::kLeftOut) {
      ++at;
      continue;
    }
    const int order = staged.key(at).compare(target.key(target_at));
    if (order == 0) {
      pairs.push_back({at, target_at});
      if (watched) pair_picks.push_back(picks.size());
    }
    const std::uint32_t none = ImagePick::kNone;
    if (watched) picks.push_back({order <= 0 ? at : none, order >= 0 ? target_at : none});
    if (order <= 0) ++at;
    if (order >= 0) ++target_at;
  }
}

std::vector<std::uint8_t> Comparison::State::different_pairs() const {
  std::vector<std::uint8_t> different(pairs.size());
  if (pairs.empty()) return different;
  mark_target_errors(different);
  for (std::size_t column = 0; column < spec.written.size(); ++column) {
    mark_different(staged.batch().column(column), target.batch().column(column), pairs, different);
  }
  return different;
}

void Comparison::State::mark_target_errors(std::vector<std::uint8_t>& different) const {
  for (const data::RowError& error : target.batch().errors) {
    if (!spec.written.find(error.column)) continue;
    const auto found =
        std::lower_bound(pairs.begin(), pairs.end(), error.row,
                         [](const RowPair& pair, std::uint32_t row) { return pair.target < row; });
    if (found == pairs.end() || found->target != error.row) continue;
    different[static_cast<std::size_t>(found - pairs.begin())] = 1;
  }
}

void Comparison::State::settle_pairs() {
  const bool insert_only = spec.mode == plan::MergeMode::kInsert;
  const std::vector<std::uint8_t> different =
      insert_only ? std::vector<std::uint8_t>(pairs.size()) : different_pairs();
  const Fate fate_of_equal = insert_only            ? Fate::kKept
                             : spec.write_unchanged ? Fate::kUpdate
                                                    : Fate::kSame;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    fates[pairs[i].staged] = different[i] != 0 ? Fate::kUpdate : fate_of_equal;
    if (image.watched() && different[i] == 0) picks[pair_picks[i]].staged = ImagePick::kNone;
  }
}

/// No target rows are left: all that is staged is new.
void Comparison::State::insert_rest() {
  if (image.watched()) {
    for (std::uint32_t row = at; row < fates.size(); ++row) {
      if (fates[row] != Fate::kLeftOut) picks.push_back({row, ImagePick::kNone});
    }
    image.show(&staged.batch(), nullptr, picks);
    picks.clear();
  }
  at = static_cast<std::uint32_t>(fates.size());
}

void Comparison::State::drain_target() {
  while (target_ready()) {
    if (image.watched()) {
      for (std::uint32_t row = target_at; row < target_rows; ++row) {
        picks.push_back({ImagePick::kNone, row});
      }
      image.show(nullptr, &target.batch(), picks);
      picks.clear();
    }
    target_at = target_rows;
  }
}

bool Comparison::State::emit(connect::ChangeBatch& out) {
  std::vector<std::uint32_t> rows;
  rows.reserve(fates.size());
  out.ops.clear();
  for (std::uint32_t row = 0; row < fates.size(); ++row) {
    counts.inserted += fates[row] == Fate::kInsert;
    counts.updated += fates[row] == Fate::kUpdate;
    counts.same += fates[row] == Fate::kSame;
    counts.kept += fates[row] == Fate::kKept;
    if (fates[row] != Fate::kInsert && fates[row] != Fate::kUpdate) continue;
    rows.push_back(row);
    out.ops.push_back(op_of(fates[row]));
  }
  if (rows.empty()) return false;
  const auto& columns = staged.batch().columns;
  const auto end = columns.begin() + static_cast<std::ptrdiff_t>(written->size());
  out.rows = {.schema = written,
              .columns = {columns.begin(), end},
              .rows = staged.batch().rows,
              .errors = {}};
  if (rows.size() < fates.size()) out.rows = data::take(out.rows, rows);
  return true;
}

Comparison::Comparison(ComparisonSpec spec, Rows& staged, Rows* target,
                       std::vector<ImageObserver> image)
    : state_(std::make_unique<State>(std::move(spec), staged, target, std::move(image))) {}

Comparison::~Comparison() = default;

bool Comparison::next(connect::ChangeBatch& batch) {
  return state_->next(batch);
}

const ComparisonCounts& Comparison::counts() const {
  return state_->counts;
}

}  // namespace engine::stages
