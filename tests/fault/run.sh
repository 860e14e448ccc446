#!/bin/sh
# Faults by command: tests/fault/run.sh kill --every-write; see README.md beside this. BUILD is the
# folder of the build (build/debug), ENGINE_BINARY another engine than the one of that build.
set -eu
build=$(cd "${BUILD:-$(dirname "$0")/../../build/debug}" && pwd)
ENGINE_BINARY=${ENGINE_BINARY:-$build/bin/engine}
ENGINE_FAULT_LIBRARY=$build/tests/libfault_interpose.so
export ENGINE_BINARY ENGINE_FAULT_LIBRARY
exec "$build/tests/fault" "$@"
