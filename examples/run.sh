#!/bin/bash
# Tells one example, or all of them: makes its data, runs its commands, and proves what they did.
#
#   examples/run.sh NAME|all [FOLDER]
#
# An example is a folder here with its plan, its data and its steps. It runs in FOLDER/examples/NAME (default
# build/examples), which is emptied first. With ENGINE_BINARY set, that engine is used and nothing is
# installed or built.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/../.ci/setup.sh"
source "$project_root/examples/story.sh"

wanted=${1:?name an example, or all}
mkdir -p "${2:-$project_root/build/examples}"
folder=$(cd "${2:-$project_root/build/examples}" && pwd)
# The plans include files of transforms/, which lie beside examples/ there as they do here.
mkdir -p "$folder/examples"
cp -r "$project_root/transforms" "$folder/"
touch "$folder/.engine-root"
unset DRY_RUN
story=examples
prepare_engine

# In a shell of its own, so that one example leaves nothing behind for the next.
tell_example() (
  story=$(basename "$1")
  enter "$folder/examples/$story"
  cp "$1"/* .
  [[ ! -e source.sql ]] || sqlite3 data/source.db <source.sql
  [[ ! -e target.sql ]] || sqlite3 out/target.db <target.sql
  chapter "$story"
  source ./steps.sh
)

found=0
for example in "$project_root"/examples/*/; do
  [[ -e $example/steps.sh ]] || continue
  [[ $wanted == all || $wanted == "$(basename "$example")" ]] || continue
  tell_example "$example"
  found=$((found + 1))
done
[[ $found -gt 0 ]] || fail "there is no example '$wanted'"
printf '\n%s\n' "examples: ok: $found"
