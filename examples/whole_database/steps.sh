expect 0 engine run plan.yaml
expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\_engine%' ESCAPE '\'") == 3 ]] ||
  fail "not three tables"
expect 0 engine rollback latest --yes
[[ $(ask out/target.db "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\_engine%' ESCAPE '\'") == 0 ]] ||
  fail "tables are left"
proven "three tables came, and went with the rollback"
