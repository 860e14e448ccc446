expect 0 engine run plan.yaml --apply --yes
expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT p.name FROM order_lines l JOIN orders o ON o.id = l.order_id
  JOIN people p ON p.id = o.buyer WHERE l.item = 'pump'") == Cy ]] || fail "a reference was lost"
[[ $(ask out/target.db "SELECT b.name FROM people p JOIN people b ON b.id = p.boss WHERE p.name = 'Bo'") == Ann ]] ||
  fail "a reference to its own table was lost"
proven "plain SQL follows the new ids from a line to its order, and to its buyer"
