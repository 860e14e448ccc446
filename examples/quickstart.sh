#!/bin/bash
# From nothing to a migration that is checked, applied, and undone: on a bare Debian 12, as root or
# as a user with sudo.
#
#   examples/quickstart.sh [FOLDER]
#
# Installs what is missing, builds build/release/bin/engine, and promotes 13,463 rows of four tables
# from one SQLite database to another by plans/promotion.yaml. Everything happens in FOLDER (default
# build/quickstart), which is emptied first. With ENGINE_BINARY set, that engine is used and nothing
# is installed or built.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/../.ci/setup.sh"

folder=${1:-$project_root/build/quickstart}
marker=.quickstart
source_folder=$project_root/examples/quickstart
prod=out/prod.db

# ---- telling and proving -------------------------------------------------------------------------

chapter() { printf '\n=== %s\n' "$*"; }
tell() { printf '%s\n' "$*"; }
proven() { printf -- '--> %s\n' "$*"; }

fail() {
  printf 'quickstart: FAILED: %s\n' "$*" >&2
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

# Changes the source, and shows how.
change_source() {
  printf '\n$ sqlite3 data/staging.db "%s"\n' "$1"
  sqlite3 data/staging.db "$1"
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

# Rows of one table that are new or other than in the copy of the target that is named last.
moved_rows() {
  ask "$prod" "ATTACH '$2' AS was; SELECT count(*) FROM
    (SELECT * FROM main.$1 EXCEPT SELECT * FROM was.$1)"
}

run_id() { basename "$(readlink -f .engine/runs/latest)"; }

# ---- the chapters --------------------------------------------------------------------------------

prepare_engine() {
  if [[ -n ${ENGINE_BINARY:-} ]]; then
    PATH=$(cd "$(dirname "$ENGINE_BINARY")" && pwd):$PATH
    return
  fi
  install_packages build story || fail "packages are missing"
  build_preset release engine || fail "the engine does not build"
  PATH=$project_root/build/release/bin:$PATH
}

prepare_folder() {
  if [[ -e $folder && ! -e $folder/$marker ]]; then
    fail "$folder is not a folder of the quickstart; name another one, or remove it"
  fi
  rm -rf "$folder"
  mkdir -p "$folder/data" "$folder/out" "$folder/proof"
  cd "$folder"
  touch "$marker"
  cp "$project_root/plans/promotion.yaml" .
  cat "$source_folder/tables.sql" "$source_folder/staging.sql" | sqlite3 data/staging.db
  sqlite3 "$prod" <"$source_folder/tables.sql"
  contents "$prod" >proof/start.txt
  tell "data/staging.db holds $(ask data/staging.db "SELECT
    (SELECT count(*) FROM dtc_codes_github) + (SELECT count(*) FROM reddit_diagnostic_posts) +
    (SELECT count(*) FROM youtube_repair_videos) + (SELECT count(*) FROM equipment_registry)") \
rows in four tables; out/prod.db has the same tables, empty."
}

look_first() {
  chapter "1. Is the plan sound? Nothing is opened."
  expect 0 engine validate promotion.yaml --profile embedded

  chapter "2. What would it do? A dry run is the default."
  cp "$prod" proof/prod.db
  expect 0 engine run promotion.yaml --profile embedded
  require_same "$prod" proof/prod.db "the target is the same, byte for byte"
}

apply_twice() {
  chapter "3. Do it."
  expect 0 engine run promotion.yaml --profile embedded --apply --yes
  first_run=$(run_id)
  promoted=$(ask "$prod" "SELECT
    (SELECT count(*) FROM dtc_codes_github) + (SELECT count(*) FROM reddit_diagnostic_posts) +
    (SELECT count(*) FROM youtube_repair_videos) + (SELECT count(*) FROM equipment_registry)")
  [[ $promoted == 13463 ]] || fail "$promoted rows arrived instead of 13463"
  local created
  created=$(ask "$prod" "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN
    ('sensor_telemetry', 'models', 'feature_store', 'maintenance_predictions')")
  [[ $created == 4 ]] || fail "$created tables were created instead of 4"
  proven "plain SQL counts 13463 rows and 4 created tables in the target"

  chapter "4. Do it again: there is nothing to do."
  contents "$prod" >proof/applied.txt
  expect 0 engine run promotion.yaml --profile embedded --apply --yes
  contents "$prod" >proof/again.txt
  require_same proof/applied.txt proof/again.txt "the target has the same contents"
}

move_only_changes() {
  chapter "5. Some source rows change: only those move."
  change_source "UPDATE reddit_diagnostic_posts SET score = score + 100
    WHERE url IN (SELECT url FROM reddit_diagnostic_posts ORDER BY url LIMIT 25)"
  change_source "INSERT INTO dtc_codes_github SELECT dtc_code, 'community-wiki', description,
    system, severity, 'https://git.example.org/community-wiki', 1, datetime('now')
    FROM dtc_codes_github WHERE source = 'open-dtc-list' ORDER BY dtc_code LIMIT 3"
  cp "$prod" proof/before_changes.db
  expect 0 engine run promotion.yaml --profile embedded --apply --yes
  second_run=$(run_id)
  local posts codes
  posts=$(moved_rows reddit_diagnostic_posts proof/before_changes.db)
  codes=$(moved_rows dtc_codes_github proof/before_changes.db)
  [[ $posts == 25 && $codes == 3 ]] || fail "$posts posts and $codes codes moved, not 25 and 3"
  proven "plain SQL finds 25 posts changed and 3 codes added, nothing else"
}

stop_a_bad_row() {
  chapter "6. One bad row: caught before anything is published."
  change_source "UPDATE youtube_repair_videos SET title = title || ' (new cut)'
    WHERE video_id IN (SELECT video_id FROM youtube_repair_videos ORDER BY video_id LIMIT 10)"
  change_source "INSERT INTO equipment_registry VALUES ('1M8GDM9A1KP042788', 'Example Coach',
    'GD-9', 1989, 12.0, 1.00, 'a typing error: the check digit of this VIN is X',
    datetime('now'))"
  contents "$prod" >proof/before_bad.txt
  expect 3 engine run promotion.yaml --profile embedded --apply --yes
  contents "$prod" >proof/after_bad.txt
  require_same proof/before_bad.txt proof/after_bad.txt "the target has the same contents, \
without the good rows of that run too"

  tell ""
  tell "The row is corrected, and the run goes through."
  change_source "DELETE FROM equipment_registry WHERE identification_primary = '1M8GDM9A1KP042788'"
  expect 0 engine run promotion.yaml --profile embedded --apply --yes
  third_run=$(run_id)
  [[ $(moved_rows youtube_repair_videos proof/before_changes.db) == 10 ]] ||
    fail "the 10 changed videos did not arrive"
  proven "plain SQL finds the 10 changed videos"
}

undo() {
  chapter "7. Undo: the last run, then the others."
  expect 0 engine rollback "$third_run" --yes
  contents "$prod" >proof/undone.txt
  require_same proof/before_bad.txt proof/undone.txt "contents are those before the last run"
  expect 0 engine rollback "$second_run" --yes
  contents "$prod" >proof/undone.txt
  require_same proof/applied.txt proof/undone.txt "contents are those after the first run"
  expect 0 engine rollback "$first_run" --yes
  contents "$prod" >proof/undone.txt
  require_same proof/start.txt proof/undone.txt "contents are those of the start: empty tables, \
and the four created ones are gone"
  expect 0 engine runs
}

unset DRY_RUN
prepare_engine
SECONDS=0
chapter "A promotion of four tables, in $folder"
prepare_folder
look_first
apply_twice
move_only_changes
stop_a_bad_row
undo
printf '\n%s\n' "quickstart: ok: $promoted rows promoted, 0 on the second run, 28 of 28 changed rows moved, \
1 bad row stopped, 3 runs undone to the first contents; $SECONDS s"
