expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT email, name, status FROM contacts WHERE id = 1") == 'ann@example.org|Ann Archer|active' ]] ||
  fail "the first contact is not clean"
[[ $(ask out/target.db "SELECT created_at FROM contacts WHERE id = 2") == 2024-07-01*16:00:00* ]] ||
  fail "noon in New York is 16:00 UTC in summer"
proven "plain SQL finds them clean; local times became UTC"
