protected="dtc_codes_github reddit_diagnostic_posts youtube_repair_videos equipment_registry"

# "1000 11462 1000 1": the rows of the four protected tables.
counts() {
  local table
  for table in $protected; do ask "$1" "SELECT count(*) FROM $table"; done | paste -sd ' '
}

require_counts() {
  [[ $(counts "$1") == "$2" ]] || fail "$1 holds $(counts "$1") instead of $2"
  proven "rows in $1: $2"
}

chapter "Snapshots by hand, of both sides, read back"
expect 0 engine snapshots create plan.yaml --side both
created=$(run_id)
expect 0 engine snapshots list
expect 0 engine snapshots verify

chapter "A promotion that fails undoes itself"
contents out/target.db >proof/before
change data/source.db "UPDATE reddit_diagnostic_posts SET url = url || '?' WHERE score = 7"
change data/source.db "DELETE FROM reddit_diagnostic_posts WHERE url LIKE '%?'"
expect 3 engine run plan.yaml --apply --yes
contents out/target.db >proof/after_failure
require_same proof/before proof/after_failure "production is as before the run, the first table too"

chapter "The source is brought back from its snapshot, and the promotion goes through"
expect 0 engine restore "$created" --side source --table reddit_diagnostic_posts --conflicts force --yes
require_counts data/source.db "1000 11462 1000 1"
expect 0 engine run plan.yaml --apply --yes
require_counts out/target.db "1000 11462 1000 1"
contents out/target.db >proof/good

chapter "All of production, back from a snapshot"
expect 0 engine snapshots create plan.yaml
good=$(run_id)
change out/target.db "DELETE FROM dtc_codes_github; UPDATE youtube_repair_videos SET title = ''"
change out/target.db "DELETE FROM reddit_diagnostic_posts WHERE score > 100; DELETE FROM equipment_registry"
expect 6 engine restore "$good" --dry-run
proven "nothing else is overwritten unasked: these rows were changed by somebody else"
expect 0 engine restore "$good" --conflicts force --yes
require_counts out/target.db "1000 11462 1000 1"
contents out/target.db >proof/restored
require_same proof/good proof/restored "production is as it was kept, its index and defaults too"
expect 0 engine check plan.yaml --stage published

chapter "One table alone, and a way back from the restore"
change data/source.db "UPDATE reddit_diagnostic_posts SET title = 'broken'"
expect 0 engine run plan.yaml --apply --yes
contents out/target.db >proof/broken
expect 0 engine restore "$good" --table reddit_diagnostic_posts --yes
contents out/target.db >proof/one_table
require_same proof/good proof/one_table "what a later run changed is no conflict, and is back"
expect 0 engine rollback latest --yes
contents out/target.db >proof/undone
require_same proof/broken proof/undone "a restore is undone like a run"
expect 0 engine restore "$good" --table reddit_diagnostic_posts --yes
require_counts out/target.db "1000 11462 1000 1"

chapter "What expires"
# The day after, by the engine's clock.
tomorrow() { ENGINE_TEST_NOW_US=$((($(date +%s) + 25 * 3600) * 1000000)) "$@"; }
expect 0 tomorrow engine snapshots list
expect 0 tomorrow engine snapshots prune
expect 6 engine restore "$created" --yes
proven "a snapshot that is gone is refused by name, with those there are; the newest two stay"

chapter "The second net: archived files"
mkdir -p imported archive
into_file() { ask data/source.db "SELECT json_object($2) FROM $1" | gzip >"$3"; }
into_file dtc_codes_github "'dtc_code', dtc_code, 'source', source, 'description', description" \
  imported/2024_dtc_codes.ndjson.gz
into_file reddit_diagnostic_posts "'url', url, 'title', title, 'score', score" \
  imported/2024_reddit.ndjson.gz
into_file youtube_repair_videos "'video_id', video_id, 'title', title, 'seconds', seconds" \
  archive/youtube_full.ndjson.gz
contents data/source.db >proof/staging
change data/source.db "DELETE FROM dtc_codes_github WHERE source = 'obd'; DELETE FROM youtube_repair_videos"
expect 0 engine run archive.yaml --apply --yes
contents data/source.db >proof/from_archive
require_same proof/staging proof/from_archive "the staging tables are whole again"
