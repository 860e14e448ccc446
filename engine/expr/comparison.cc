#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>

#include "expr/compare.h"
#include "expr/operators.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

const Type kBoolType = Type::of(Kind::kBool);

template <typename Test, typename Read>
data::ColumnPtr compare_plain(const Call& call, Read read) {
  return map_bool(call, [&](std::size_t row, bool& out) {
    out = Test{}(read(call.arg(0), row), read(call.arg(1), row));
    return true;
  });
}

/// One loop for each operator and layout.
template <typename Test>
data::ColumnPtr compare_as(const Call& call) {
  switch (call.arg(0).column->type().kind) {
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      return compare_plain<Test>(
          call, [](const Operand& arg, std::size_t row) { return arg.int64(row); });
    case Kind::kDate:
      return compare_plain<Test>(call, [](const Operand& arg, std::size_t row) {
        return arg.column->date_at(arg.at(row));
      });
    case Kind::kDecimal:
      return compare_plain<Test>(
          call, [](const Operand& arg, std::size_t row) { return arg.decimal(row); });
    case Kind::kText:
      return compare_plain<Test>(
          call, [](const Operand& arg, std::size_t row) { return arg.bytes(row); });
    default:
      return map_bool(call, [&](std::size_t row, bool& out) {
        out = Test{}(compare_values(call.arg(0), row, call.arg(1), row), 0);
        return true;
      });
  }
}

Kernel kernel_of(std::string_view sign) {
  if (sign == "=") return compare_as<std::equal_to<>>;
  if (sign == "<>") return compare_as<std::not_equal_to<>>;
  if (sign == "<") return compare_as<std::less<>>;
  if (sign == "<=") return compare_as<std::less_equal<>>;
  if (sign == ">") return compare_as<std::greater<>>;
  return compare_as<std::greater_equal<>>;
}

std::optional<Problem> check_order(std::string_view sign, const Type& type) {
  if (has_order(type.kind)) return std::nullopt;
  return Problem{std::string(sign) + " cannot compare " + data::type_name(type),
                 "compare it as text: cast(x as text)"};
}

// in

/// The listed constants; integers and texts are looked up, the rest compared one by one.
class InList : public Prepared {
 public:
  bool has_null = false;
  std::unordered_set<std::int64_t> integers;
  std::unordered_set<std::string_view> texts;  ///< into the constants, which the node holds
};

bool looked_up(Kind kind) {
  return kind == Kind::kInt64 || kind == Kind::kText || kind == Kind::kTimestamp;
}

bool in_prepared(const Call& call, std::size_t row) {
  const auto& list = call.prepared<InList>();
  const Operand& value = call.arg(0);
  if (value.column->type().kind == Kind::kText) return list.texts.count(value.bytes(row)) != 0;
  return list.integers.count(value.int64(row)) != 0;
}

data::ColumnPtr in_known(const Call& call) {
  const bool has_null = call.prepared<InList>().has_null;
  Validity validity(call.rows());
  validity.require(call.arg(0));
  data::ColumnBuilder builder(kBoolType, call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) {
    const bool found = validity.has(row) && in_prepared(call, row);
    if (!validity.has(row) || (!found && has_null)) {
      builder.append_null();
    } else {
      builder.append_bool(found);
    }
  }
  return builder.finish();
}

data::ColumnPtr in_any(const Call& call) {
  data::ColumnBuilder builder(kBoolType, call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) {
    bool unknown = call.arg(0).is_null(row);
    bool found = false;
    for (std::size_t i = 1; i < call.args.size() && !found && !call.arg(0).is_null(row); ++i) {
      if (call.arg(i).is_null(row)) {
        unknown = true;
      } else {
        found = compare_values(call.arg(0), row, call.arg(i), row) == 0;
      }
    }
    if (!found && unknown) {
      builder.append_null();
    } else {
      builder.append_bool(found);
    }
  }
  return builder.finish();
}

std::shared_ptr<const Prepared> prepare_list(const std::vector<NodePtr>& args) {
  auto list = std::make_shared<InList>();
  for (std::size_t i = 1; i < args.size(); ++i) {
    const Node& item = *args[i];
    if (!item.is_constant()) return nullptr;
    if (item.is_null_constant()) {
      list->has_null = true;
    } else if (item.type.kind == Kind::kText) {
      list->texts.insert(item.constant->bytes_at(0));
    } else {
      list->integers.insert(item.constant->int64_at(0));
    }
  }
  return list;
}

// greatest, least, nullif

template <int kSign>
data::ColumnPtr extreme(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) {
    const Operand* best = nullptr;
    for (const Operand& arg : call.args) {
      if (arg.is_null(row)) continue;
      if (best == nullptr || compare_values(arg, row, *best, row) * kSign > 0) best = &arg;
    }
    if (best == nullptr) {
      builder.append_null();
    } else {
      builder.append_from(*best->column, best->at(row));
    }
  }
  return builder.finish();
}

data::ColumnPtr nullif(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  const Operand& value = call.arg(0);
  const Operand& other = call.arg(1);
  for (std::size_t row = 0; row < call.rows(); ++row) {
    const bool equal =
        !value.is_null(row) && !other.is_null(row) && compare_values(value, row, other, row) == 0;
    if (equal) {
      builder.append_null();
    } else {
      builder.append_from(*value.column, value.at(row));
    }
  }
  return builder.finish();
}

/// Arguments brought to one type that has an order.
std::variant<Type, Problem> ordered(std::string_view name, std::vector<NodePtr>& args) {
  auto type = coerce_to_common(args);
  if (std::holds_alternative<Problem>(type)) return type;
  if (auto problem = check_order(name, std::get<Type>(type))) return *problem;
  return type;
}

}  // namespace

Outcome bind_comparison(std::string_view sign, std::vector<NodePtr> args) {
  auto type = ordered(sign, args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  return make_call({.name = std::string(sign), .type = kBoolType, .kernel = kernel_of(sign)},
                   std::move(args));
}

Outcome bind_between(bool negated, std::vector<NodePtr> args) {
  auto type = ordered("between", args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  Outcome low = bind_comparison(negated ? "<" : ">=", {args[0], args[1]});
  Outcome high = bind_comparison(negated ? ">" : "<=", {args[0], args[2]});
  return bind_connective(negated ? "or" : "and", {std::get<NodePtr>(low), std::get<NodePtr>(high)});
}

Outcome bind_in(bool negated, std::vector<NodePtr> args) {
  auto type = ordered("in", args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  auto prepared = looked_up(std::get<Type>(type).kind) ? prepare_list(args) : nullptr;
  NodePtr node = make_call({.name = "in",
                            .type = kBoolType,
                            .kernel = prepared != nullptr ? in_known : in_any,
                            .prepared = std::move(prepared)},
                           std::move(args));
  if (!negated) return node;
  return bind_not(std::move(node));
}

Outcome bind_nullif(std::vector<NodePtr> args) {
  auto type = ordered("nullif", args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  return make_call({.name = "nullif",
                    .type = std::get<Type>(type),
                    .kernel = nullif,
                    .nulls = NullRule::kAlways},
                   std::move(args));
}

Outcome bind_extreme(std::string_view name, std::vector<NodePtr> args) {
  auto type = ordered(name, args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  return make_call({.name = std::string(name),
                    .type = std::get<Type>(type),
                    .kernel = name == "greatest" ? extreme<1> : extreme<-1>,
                    .nulls = NullRule::kAll},
                   std::move(args));
}

}  // namespace engine::expr
