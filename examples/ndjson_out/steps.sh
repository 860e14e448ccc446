expect 0 engine run plan.yaml --apply --yes
expect 0 zstd -dcq out/readings.ndjson.zst
[[ $(zstd -dcq out/readings.ndjson.zst | wc -l) == 3 ]] || fail "not three lines"
first=$(run_id)
change data/source.db "DELETE FROM readings WHERE sensor = 'oil'"
expect 0 engine run plan.yaml --apply --yes
[[ $(zstd -dcq out/readings.ndjson.zst | wc -l) == 1 ]] || fail "not one line"
expect 0 engine rollback latest --yes
[[ $(zstd -dcq out/readings.ndjson.zst | wc -l) == 3 ]] || fail "the former file did not come back"
proven "the former file is back"
