#include "stages/comparison.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/key.h"
#include "stages/cell_compare.h"
#include "stages/keyed_rows.h"
#include "stages/masking.h"
#include "stages/removals.h"

namespace engine::stages {

namespace {

constexpr std::size_t kShownKeyErrors = 20;

/// What becomes of a staged row.
enum class Fate : std::uint8_t {
  kInsert,
  kUpdate,
  kSame,
  kKept,
  kUnmatched,
  kDelete,
  kAbsent,
  kLeftOut
};

enum class Phase : std::uint8_t { kLoad, kCompare, kDrain, kDone };

}  // namespace

struct Comparison::State {
  State(ComparisonSpec comparison, Rows& staged_rows, Rows* of_target,
        std::vector<ImageObserver> observers)
      : spec(std::move(comparison)),
        written(std::make_shared<const data::Schema>(spec.written)),
        matches(spec.mode != plan::MergeMode::kAppend && of_target != nullptr),
        staged(&staged_rows, spec.by_content && !matches ? Columns() : spec.key, spec.staged_order),
        target(of_target, matches ? spec.key : Columns()),
        image(std::move(observers), spec.written, spec.image_columns),
        removals(spec) {
    image.set_updated(spec.updated);
    if (spec.mark) image.set_mark(*spec.mark, removals.mark());
    counts.soft = spec.mark.has_value();
    if (of_target == nullptr) counts.target_before = spec.target_rows;
  }

  bool next(connect::ChangeBatch& out);
  bool load_staged();
  bool target_ready();
  bool load_target();
  void check_target_keys() const;
  bool compare_step();
  void compare_segment();
  void settle_pairs();
  void settle_match(std::size_t pair, bool different);
  void settle_delete(std::size_t pair);
  void remove_alone(std::uint32_t row);
  bool is_marked(std::uint32_t target_row) const;
  bool is_newer(const RowPair& pair);
  bool never_updates() const {
    return spec.mode == plan::MergeMode::kInsert || spec.when_matched == plan::WhenMatched::kKeep;
  }
  std::vector<std::uint8_t> different_pairs() const;
  void mark_target_errors(std::vector<std::uint8_t>& different) const;
  bool is_compared(std::size_t column) const;
  void insert_rest();
  bool drain_step();
  void show_segment();

  void set_fates();
  void judge_keys();
  void judge_repeat(std::uint32_t row);
  bool ties_and_differs(std::uint32_t row) const;
  const data::Batch& first_batch() const { return first ? *first : staged.batch(); }
  void note_key_error(const std::string& what, std::uint32_t row);

  void count_fates();
  bool emit(connect::ChangeBatch& out);

  using Columns = std::vector<std::size_t>;
  ComparisonSpec spec;
  std::shared_ptr<const data::Schema> written;
  bool matches;  ///< rows of the two sides can be the same row
  KeyedRows staged;
  KeyedRows target;
  Image image;
  Removals removals;
  ComparisonCounts counts;
  bool started = false;
  Phase phase = Phase::kLoad;

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
  std::string staged_age, target_age;

  // The first row of the key in hand: in an earlier batch, or (nullopt) in this one.
  std::optional<data::Batch> first;
  std::uint32_t first_row = 0;
};

// Rows to be removed are handed out as soon as the stretch they were found in is done: a whole
// target may go, and must not wait in memory.
bool Comparison::State::next(connect::ChangeBatch& out) {
  if (!started) {
    started = true;
    if (target_ready()) image.set_target_schema(*target.batch().schema);
  }
  while (phase != Phase::kDone) {
    if (removals.pending()) {
      removals.take(target.batch(), out);
      return true;
    }
    if (phase == Phase::kLoad) {
      phase = load_staged() ? Phase::kCompare : Phase::kDrain;
    } else if (phase == Phase::kDrain) {
      if (!drain_step()) phase = Phase::kDone;
    } else if (!compare_step()) {
      phase = Phase::kLoad;
      if (emit(out)) return true;
    }
  }
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
  set_fates();
  if (staged.has_keys() && !spec.by_content) judge_keys();
  return true;
}

/// What becomes of rows that the target does not have.
void Comparison::State::set_fates() {
  const bool update = spec.mode == plan::MergeMode::kUpdate;
  fates.assign(staged.batch().rows, update ? Fate::kUnmatched : Fate::kInsert);
  if (!spec.deleted) return;
  const data::Column& deleted = staged.batch().column(*spec.deleted);
  for (std::size_t row = 0; row < fates.size(); ++row) {
    if (!deleted.is_null(row) && deleted.bool_at(row)) fates[row] = Fate::kAbsent;
  }
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
  if (!target.has_keys() || spec.by_content) return;
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

/// One stretch in which neither batch ends; false when the staged batch is done.
bool Comparison::State::compare_step() {
  if (at < fates.size() && matches && target_ready()) {
    compare_segment();
    settle_pairs();
    show_segment();
    return true;
  }
  if (at < fates.size()) insert_rest();
  return false;
}

void Comparison::State::show_segment() {
  std::erase_if(picks, [](const ImagePick& pick) { return pick.gone(); });
  image.show(&staged.batch(), &target.batch(), picks);
  pairs.clear();
  pair_picks.clear();
  picks.clear();
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
    const bool shown = order == 0 || (order < 0 && fates[at] == Fate::kInsert);
    if (watched && order <= 0) picks.push_back({shown ? at : none, order == 0 ? target_at : none});
    if (order > 0) remove_alone(target_at);
    if (order <= 0) ++at;
    if (order >= 0) ++target_at;
  }
}

/// A row that the target alone has: it stays, goes, or is marked.
void Comparison::State::remove_alone(std::uint32_t row) {
  const bool goes = spec.mirrors() && matches && !is_marked(row);
  if (goes) {
    removals.add(row);
    ++counts.removed;
  }
  if (image.watched() && (!goes || counts.soft)) picks.push_back({ImagePick::kNone, row, goes});
}

bool Comparison::State::is_marked(std::uint32_t target_row) const {
  return spec.mark && !target.batch().column(*spec.mark).is_null(target_row);
}

bool Comparison::State::is_compared(std::size_t column) const {
  return spec.updated.empty() ||
         std::find(spec.updated.begin(), spec.updated.end(), column) != spec.updated.end();
}

std::vector<std::uint8_t> Comparison::State::different_pairs() const {
  std::vector<std::uint8_t> different(pairs.size());
  if (pairs.empty() || never_updates()) return different;
  mark_target_errors(different);
  for (std::size_t column = 0; column < spec.written.size(); ++column) {
    if (!is_compared(column)) continue;
    mark_different(staged.batch().column(column), target.batch().column(column), pairs, different);
  }
  return different;
}

void Comparison::State::mark_target_errors(std::vector<std::uint8_t>& different) const {
  for (const data::RowError& error : target.batch().errors) {
    const auto column = spec.written.find(error.column);
    if (!column || !is_compared(*column)) continue;
    const auto found =
        std::lower_bound(pairs.begin(), pairs.end(), error.row,
                         [](const RowPair& pair, std::uint32_t row) { return pair.target < row; });
    if (found == pairs.end() || found->target != error.row) continue;
    different[static_cast<std::size_t>(found - pairs.begin())] = 1;
  }
}

void Comparison::State::settle_pairs() {
  const std::vector<std::uint8_t> different = different_pairs();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (fates[pairs[i].staged] == Fate::kAbsent) {
      settle_delete(i);
    } else {
      settle_match(i, different[i] != 0);
    }
  }
}

