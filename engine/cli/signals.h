#pragma once

#include "run/stop.h"

namespace engine::cli {

/// SIGINT, SIGTERM, SIGHUP and SIGPIPE ask the returned Stop to end the run after the current
/// batch; a second signal ends the process at once. Once per process.
run::Stop& stop_on_signals();

}  // namespace engine::cli
