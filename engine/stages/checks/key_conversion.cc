#include "stages/checks/key_conversion.h"

#include "data/value_text.h"

namespace engine::stages {

namespace {

using data::Kind;

bool is_exact(Kind kind) {
  return kind == Kind::kInt64 || kind == Kind::kDecimal || kind == Kind::kNumber;
}

bool same_layout(const data::Type& a, const data::Type& b) {
  return a.kind == b.kind && a.scale == b.scale && a.zoned == b.zoned && a.nanos == b.nanos;
}

}  // namespace

bool keys_comparable(const data::Type& child, const data::Type& parent) {
  if (child.kind == Kind::kTimestamp && parent.kind == Kind::kTimestamp) {
    return child.zoned == parent.zoned && child.nanos == parent.nanos;
  }
  return child.kind == parent.kind || child.kind == Kind::kText || parent.kind == Kind::kText ||
         (is_exact(child.kind) && is_exact(parent.kind));
}

data::ColumnPtr as_parent_key(const data::ColumnPtr& child, const data::Type& parent) {
  if (same_layout(child->type(), parent)) return child;
  data::ColumnBuilder builder(parent, child->size());
  std::string text;
  for (std::size_t row = 0; row < child->size(); ++row) {
    if (child->is_null(row)) {
      builder.append_null();
      continue;
    }
    text.clear();
    data::append_value_text(text, *child, row);
    if (is_exact(parent.kind)) text = data::canonical_number(text).value_or("");
    if (!data::append_parsed(builder, text)) builder.append_null();
  }
  return builder.finish();
}

}  // namespace engine::stages
