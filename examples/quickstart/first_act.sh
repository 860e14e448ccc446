# First act: a promotion of four tables, by plans/promotion.yaml. Sourced by quickstart.sh.

prod=out/prod.db
promotion=$project_root/examples/quickstart/promotion

# Rows of one table that are new or other than in the copy of the target that is named last.
moved_rows() {
  ask "$prod" "ATTACH '$2' AS was; SELECT count(*) FROM
    (SELECT * FROM main.$1 EXCEPT SELECT * FROM was.$1)"
}

prepare_promotion() {
  cp "$project_root/plans/promotion.yaml" .
  cat "$promotion/tables.sql" "$promotion/staging.sql" | sqlite3 data/staging.db
  sqlite3 "$prod" <"$promotion/tables.sql"
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
  change data/staging.db "UPDATE reddit_diagnostic_posts SET score = score + 100
    WHERE url IN (SELECT url FROM reddit_diagnostic_posts ORDER BY url LIMIT 25)"
  change data/staging.db "INSERT INTO dtc_codes_github SELECT dtc_code, 'community-wiki', description,
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
  change data/staging.db "UPDATE youtube_repair_videos SET title = title || ' (new cut)'
    WHERE video_id IN (SELECT video_id FROM youtube_repair_videos ORDER BY video_id LIMIT 10)"
  change data/staging.db "INSERT INTO equipment_registry VALUES ('1M8GDM9A1KP042788', 'Example Coach',
    'GD-9', 1989, 12.0, 1.00, 'a typing error: the check digit of this VIN is X',
    datetime('now'))"
  contents "$prod" >proof/before_bad.txt
  expect 3 engine run promotion.yaml --profile embedded --apply --yes
  contents "$prod" >proof/after_bad.txt
  require_same proof/before_bad.txt proof/after_bad.txt "the target has the same contents, \
without the good rows of that run too"

  tell ""
  tell "The row is corrected, and the run goes through."
  change data/staging.db "DELETE FROM equipment_registry WHERE identification_primary = '1M8GDM9A1KP042788'"
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

first_act() {
  chapter "Act one: a promotion of four tables, in $PWD"
  prepare_promotion
  look_first
  apply_twice
  move_only_changes
  stop_a_bad_row
  undo
}
