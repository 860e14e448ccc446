#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/column.h"
#include "expr/expression.h"

namespace engine::expr {

enum class NodeKind : std::uint8_t {
  kUnknown,  ///< depends on columns or variables that are not known offline; never leaves the
             ///< binder
  kColumn,
  kConstant,
  kCall,  ///< every argument is evaluated for every row, then the kernel runs
  kAnd,   ///< later arguments are evaluated only for rows that are not decided
  kOr,
  kCase,      ///< (when then)... [else]; a branch is evaluated only for its rows
  kCoalesce,  ///< later arguments are evaluated only for rows that are still NULL
};

struct Call;
/// Computes one column from the arguments of a call. Stateless; thread safe.
using Kernel = data::ColumnPtr (*)(const Call&);

/// What a function prepares once from constant arguments: a compiled pattern, a time zone.
class Prepared {
 public:
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  virtual ~Prepared() = default;
};

/// A typed piece of an expression. Immutable and shared.
struct Node {
  NodeKind kind = NodeKind::kCall;
  data::Type type;
  bool nullable = true;      ///< besides refused rows
  bool can_fail = false;     ///< this or a piece below may refuse a row
  bool of_run = false;       ///< reads the run's context, so it is no constant before the run
  bool untyped = false;      ///< constant text or NULL whose type is still open
  std::size_t column = 0;    ///< kColumn: its place in the batch
  std::string name;          ///< column; function or operator, as dialects know it
  data::ColumnPtr constant;  ///< kConstant: one row
  Kernel kernel = nullptr;
  std::shared_ptr<const Prepared> prepared;
  std::vector<NodePtr> args;
  std::uint32_t weight =
      1;  ///< pieces evaluated a row, shared ones counted each time; limited by the binder
  std::uint32_t depth = 1;

  bool is_constant() const { return kind == NodeKind::kConstant; }
  bool is_null_constant() const { return is_constant() && constant->is_null(0); }
};

NodePtr make_column(std::size_t column, std::string name, data::Type type, bool nullable);
NodePtr make_constant(data::ColumnPtr one_row, bool untyped = false);
NodePtr make_null(data::Type type, bool untyped);
NodePtr make_unknown();

/// When a call can be NULL, besides refused rows.
enum class NullRule : std::uint8_t {
  kStrict,    ///< where an argument is
  kAll,       ///< where all arguments are
  kBranches,  ///< where a branch of a kCase is
  kNever,
  kAlways,  ///< also of arguments that are not
};

struct CallParts {
  NodeKind kind = NodeKind::kCall;
  std::string name = {};
  data::Type type = {};
  Kernel kernel = nullptr;
  bool can_fail = false;
  bool of_run = false;
  NullRule nulls = NullRule::kStrict;
  std::shared_ptr<const Prepared> prepared = {};
};
/// A call of these arguments, or its value when all of them are constants and the value exists.
NodePtr make_call(CallParts parts, std::vector<NodePtr> args);

/// The same node with its type settled as it is.
NodePtr settled(const NodePtr& node);

}  // namespace engine::expr
