#pragma once

#include "fault/program/options.h"
#include "fault/program/tally.h"

namespace engine::testing {

/// Killed at every call that changes what is stored, or at random moments.
void kill_every_write(const Options& options, const std::string& what, Tally& tally);
void kill_at_random(const Options& options, Tally& tally);

/// Power lost once the act has ended well.
void lose_after_success(const Options& options, Tally& tally);

void fail_nth(const Options& options, Tally& tally);

/// The clock on the wall is set forward or back at a call.
void jump(const Options& options, Tally& tally);

void race(const Options& options, Tally& tally);

}  // namespace engine::testing
