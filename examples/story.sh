# How the quickstart and the examples tell and prove: sourced by them. Whatever does not hold ends the
# story. `story` is its name.

chapter() { printf '\n=== %s\n' "$*"; }
tell() { printf '%s\n' "$*"; }
proven() { printf -- '--> %s\n' "$*"; }

fail() {
  printf '%s: FAILED: %s\n' "$story" "$*" >&2
  exit 1
}

# Prints a command as a user would type it, runs it, and holds it to its exit code.
expect() {
  local wanted=$1 code=0
  shift
  printf '\n$ %s\n' "$*"
  "$@" || code=$?
  [[ $code == "$wanted" ]] || fail "exit code $code instead of $wanted: $*"
  [[ $wanted == 0 ]] || proven "exit code $code"
}

# Changes a database behind the engine's back, and shows how.
change() {
  printf '\n$ sqlite3 %s "%s"\n' "$1" "$2"
  sqlite3 "$1" "$2"
}

ask() { sqlite3 -readonly "$1" "$2"; }

# Every object and row of a database that is not the engine's own, in key order.
contents() {
  local names="name NOT LIKE '\\_engine%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
  local table
  ask "$1" "SELECT sql FROM sqlite_schema WHERE $names ORDER BY name"
  for table in $(ask "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND $names"); do
    sqlite3 -readonly -quote "$1" "SELECT '$table', * FROM \"$table\" ORDER BY 2, 3"
  done
}

require_same() {
  cmp -s "$1" "$2" || fail "$3: $1 and $2 differ"
  proven "$3"
}

run_id() { basename "$(readlink -f .engine/runs/latest)"; }

# Makes a new, empty folder for a story and goes there; one that somebody else made is left alone.
enter() {
  local marker=.story-of-engine
  if [[ -e $1 && ! -e $1/$marker ]]; then
    fail "$1 is not a folder of $story; name another one, or remove it"
  fi
  rm -rf "$1"
  mkdir -p "$1/data" "$1/out" "$1/proof"
  cd "$1"
  touch "$marker"
}

# The engine to tell with: $ENGINE_BINARY, else build/release/bin/engine, made first.
prepare_engine() {
  if [[ -n ${ENGINE_BINARY:-} ]]; then
    PATH=$(cd "$(dirname "$ENGINE_BINARY")" && pwd):$PATH
    return
  fi
  install_packages build story || fail "packages are missing"
  build_preset release engine || fail "the engine does not build"
  PATH=$project_root/build/release/bin:$PATH
}
