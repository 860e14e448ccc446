#pragma once

#include <memory>
#include <string>
#include <vector>

#include "run/id_maps.h"
#include "run/job.h"
#include "run/running_check.h"
#include "stages/transform.h"

namespace engine::run {

/// The rows of one table as they come from its source, transformed: checks of the source's rows and
/// the map of new ids are done on the way. One thread.
class Extraction {
 public:
  Extraction(Job& job, std::size_t table);

  /// The next rows, at least one; false at the end, when the counts are complete. E426 when two
  /// source keys were given one id.
  bool next(data::Batch& staged);

  const std::shared_ptr<const data::Schema>& schema() const { return transform_.schema(); }
  const stages::TransformCounts& counts() const { return transform_.counts(); }
  std::vector<RunningCheck>& source_checks() { return source_checks_; }
  /// The first rows that could not be transformed, one text each; as many as messages show.
  const std::vector<std::string>& rejects() const { return rejects_; }

 private:
  data::Batch transform(const data::Batch& batch);
  void note_rejects(const std::vector<data::RowError>& errors, std::int64_t first_row);
  void report(bool finished);

  Job& job_;
  const compile::BoundTable& table_;
  stages::Transform transform_;
  std::vector<RunningCheck> source_checks_;
  IdMapping ids_;
  std::vector<std::string> rejects_;
  std::unique_ptr<connect::Source> source_;
  double started_;
  std::int64_t expected_;  ///< rows the last run read; -1: not known
};

/// How many refused rows messages show.
inline constexpr std::size_t kShownRejects = 20;
/// ": 'value'", or nothing where there is no value to show.
std::string shown_reject(const std::string& value, bool masked);

}  // namespace engine::run