void Comparison::State::settle_delete(std::size_t pair) {
  const std::uint32_t row = pairs[pair].target;
  const bool goes = !spec.partial && !is_marked(row);
  if (spec.partial) fates[pairs[pair].staged] = Fate::kKept;
  if (goes) {
    fates[pairs[pair].staged] = Fate::kDelete;
    removals.add(row);
  }
  if (!image.watched()) return;
  ImagePick& pick = picks[pair_picks[pair]];
  pick.staged = ImagePick::kNone;
  pick.marked = goes && counts.soft;
  if (goes && !counts.soft) pick.target = ImagePick::kNone;
}

void Comparison::State::settle_match(std::size_t pair, bool different) {
  Fate& fate = fates[pairs[pair].staged];
  if (spec.by_content && different) {  // equal to the order of keys, but not to the bit
    fate = Fate::kInsert;
    removals.add(pairs[pair].target);
    ++counts.removed;
    if (image.watched()) picks[pair_picks[pair]].target = ImagePick::kNone;
    return;
  }
  if (never_updates()) {
    fate = Fate::kKept;
  } else if (!different) {
    fate = spec.write_unchanged ? Fate::kUpdate : Fate::kSame;
  } else {
    fate = spec.newest_by && !is_newer(pairs[pair]) ? Fate::kKept : Fate::kUpdate;
  }
  const bool stays = fate != Fate::kUpdate || !different;
  if (image.watched() && stays) picks[pair_picks[pair]].staged = ImagePick::kNone;
}

/// A larger value is newer, and any value is newer than NULL; of equal ones the target's row stays.
bool Comparison::State::is_newer(const RowPair& pair) {
  staged_age.clear();
  target_age.clear();
  data::append_key(staged_age, staged.batch(), {*spec.newest_by}, pair.staged);
  data::append_key(target_age, target.batch(), {*spec.newest_by}, pair.target);
  return staged_age > target_age;
}

/// No target rows are left: all that is staged is new.
void Comparison::State::insert_rest() {
  if (image.watched()) {
    for (std::uint32_t row = at; row < fates.size(); ++row) {
      if (fates[row] == Fate::kInsert) picks.push_back({row, ImagePick::kNone});
    }
    image.show(&staged.batch(), nullptr, picks);
    picks.clear();
  }
  at = static_cast<std::uint32_t>(fates.size());
}

/// The rest of one target batch; false when there is none.
bool Comparison::State::drain_step() {
  if (!target_ready()) return false;
  for (std::uint32_t row = target_at; row < target_rows; ++row) remove_alone(row);
  image.show(nullptr, &target.batch(), picks);
  picks.clear();
  target_at = target_rows;
  return true;
}

void Comparison::State::count_fates() {
  for (const Fate fate : fates) {
    counts.inserted += fate == Fate::kInsert;
    counts.updated += fate == Fate::kUpdate;
    counts.same += fate == Fate::kSame;
    counts.kept += fate == Fate::kKept;
    counts.unmatched += fate == Fate::kUnmatched;
    counts.deleted += fate == Fate::kDelete;
    counts.absent += fate == Fate::kAbsent;
  }
}

bool Comparison::State::emit(connect::ChangeBatch& out) {
  count_fates();
  std::vector<std::uint32_t> rows;
  rows.reserve(fates.size());
  out.ops.clear();
  out.removed_bytes = 0;
  for (std::uint32_t row = 0; row < fates.size(); ++row) {
    if (fates[row] != Fate::kInsert && fates[row] != Fate::kUpdate) continue;
    rows.push_back(row);
    out.ops.push_back(fates[row] == Fate::kInsert ? connect::Op::kInsert : connect::Op::kUpdate);
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
