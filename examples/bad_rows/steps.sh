expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT group_concat(id) FROM visits") == 1,4 ]] || fail "not the two good rows"
expect 0 cat .engine/latest/rejects/visits.ndjson
[[ $(wc -l <.engine/latest/rejects/visits.ndjson) == 2 ]] || fail "not two rejects"
change data/source.db "INSERT INTO visits VALUES (5, 'nor this', '1')"
expect 3 engine run plan.yaml --apply --yes
proven "the third bad row is one too many: nothing was published"
