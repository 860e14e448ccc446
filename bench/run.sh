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

all=(startup compile_plan sqlite_load sqlite_merge way_back csv_load csv_read patterns memory ids remap resume)

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

# The peer of some, in a virtual environment of its own. Needs the package registry once.
use_duckdb() {
  local -r place=$project_root/build/duckdb version=1.5.5
  if [[ ! -x $place/bin/python3 ]] || ! "$place/bin/python3" -c 'import duckdb' 2>/dev/null; then
    python3 -m venv "$place"
    "$place/bin/pip" --quiet install "duckdb==$version"
  fi
  export PATH=$place/bin:$PATH
}

install_packages build story
build_preset release bench
if [[ " ${chosen[*]} " == *" remap "* || " ${chosen[*]} " == *" csv_read "* ]]; then use_duckdb; fi
for one in "${chosen[@]}"; do
  "$project_root/build/release/bench/$one" "$@"
  echo
done
