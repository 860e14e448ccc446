#include "expr/kernel.h"

#include <limits>

#include "data/value_text.h"

namespace engine::expr {

void Failures::add(std::uint32_t batch_row, std::string_view code, std::string reason,
                   std::string_view value) {
  constexpr std::size_t kMaxShown = 200;
  data::RowError error;
  error.row = batch_row;
  error.column = column_;
  error.code = code;
  error.reason = std::move(reason);
  error.value = value.substr(0, kMaxShown);
  errors_.push_back(std::move(error));
}

bool Call::refuse(std::size_t row, std::string_view code, std::string reason,
                  std::string_view value) const {
  failures.add(selection.batch_row(row), code, std::move(reason), value);
  return false;
}

bool Call::refuse_arg(std::size_t row, std::string_view code, std::string reason,
                      std::size_t index) const {
  std::string value;
  append_text(value, args[index], row);
  return refuse(row, code, std::move(reason), value);
}

void Validity::clear(std::size_t row) {
  if (bits_.empty()) bits_.assign((rows_ + 7) / 8, 0xff);
  bits_[row >> 3] = static_cast<std::uint8_t>(bits_[row >> 3] & ~(1U << (row & 7)));
}

void Validity::require(const Operand& operand) {
  const std::vector<std::uint8_t>& other = operand.column->validity();
  if (other.empty()) return;
  if (operand.constant) {
    if (operand.column->is_null(0)) clear_all();
  } else if (bits_.empty()) {
    bits_ = other;
  } else {
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      bits_[i] = static_cast<std::uint8_t>(bits_[i] & other[i]);
    }
  }
}

Validity strict_validity(const Call& call) {
  Validity validity(call.rows());
  for (const Operand& operand : call.args) validity.require(operand);
  return validity;
}

BytesOutput::BytesOutput(std::size_t rows) {
  offsets_.reserve(rows + 1);
  offsets_.push_back(0);
}

bool BytesOutput::finish_value() {
  constexpr std::size_t kMaxColumn = std::numeric_limits<std::int32_t>::max();
  if (bytes_.size() - begin() > kMaxValueBytes || bytes_.size() > kMaxColumn) {
    drop_value();
    return false;
  }
  offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
  return true;
}

void BytesOutput::drop_value() {
  bytes_.resize(begin());
  offsets_.push_back(offsets_.back());
}

data::ColumnPtr BytesOutput::column(const Call& call, Validity& validity) {
  return data::ColumnBuilder::from_buffers(call.node.type, call.rows(), validity.take(), {},
                                           std::move(offsets_), std::move(bytes_));
}

void append_text(std::string& out, const Operand& operand, std::size_t row) {
  data::append_value_text(out, *operand.column, operand.at(row));
}

}  // namespace engine::expr
