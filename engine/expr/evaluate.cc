#include <algorithm>
#include <utility>

#include "base/error.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

constexpr std::uint8_t kFalse = 0;
constexpr std::uint8_t kTrue = 1;
constexpr std::uint8_t kNeither = 2;

data::ColumnPtr repeat(const data::Column& one, std::size_t rows) {
  data::ColumnBuilder builder(one.type(), rows);
  for (std::size_t row = 0; row < rows; ++row) builder.append_from(one, 0);
  return builder.finish();
}

std::uint8_t truth_at(const Operand& operand, std::size_t row) {
  if (operand.is_null(row)) return kNeither;
  return operand.column->bool_at(operand.at(row)) ? kTrue : kFalse;
}

data::ColumnPtr bool_column(const std::vector<std::uint8_t>& truth) {
  data::ColumnBuilder builder(data::Type::of(data::Kind::kBool), truth.size());
  for (const std::uint8_t value : truth) {
    if (value == kNeither) {
      builder.append_null();
    } else {
      builder.append_bool(value == kTrue);
    }
  }
  return builder.finish();
}

/// Rows of a selection, as a selection of the batch.
std::vector<std::uint32_t> narrow(const Selection& selection,
                                  const std::vector<std::uint32_t>& rows) {
  if (selection.rows == nullptr) return rows;
  std::vector<std::uint32_t> out;
  out.reserve(rows.size());
  for (const std::uint32_t row : rows) out.push_back((*selection.rows)[row]);
  return out;
}

class Evaluator {
 public:
  Evaluator(const data::Batch& batch, const Context& context, Failures& failures)
      : batch_(batch), context_(context), failures_(failures) {}

  Operand run(const Node& node, const Selection& selection) {
    switch (node.kind) {
      case NodeKind::kColumn:
        return column(node, selection);
      case NodeKind::kConstant:
        return {node.constant, true};
      case NodeKind::kCall:
        return call(node, selection);
      case NodeKind::kAnd:
      case NodeKind::kOr:
        return {bool_column(connective(node, selection)), false};
      case NodeKind::kCase:
        return {case_when(node, selection), false};
      case NodeKind::kCoalesce:
        return {coalesce(node, selection), false};
      case NodeKind::kUnknown:
        break;
    }
    base::bug("an expression that is not bound was evaluated");
  }

  std::vector<std::uint8_t> truth(const Node& node, const Selection& selection) {
    if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr) {
      return connective(node, selection);
    }
    const Operand operand = run(node, selection);
    std::vector<std::uint8_t> out(selection.count);
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = truth_at(operand, row);
    return out;
  }

 private:
  Operand column(const Node& node, const Selection& selection) {
    const data::ColumnPtr& whole = batch_.columns[node.column];
    if (selection.rows == nullptr) return {whole, false};
    return {data::take(*whole, *selection.rows), false};
  }

  Operand call(const Node& node, const Selection& selection) {
    std::vector<Operand> args;
    args.reserve(node.args.size());
    for (const NodePtr& arg : node.args) args.push_back(run(*arg, selection));
    return {node.kernel(Call{node, args, selection, context_, failures_}), false};
  }

  /// `and` is decided by false, `or` by true. An argument that may refuse rows sees only undecided
  /// ones.
  std::vector<std::uint8_t> connective(const Node& node, const Selection& selection) {
    const std::uint8_t decisive = node.kind == NodeKind::kAnd ? kFalse : kTrue;
    std::vector<std::uint8_t> result = truth(*node.args[0], selection);
    for (std::size_t i = 1; i < node.args.size(); ++i) {
      const Node& arg = *node.args[i];
      if (arg.can_fail) {
        join_undecided(arg, selection, decisive, result);
      } else {
        join(truth(arg, selection), decisive, result);
      }
    }
    return result;
  }

  static std::uint8_t joined(std::uint8_t a, std::uint8_t b, std::uint8_t decisive) {
    if (a == decisive || b == decisive) return decisive;
    return a == kNeither || b == kNeither ? kNeither : a;
  }

  static void join(const std::vector<std::uint8_t>& other, std::uint8_t decisive,
                   std::vector<std::uint8_t>& result) {
    for (std::size_t row = 0; row < result.size(); ++row) {
      result[row] = joined(result[row], other[row], decisive);
    }
  }

  void join_undecided(const Node& arg, const Selection& selection, std::uint8_t decisive,
                      std::vector<std::uint8_t>& result) {
    std::vector<std::uint32_t> open;
    for (std::uint32_t row = 0; row < result.size(); ++row) {
      if (result[row] != decisive) open.push_back(row);
    }
    if (open.empty()) return;
    const std::vector<std::uint32_t> rows = narrow(selection, open);
    const auto other = truth(arg, Selection{&rows, rows.size()});
    for (std::size_t i = 0; i < open.size(); ++i) {
      result[open[i]] = joined(result[open[i]], other[i], decisive);
    }
  }

  /// For each row the branch that gives its value and the row there.
  struct Pick {
    std::uint32_t branch = 0;
    std::uint32_t row = 0;
  };

  static data::ColumnPtr gather(data::Type type, const std::vector<Operand>& branches,
                                const std::vector<Pick>& picks) {
    data::ColumnBuilder builder(type, picks.size());
    for (const Pick& pick : picks) {
      const Operand& from = branches[pick.branch];
      builder.append_from(*from.column, from.at(pick.row));
    }
    return builder.finish();
  }

  Operand on_rows(const Node& node, const Selection& selection,
                  const std::vector<std::uint32_t>& rows) {
    const std::vector<std::uint32_t> batch_rows = narrow(selection, rows);
    return run(node, Selection{&batch_rows, batch_rows.size()});
  }

  static void assign(std::vector<Pick>& picks, const std::vector<std::uint32_t>& rows,
                     std::size_t branch) {
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      picks[rows[i]] = {static_cast<std::uint32_t>(branch), i};
    }
  }

  data::ColumnPtr case_when(const Node& node, const Selection& selection) {
    std::vector<std::uint32_t> open = all_rows(selection);
    std::vector<Pick> picks(selection.count);
    std::vector<Operand> branches;
    for (std::size_t i = 0; i + 1 < node.args.size() && !open.empty(); i += 2) {
      const std::vector<std::uint32_t> batch_rows = narrow(selection, open);
      const auto decided = truth(*node.args[i], Selection{&batch_rows, batch_rows.size()});
      std::vector<std::uint32_t> taken;
      std::vector<std::uint32_t> rest;
      for (std::size_t row = 0; row < open.size(); ++row) {
        (decided[row] == kTrue ? taken : rest).push_back(open[row]);
      }
      assign(picks, taken, branches.size());
      branches.push_back(on_rows(*node.args[i + 1], selection, taken));
      open = std::move(rest);
    }
    assign(picks, open, branches.size());
    branches.push_back(on_rows(*node.args.back(), selection, open));
    return gather(node.type, branches, picks);
  }

  data::ColumnPtr coalesce(const Node& node, const Selection& selection) {
    std::vector<Operand> branches = {run(*node.args[0], selection)};
    if (branches[0].column->null_count() == 0 && !branches[0].constant) return branches[0].column;
    std::vector<std::uint32_t> open = all_rows(selection);
    std::vector<Pick> picks(selection.count);
    assign(picks, open, 0);
    for (std::size_t i = 1; i < node.args.size(); ++i) {
      std::vector<std::uint32_t> rest;
      for (const std::uint32_t row : open) {
        if (branches[picks[row].branch].is_null(picks[row].row)) rest.push_back(row);
      }
      if (rest.empty()) break;
      assign(picks, rest, branches.size());
      branches.push_back(on_rows(*node.args[i], selection, rest));
      open = std::move(rest);
    }
    return gather(node.type, branches, picks);
  }

  static std::vector<std::uint32_t> all_rows(const Selection& selection) {
    std::vector<std::uint32_t> rows(selection.count);
    for (std::uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
    return rows;
  }

  const data::Batch& batch_;
  const Context& context_;
  Failures& failures_;
};

