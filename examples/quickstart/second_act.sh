# Second act: seven tables of a customer database move to a platform with ids of its own, and every
# reference follows. By quickstart/takeover/crm.yaml. Sourced by quickstart.sh.

platform=out/platform.db

# Rows whose references do not lead to the row that the source meant, found by plain SQL: every id is
# translated back through the source's own id, which the platform keeps.
misled() {
  sqlite3 -readonly "$platform" "ATTACH 'data/crm.db' AS crm;
    SELECT
      (SELECT count(*) FROM contacts t JOIN crm.contacts s ON s.id = t.legacyId
         LEFT JOIN companies c ON c.id = t.companyId LEFT JOIN contacts r ON r.id = t.referredBy
        WHERE c.legacyId IS NOT s.company_id OR r.legacyId IS NOT s.referred_by)
    + (SELECT count(*) FROM agents t JOIN crm.agents s ON s.id = t.legacyId
         LEFT JOIN agents m ON m.id = t.managerId WHERE m.legacyId IS NOT s.manager_id)
    + (SELECT count(*) FROM deals t JOIN crm.deals s ON s.id = t.legacyId
         LEFT JOIN contacts c ON c.id = t.contactId LEFT JOIN agents a ON a.id = t.agentId
        WHERE c.legacyId IS NOT s.contact_id OR a.legacyId IS NOT s.agent_id)
    + (SELECT count(*) FROM quoteItems t JOIN crm.quote_items s ON s.id = t.legacyId
         LEFT JOIN quotes q ON q.id = t.quoteId LEFT JOIN deals d ON d.id = q.dealId
        WHERE d.legacyId IS NOT s.quote_deal OR q.version IS NOT s.quote_version)
    + (SELECT count(*) FROM activities t JOIN crm.activities s ON s.id = t.legacyId
         LEFT JOIN contacts c ON c.id = t.contactId LEFT JOIN deals d ON d.id = t.dealId
        WHERE c.legacyId IS NOT s.contact_id OR d.legacyId IS NOT s.deal_id)"
}

platform_rows() {
  ask "$platform" "SELECT (SELECT count(*) FROM companies) + (SELECT count(*) FROM agents) +
    (SELECT count(*) FROM contacts) + (SELECT count(*) FROM deals) + (SELECT count(*) FROM quotes) +
    (SELECT count(*) FROM quoteItems) + (SELECT count(*) FROM activities)"
}

require_led() {
  [[ -z $(ask "$platform" "PRAGMA foreign_key_check") ]] || fail "a foreign key leads nowhere"
  [[ $(misled) == 0 ]] || fail "a reference leads to another row than in the source"
  proven "plain SQL follows every reference: each leads to the row that the source meant"
}

prepare_takeover() {
  cp "$project_root/examples/quickstart/takeover/crm.yaml" .
  sqlite3 data/crm.db <"$project_root/examples/quickstart/takeover/source.sql"
  sqlite3 "$platform" <"$project_root/examples/quickstart/takeover/target.sql"
  contents "$platform" >proof/start.txt
  tell "data/crm.db holds 22300 rows of seven tables with integer ids: contacts refer to each other,
quote items to quotes by two columns. The platform knows text ids only, and is empty."
}

one_record_first() {
  chapter "8. One record first: deal 42, and what it refers to."
  expect 0 engine run crm.yaml --only deals:42 --apply --yes
  proven "plain SQL finds $(platform_rows) rows in the platform, deal 42 among them: \
$(ask "$platform" "SELECT title || ' of ' || c.name FROM deals d JOIN contacts c ON c.id = d.contactId")"
  require_led
  contents "$platform" >proof/one.txt
  expect 0 engine run crm.yaml --only deals:42 --apply --yes
  contents "$platform" >proof/one_again.txt
  require_same proof/one.txt proof/one_again.txt "the same record again: nothing was written"
}

then_all() {
  chapter "9. Then all."
  expect 0 engine run crm.yaml
  expect 0 engine run crm.yaml --apply --yes
  takeover=$(run_id)
  moved=$(platform_rows)
  [[ $moved == 22300 ]] || fail "$moved rows arrived instead of 22300"
  proven "plain SQL counts 22300 rows in the platform"
  require_led
  expect 0 engine run crm.yaml --apply --yes
}

stop_an_orphan() {
  chapter "10. A reference that leads nowhere: stopped before anything is published."
  change data/crm.db "INSERT INTO activities VALUES (5001, 99999, NULL, 'call', '2024-06-01 09:00:00')"
  contents "$platform" >proof/all.txt
  expect 3 engine run crm.yaml --apply --yes
  contents "$platform" >proof/after_orphan.txt
  require_same proof/all.txt proof/after_orphan.txt "the platform has the same contents"
  change data/crm.db "DELETE FROM activities WHERE id = 5001"
}

undo_takeover() {
  chapter "11. Undo the takeover: what the one record brought stays, the rest goes."
  expect 0 engine rollback "$takeover" --yes
  contents "$platform" >proof/undone.txt
  require_same proof/one.txt proof/undone.txt "contents are those before the takeover"
}

second_act() {
  chapter "Act two: customers under new ids, in $PWD"
  prepare_takeover
  one_record_first
  then_all
  stop_an_orphan
  undo_takeover
}
