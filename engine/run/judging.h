#pragma once

#include <string>
#include <vector>

#include "run/job.h"
#include "run/reading.h"
#include "stages/comparison.h"
#include "stages/freshness.h"

namespace engine::run {

/// Judges one table: follows the image while it is compared, and at the end turns counts and checks
/// into its outcome.
class Judging {
 public:
  Judging(Job& job, std::size_t table);

  std::vector<stages::ImageObserver> image_observers();
  /// Once, after both halves of the pipeline ended. Children may look up this table's keys from
  /// here on.
  void conclude(Reading& reading, const stages::ComparisonCounts& counts);

 private:
  void close_books(Reading& reading, const stages::ComparisonCounts& counts);
  stages::Facts facts(const stages::ComparisonCounts& counts) const;
  void judge_checks(Reading& reading, const stages::Facts& facts);
  void judge_references(Reading& reading);
  void judge_age();
  void judge_guards(const stages::ComparisonCounts& counts);
  void note_errors(Reading& reading, const stages::ComparisonCounts& counts);

  Job& job_;
  std::size_t at_;
  const compile::BoundTable& table_;
  TableOutcome& outcome_;
  std::vector<RunningCheck> image_checks_;
  std::vector<stages::KeyCollector> collectors_;
  std::vector<std::shared_ptr<state::KeySpool>> spools_;
  std::optional<std::string> newest_;
};

/// What closed books say to the checks of a table.
stages::Facts facts_of(const Books& books);

/// What a reference found, as a line of the outcome; a check of it where it fails.
void judge_reference(const compile::BoundReference& reference, stages::CheckResult check,
                     TableOutcome& outcome, ReferenceResult& result);
/// The same of one whose orphans went away.
void judge_filtered(const compile::BoundReference& reference, const Resolution::Found& found,
                    TableOutcome& outcome, ReferenceResult& result);

/// Judges freshness of: source before anything is read.
void judge_source_age(Job& job, std::size_t table);

/// Reasons why a table must not be published ("1 check", "1 guard"), from its outcome; empty: none.
std::vector<std::string> blocking_reasons(const TableOutcome& table);
/// Counts the reasons of all tables: "1 check and 2 freshness limits".
std::string blocked_by(const Outcome& outcome);

}  // namespace engine::run
