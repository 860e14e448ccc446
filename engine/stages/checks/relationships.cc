#include <algorithm>
#include <utility>

#include "base/text.h"
#include "stages/checks/builtin.h"
#include "stages/checks/key_conversion.h"
#include "stages/checks/row_store.h"
#include "stages/orphans.h"

namespace engine::stages {

namespace {

/// Every row's columns name a row of the parent; rows with a NULL among them name none and are
/// skipped. Where the parent's keys stand in memory a row is judged at once, else all are compared
/// at the end.
class Relationships : public Check {
 public:
  Relationships(std::shared_ptr<const CheckFrame> frame, const ReferenceKeys& relation,
                const CheckRuntime& runtime)
      : frame_(std::move(frame)),
        parent_keys_(relation.parent_keys),
        rows_(*frame_),
        hashes_(relation),
        store_(*frame_, runtime),
        spool_(runtime.memory != nullptr ? *runtime.memory : own_memory_, scratch_of(runtime)),
        orphans_(frame_->spec.sample) {
    const auto parent = runtime.parents.find(parent_keys_);
    if (parent != runtime.parents.end()) parent_ = parent->second;
    const auto table = runtime.tables.find(parent_keys_);
    if (table != runtime.tables.end()) table_ = table->second;
  }

  void observe(const data::Batch& batch) override {
    if (!rows_.load(batch)) return;
    rows_.note_unreadable();
    hashes_.load(rows_.batch());
    if (table_ != nullptr) {
      judge_now();
    } else {
      keep_for_the_end();
    }
  }

  CheckResult verdict(const Facts&) override {
    if (!rows_.error().empty()) return error_result(*frame_, rows_.error());
    if (parent_ == nullptr) {
      return error_result(*frame_, "the keys of " + parent_keys_ + " were not collected");
    }
    if (table_ == nullptr) {
      spool_.finish();
      spool_.missing_in(*parent_, [this](std::uint64_t ordinal) { add_orphan(ordinal); });
    }
    CheckResult result = judged_result(*frame_, rows_.looked_at(), failed_);
    result.unnamed = rows_.looked_at() - named_;
    result.samples = store_.samples(orphans_.take());
    return result;
  }

  std::vector<std::string> columns() const override { return frame_->needed_names(); }

 private:
  static constexpr std::uint64_t kOwnMemory = std::uint64_t{64} << 20;

  void judge_now() {
    table_->look_up(hashes_.keys(), found_);
    std::vector<std::uint32_t> without;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (found_[i] == 0) without.push_back(hashes_.rows()[i]);
    }
    without.insert(without.end(), hashes_.strangers().begin(), hashes_.strangers().end());
    std::sort(without.begin(), without.end());
    rows_.keep_selected(without);
    count_named();
    if (without.empty()) return;
    data::Batch orphans = rows_.batch();
    for (data::ColumnPtr& column : orphans.columns) {
      if (column != nullptr) column = data::take(*column, without);
    }
    orphans.rows = without.size();
    orphans.errors.clear();
    const std::uint64_t first = store_.add(orphans);
    for (std::size_t i = 0; i < without.size(); ++i) add_orphan(first + i);
  }

  void keep_for_the_end() {
    const std::uint64_t first = store_.add(rows_.batch());
    for (std::size_t i = 0; i < hashes_.rows().size(); ++i) {
      const std::uint32_t row = hashes_.rows()[i];
      if (rows_.selected(row)) spool_.add(hashes_.keys()[i], first + row);
    }
    for (const std::uint32_t row : hashes_.strangers()) {
      if (rows_.selected(row)) add_orphan(first + row);
    }
    count_named();
  }

  void count_named() {
    for (const auto* rows : {&hashes_.rows(), &hashes_.strangers()}) {
      named_ += std::count_if(rows->begin(), rows->end(),
                              [this](std::uint32_t row) { return rows_.selected(row); });
    }
  }

  void add_orphan(std::uint64_t ordinal) {
    ++failed_;
    orphans_.add(ordinal);
  }

