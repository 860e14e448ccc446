#include "stages/checks/frame.h"

#include <algorithm>

#include "stages/masking.h"

namespace engine::stages {

namespace {

data::ColumnPtr null_column(data::Type type, std::size_t rows) {
  data::ColumnBuilder builder(type, rows);
  for (std::size_t row = 0; row < rows; ++row) builder.append_null();
  return builder.finish();
}

bool met(const plan::Threshold& threshold, std::int64_t looked_at, std::int64_t failed) {
  double measure = static_cast<double>(failed);
  if (threshold.relative) measure = looked_at == 0 ? 0 : measure / static_cast<double>(looked_at);
  const std::string& comparison = threshold.comparison;
  if (comparison == ">") return measure > threshold.value;
  if (comparison == ">=") return measure >= threshold.value;
  if (comparison == "<") return measure < threshold.value;
  if (comparison == "<=") return measure <= threshold.value;
  if (comparison == "!=") return measure != threshold.value;
  return measure == threshold.value;
}

/// The status, and the threshold it came from or stayed below.
struct Judgement {
  Status status = Status::kPass;
  std::string threshold;
};

Judgement judge(const plan::Check& spec, std::int64_t looked_at, std::int64_t failed) {
  const bool fails = spec.error_if ? met(*spec.error_if, looked_at, failed) : failed > 0;
  const std::string error_if = spec.error_if ? " (error_if " + spec.error_if->text.text + ")" : "";
  if (fails) {
    // Rejected rows do not reach the target: how many there may be is for `max_rejects` to say.
    const bool left_out = spec.rejects && !spec.error_if;
    const bool warns = left_out || spec.severity == plan::CheckSeverity::kWarn;
    return {warns ? Status::kWarn : Status::kFail, error_if};
  }
  if (spec.warn_if && met(*spec.warn_if, looked_at, failed)) {
    return {Status::kWarn, " (warn_if " + spec.warn_if->text.text + ")"};
  }
  return {Status::kPass, error_if};
}

}  // namespace

bool CheckRows::load(const data::Batch& batch) {
  if (batch.rows == 0) return false;
  if (seen_ != batch.schema) place(*batch.schema);
  seen_ = batch.schema;
  if (!error_.empty()) return false;
  project(batch);
  if (!select()) return false;
  find_unreadable(batch);
  return true;
}

void CheckRows::place(const data::Schema& schema) {
  places_.clear();
  for (const std::size_t column : frame_.needed) {
    const data::Field& field = frame_.schema->fields[column];
    const auto found = schema.find(field.name);
    if (found && schema.fields[*found].type != field.type) {
      note_error("column " + field.name + " is " + data::type_name(schema.fields[*found].type) +
                 ", not " + data::type_name(field.type));
    }
    places_.push_back(found);
  }
}

void CheckRows::project(const data::Batch& batch) {
  batch_.schema = frame_.schema;
  batch_.rows = batch.rows;
  batch_.columns.assign(frame_.schema->size(), nullptr);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t column = frame_.needed[i];
    batch_.columns[column] = places_[i]
                                 ? batch.columns[*places_[i]]
                                 : null_column(frame_.schema->fields[column].type, batch.rows);
  }
}

bool CheckRows::select() {
  if (frame_.where == nullptr) {
    looked_at_ += static_cast<std::int64_t>(batch_.rows);
    return true;
  }
  std::vector<data::RowError> errors;
  truth_ = expr::evaluate_truth(*frame_.where, batch_, frame_.context, errors);
  if (!errors.empty()) note_error("where: " + errors.front().reason);
  const auto selected = std::count(truth_.begin(), truth_.end(), std::uint8_t{1});
  looked_at_ += selected;
  return selected > 0;
}

bool CheckRows::is_judged(const std::string& column) const {
  return std::any_of(frame_.columns.begin(), frame_.columns.end(), [&](std::size_t judged) {
    return frame_.schema->fields[judged].name == column;
  });
}

void CheckRows::find_unreadable(const data::Batch& batch) {
  unreadable_.clear();
  for (const data::RowError& error : batch.errors) {
    if (!selected(error.row) || !is_judged(error.column)) continue;
    unreadable_.push_back(error.row);
    unreadable_reason_ = error.column + ": " + error.reason;
  }
}

void CheckRows::keep_selected(std::vector<std::uint32_t>& rows) const {
  if (truth_.empty()) return;
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [this](std::uint32_t row) { return !selected(row); }),
             rows.end());
}

void CheckRows::note_error(const std::string& reason) {
  if (error_.empty()) error_ = reason;
}

void CheckRows::note_errors(const std::vector<data::RowError>& errors) {
  for (const data::RowError& error : errors) {
    if (selected(error.row)) return note_error(error.reason);
  }
}

void CheckRows::note_unreadable() {
  if (!unreadable_.empty()) note_error("a value that is none of its type: " + unreadable_reason_);
}

Sample sample_of(const CheckFrame& frame, const data::Batch& batch, std::size_t row) {
  Sample sample;
  sample.key = shown_row(batch, frame.key, row, frame.masked);
  if (frame.columns.size() != 1) {
    sample.value = shown_row(batch, frame.columns, row, frame.masked);
    return sample;
  }
  const std::string& name = frame.schema->fields[frame.columns[0]].name;
  const bool hidden =
      std::find(frame.masked.begin(), frame.masked.end(), name) != frame.masked.end();
  sample.value = hidden ? kMasked : shown_value(batch.column(frame.columns[0]), row);
  return sample;
}

std::vector<std::string> CheckFrame::needed_names() const {
  std::vector<std::string> names;
  for (const std::size_t column : needed) names.push_back(schema->fields[column].name);
  return names;
}

CheckResult blank_result(const CheckFrame& frame) {
  CheckResult result;
  result.table = frame.table;
  result.label = frame.label;
  if (frame.spec.name) result.name = frame.spec.name->text;
  result.kind = frame.spec.kind;
  result.severity = frame.spec.severity;
  result.stage = frame.spec.stage;
  result.scope = frame.scope;
  result.span = frame.spec.span;
  result.tags = frame.spec.tags.list();
  result.owner = frame.spec.owner.value_or({});
  return result;
}

CheckResult error_result(const CheckFrame& frame, const std::string& reason) {
  CheckResult result = blank_result(frame);
  result.status = Status::kError;
  result.detail = "could not be evaluated: " + reason;
  return result;
}

CheckResult judged_result(const CheckFrame& frame, std::int64_t looked_at, std::int64_t failed,
                          std::string detail) {
  CheckResult result = blank_result(frame);
  result.looked_at = looked_at;
  result.failed = failed;
  const Judgement judgement = judge(frame.spec, looked_at, failed);
  result.status = judgement.status;
  if (detail.empty() && failed > 0) detail = counted(failed, frame.phrase);
  result.detail = std::move(detail);
  if (failed > 0 && frame.spec.rejects) result.detail += ", rejected";
  if (failed > 0) result.detail += judgement.threshold;
  return result;
}

std::string counted(std::int64_t rows, const Phrase& phrase) {
  return std::to_string(rows) + (rows == 1 ? " row " + phrase.one : " rows " + phrase.many);
}

}  // namespace engine::stages