/// A row is refused once, for its first reason, in the order of rows.
void append_first_by_row(std::vector<data::RowError>&& found, std::vector<data::RowError>& errors) {
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  for (std::size_t i = 0; i < found.size(); ++i) order.emplace_back(found[i].row, i);
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && order[i].first == order[i - 1].first) continue;
    errors.push_back(std::move(found[order[i].second]));
  }
}

bool names_row(const std::vector<data::RowError>& sorted, std::size_t row) {
  return std::binary_search(sorted.begin(), sorted.end(), row, [](const auto& a, const auto& b) {
    using A = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<A, data::RowError>) {
      return a.row < b;
    } else {
      return a < b.row;
    }
  });
}

/// A refused row is NULL even where the reason lay in a piece whose NULL the expression absorbed.
data::ColumnPtr without_refused(data::ColumnPtr column, const std::vector<data::RowError>& found) {
  if (found.empty()) return column;
  data::ColumnBuilder builder(column->type(), column->size());
  for (std::size_t row = 0; row < column->size(); ++row) {
    if (names_row(found, row)) {
      builder.append_null();
    } else {
      builder.append_from(*column, row);
    }
  }
  return builder.finish();
}

}  // namespace

data::ColumnPtr evaluate(const Node& node, const data::Batch& batch, const Context& context,
                         std::string_view column, std::vector<data::RowError>& errors) {
  std::vector<data::RowError> found;
  Failures failures(column, found);
  const Selection all{nullptr, batch.rows};
  const Operand result = Evaluator(batch, context, failures).run(node, all);
  data::ColumnPtr values = result.constant ? repeat(*result.column, batch.rows) : result.column;
  std::vector<data::RowError> first;
  append_first_by_row(std::move(found), first);
  values = without_refused(std::move(values), first);
  errors.insert(errors.end(), std::make_move_iterator(first.begin()),
                std::make_move_iterator(first.end()));
  return values;
}

std::vector<std::uint8_t> evaluate_truth(const Node& node, const data::Batch& batch,
                                         const Context& context,
                                         std::vector<data::RowError>& errors) {
  std::vector<data::RowError> found;
  Failures failures("", found);
  auto truth = Evaluator(batch, context, failures).truth(node, Selection{nullptr, batch.rows});
  for (const data::RowError& error : found) truth[error.row] = kNeither;
  append_first_by_row(std::move(found), errors);
  return truth;
}

}  // namespace engine::expr
