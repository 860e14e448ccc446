#include "cli/signals.h"

#include <csignal>

namespace engine::cli {
namespace {

// A handler can reach nothing but a global; this is the only one.
run::Stop asked_to_stop;

void on_signal(int signal) {
  if (asked_to_stop.asked()) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  asked_to_stop.ask(signal);
}

}  // namespace

run::Stop& stop_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, on_signal);
  return asked_to_stop;
}

}  // namespace engine::cli
