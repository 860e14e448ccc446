expect 0 engine run plan.yaml --only orders:12 --apply --yes
[[ $(ask out/target.db "SELECT o.total || ' of ' || c.name FROM orders o JOIN customers c ON c.id = o.customer") == '90 of Bo' ]] ||
  fail "not order 12 of Bo alone"
expect 0 engine run plan.yaml --only orders:12 --apply --yes
expect 0 engine run plan.yaml --apply --yes
[[ $(ask out/target.db "SELECT count(*) FROM orders") == 4 ]] || fail "not all orders"
proven "first one order with its customer, then the rest"
