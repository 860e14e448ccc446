expect 0 engine run plan.yaml --apply --yes
change data/source.db "DELETE FROM stations WHERE id = 3"
expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT group_concat(id) FROM stations") == 1,2,4 ]] || fail "station 3 is not gone"
change data/source.db "DELETE FROM stations"
expect 3 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT group_concat(id) FROM stations") == 1,2,4 ]] || fail "the guard did not hold"
proven "an empty source deletes nothing: the guard stops the run"
