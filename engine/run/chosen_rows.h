#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compile/bound.h"
#include "compile/partial.h"
#include "connect/read.h"
#include "run/closure.h"
#include "run/session.h"

namespace engine::run {

/// The rows whose numbers are given; columns may be empty pointers. Row errors are left behind.
data::Batch pick(const data::Batch& batch, const std::vector<std::uint32_t>& rows);

/// The source's rows that the run takes of a table: all, or those that were chosen, by key look-up
/// where the source can do that well, else by a scan.
std::unique_ptr<connect::Source> read_rows(Session& session, const compile::BoundTable& table);

/// Rows for a closure, from the plan's sources.
class SessionRows : public ClosureRows {
 public:
  SessionRows(Session& session, const compile::Bound& bound, expr::Context context)
      : session_(session), bound_(bound), context_(std::move(context)) {}
  std::unique_ptr<connect::Source> read(std::size_t table, const std::vector<std::string>& columns,
                                        const std::optional<data::Batch>& keys) override;

 private:
  Session& session_;
  const compile::Bound& bound_;
  expr::Context context_;
};

/// What the command line may say of rows: `only` as it was written.
struct Wanted {
  std::vector<std::string> only;
  std::optional<std::int64_t> limit;
  bool any() const { return !only.empty() || limit.has_value(); }
};

/// Settles which tables and rows a run takes: Part and keys of every table, then
/// compile::leave_out. Does nothing where neither the command line nor the plan limits the run.
/// Returns what was asked for as text. Errors: E100, E113, E118, E316, E419.
std::string choose_rows(compile::Bound& bound, const Wanted& wanted, Session& session,
                        const expr::Context& context, std::uint64_t memory);

}  // namespace engine::run
