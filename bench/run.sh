#!/bin/bash
# Builds the release engine and the benchmarks, and runs one or all of them.
#
#   bench/run.sh                         all of them
#   bench/run.sh sqlite_load [--rounds N] [--rows N]
#   bench/run.sh list                    their names
#
# Data are generated once into build/bench-data. What each one means: bench/README.md.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/../.ci/setup.sh"

all=(startup compile_plan sqlite_load sqlite_merge patterns memory ids remap resume)

name=${1:-all}
if [[ $name == list ]]; then
  printf '%s\n' "${all[@]}"
  exit 0
fi
if [[ $name == all ]]; then
  chosen=("${all[@]}")
elif [[ " ${all[*]} " == *" $name "* ]]; then
  chosen=("$name")
else
  echo "error: there is no benchmark '$name' (${all[*]})" >&2
  exit 4
fi
shift || true

install_packages build story
build_preset release bench
for one in "${chosen[@]}"; do
  "$project_root/build/release/bench/$one" "$@"
  echo
done
