#pragma once

#include <memory>

#include "connect/read.h"
#include "run/job.h"

namespace engine::run {

/// What the journal's entry of a finished extract says when the rows were kept.
inline constexpr const char* kKeptRows = "kept";

/// The rows of a table as its source has them. Where the run keeps them they go to its folder on
/// their way (`staged/<table>.extract.rows`), and once they are whole there every further reading,
/// also by a process that goes on with the run, is given those: the source may have changed since.
/// Errors while reading kept rows: E513 when the journal says that they were kept and they are
/// gone, E510 when the source's columns are no longer theirs; E503 and E504 as state::BlockReader.
std::unique_ptr<connect::Source> source_rows(Job& job, std::size_t table);

/// All rows of the table are in the run's folder.
bool rows_are_kept(const Job& job, std::size_t table);
/// Kept by an earlier process of the same run.
bool rows_were_kept(const Job& job, std::size_t table);

/// Says of the tables of a resumed run whose rows were not whole that they are read again.
void tell_read_again(const Job& job);

/// Makes sure that kept rows outlive a power failure: before the journal says durably that
/// something is published, or that the run ended where it can go on.
void sync_kept_rows(const Job& job);

}  // namespace engine::run
