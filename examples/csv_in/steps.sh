expect 0 engine run plan.yaml
expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT count(*) FROM trouble_codes") == 5 ]] || fail "not five rows"
[[ $(ask out/target.db "SELECT description FROM trouble_codes WHERE code = 'U0100'") == 'Lost Communication With "ECM/PCM A"' ]] ||
  fail "a quoted quote was lost"
proven "plain SQL finds the five codes, quotes and line breaks as they were"