  std::shared_ptr<const CheckFrame> frame_;
  std::string parent_keys_;
  CheckRows rows_;
  ReferenceHashes hashes_;
  base::MemoryBudget own_memory_{kOwnMemory};
  RowStore store_;
  state::KeySpool spool_;
  LowestOrdinals orphans_;
  std::shared_ptr<state::KeySpool> parent_;
  std::shared_ptr<const state::KeyTable> table_;
  std::vector<std::uint8_t> found_;
  std::int64_t named_ = 0;
  std::int64_t failed_ = 0;
};

/// The parent's fields: the given ones, else its key.
std::vector<std::string> parent_fields(const CheckBinder& binder, const std::string& parent) {
  std::vector<std::string> fields;
  for (const base::Located& name : binder.names("fields")) fields.push_back(name.text);
  return fields.empty() && binder.info().key_of ? binder.info().key_of(parent) : fields;
}

std::optional<data::Type> field_type(CheckBinder& binder, const data::Schema& parent,
                                     const std::string& table, const std::string& field,
                                     std::size_t child) {
  base::Span span = binder.check().span;
  for (const base::Located& name : binder.names("fields")) {
    if (name.text == field) span = name.span;
  }
  const auto place = parent.find(field);
  if (!place) {
    std::vector<std::string> names;
    for (const data::Field& there : parent.fields) names.push_back(there.name);
    binder.error("E310", span,
                 "relationships: table " + table + " has no column " + base::quoted(field),
                 "there are: " + base::join(names, ", "));
    return std::nullopt;
  }
  const data::Type type = parent.fields[*place].type;
  if (keys_comparable(binder.field(child).type, type)) return type;
  binder.error("E310", span,
               "relationships: " + binder.field(child).name + " is " +
                   data::type_name(binder.field(child).type) + ", " + table + "." + field + " is " +
                   data::type_name(type),
               "cast the child's column to the type of the parent's");
  return std::nullopt;
}

std::optional<ReferenceKeys> bind_relation(CheckBinder& binder, const std::string& parent,
                                           const std::vector<std::string>& fields,
                                           const std::vector<std::size_t>& columns) {
  const base::Span& span = binder.check().span;
  const data::Schema* schema = binder.info().schema_of ? binder.info().schema_of(parent) : nullptr;
  if (schema == nullptr) {
    binder.error("E310", span,
                 "relationships: there is no table " + base::quoted(parent) +
                     " to refer to, or it has mistakes of its own");
    return std::nullopt;
  }
  if (fields.size() != columns.size()) {
    binder.error("E310", span,
                 "relationships: " + std::to_string(columns.size()) + " columns refer to " +
                     std::to_string(fields.size()) + " fields of " + parent,
                 "name as many fields as columns; without fields, the parent's key counts");
    return std::nullopt;
  }
  ReferenceKeys relation{.columns = columns, .types = {}, .parent_keys = {}};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (const auto type = field_type(binder, *schema, parent, fields[i], columns[i])) {
      relation.types.push_back(*type);
    }
  }
  if (relation.types.size() < fields.size()) return std::nullopt;
  relation.parent_keys = parent_keys_name(parent, fields);
  return relation;
}

}  // namespace

std::optional<KindBinding> bind_relationships(CheckBinder& binder) {
  auto columns = binder.columns();
  const auto parent = binder.text("to");
  if (!parent) {
    if (binder.option("to") == nullptr) {
      binder.error("E107", binder.check().span, "relationships: the parent (to) is not named");
    }
    return std::nullopt;
  }
  if (!columns) return std::nullopt;
  KindBinding binding;
  binding.parent_fields = parent_fields(binder, *parent);
  binding.parent_table = *parent;
  const auto relation = bind_relation(binder, *parent, binding.parent_fields, *columns);
  if (!relation) return std::nullopt;
  binding.arguments = binder.joined(*columns) + " -> " + *parent;
  binding.columns = std::move(*columns);
  binding.phrase = {"has no parent", "have no parent"};
  binding.make = [relation = *relation](std::shared_ptr<const CheckFrame> frame,
                                        const CheckRuntime& runtime) {
    return std::make_unique<Relationships>(std::move(frame), relation, runtime);
  };
  return binding;
}

}  // namespace engine::stages
