#pragma once

#include "run/job.h"

namespace engine::run {

/// Tables that a run leaves out are parents all the same: the keys that children look up there are
/// those of the target as it stands. Before any table is staged.
void collect_left_out(Job& job);

}  // namespace engine::run
