#!/bin/bash
# Set-up, build, all tests: one command, on a bare Debian 12, as root or as a user with sudo.
#
#   tests/run.sh [--preset debug|clang|asan|tsan] [arguments of ctest...]
#
# The preset debug (GCC) also holds the format and the tidy tests. The last line is ctest's own.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/../.ci/setup.sh"

preset=debug
if [[ ${1:-} == --preset ]]; then
  preset=${2:?--preset needs a name: debug, clang, asan or tsan}
  shift 2
fi

case $preset in
  debug) groups="build test lint" ;;
  clang | asan | tsan) groups="build test clang" ;;
  *)
    echo "error: unknown preset '$preset' (debug, clang, asan, tsan)" >&2
    exit 4
    ;;
esac

# shellcheck disable=SC2086  # a list of words
install_packages $groups
build_preset "$preset"
cd "$project_root"
exec ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure --no-tests=error "$@"
