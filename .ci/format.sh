#!/bin/bash
# Fails on every C++ file that clang-format would change; `.ci/format.sh --fix` changes them.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} == --fix ]]; then
  mode=(-i)
else
  mode=(--dry-run -Werror)
fi
find engine tests bench \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs -0 clang-format-19 --style=file "${mode[@]}"
