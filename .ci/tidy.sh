#!/bin/bash
# Runs clang-tidy on the sources of one room: .ci/tidy.sh ROOM
#
# A file that was clean is not looked at again until it, a header of ours that it reads (however
# far), .clang-tidy, this script or clang-tidy itself changes: build/tidy-cache holds one empty
# stamp per clean state, named by the digest of all of these.
set -euo pipefail
cd "$(dirname "$0")/.."

room=$1
cache=build/tidy-cache
mkdir -p "$cache"
rules=$( (clang-tidy-19 --version; cat .clang-tidy .ci/tidy.sh) | sha256sum)

# Prints, for each source of the room, a line of the source and all files it includes from engine/.
sources_with_headers() {
  grep -rHE '^#include "' --include='*.cc' --include='*.h' engine |
    awk -v room="engine/$room" '
      function walk(file, n, i, list) {
        if (file in seen) return
        seen[file] = 1
        line = line " " file
        n = split(reads[file], list, " ")
        for (i = 1; i <= n; i++) walk(list[i])
      }
      {
        split($0, part, ":#include \"")
        sub(/".*/, "", part[2])
        reads[part[1]] = reads[part[1]] " engine/" part[2]
      }
      END {
        command = "find " room " -name \"*.cc\" | sort"
        while ((command | getline source) > 0) {
          split("", seen)
          line = ""
          walk(source)
          print substr(line, 2)
        }
      }'
}

failed=0
while read -r -a files; do
  state=$( (echo "$rules"; cat "${files[@]}") | sha256sum)
  stamp=$cache/${files[0]//\//_}-${state:0:32}
  if [[ -e $stamp ]]; then
    continue
  fi
  if clang-tidy-19 --quiet "${files[0]}" -- -std=c++20 -Iengine -DFMT_SHARED \
    -isystem /usr/include/postgresql \
    -DSPDLOG_FMT_EXTERNAL -DENGINE_VERSION='"0"' 2>"$cache/stderr.$room"; then
    rm -f "$cache/${files[0]//\//_}"-*
    : >"$stamp"
  else
    cat "$cache/stderr.$room" >&2
    failed=1
  fi
done < <(sources_with_headers)
exit "$failed"
