-- A small customer-relationship database: 22,300 rows of seven tables over five levels, with integer
-- ids, a reference of a table to itself, references that may be NULL, and a composite key. Invented,
-- and the same every time.
CREATE TABLE companies (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  vat_number TEXT
);
CREATE TABLE agents (
  id         INTEGER PRIMARY KEY,
  full_name  TEXT NOT NULL,
  manager_id INTEGER REFERENCES agents (id)
);
CREATE TABLE contacts (
  id          INTEGER PRIMARY KEY,
  full_name   TEXT NOT NULL,
  email       TEXT NOT NULL,
  status      TEXT,
  company_id  INTEGER REFERENCES companies (id),
  referred_by INTEGER REFERENCES contacts (id)
);
CREATE TABLE deals (
  id         INTEGER PRIMARY KEY,
  title      TEXT NOT NULL,
  amount     TEXT NOT NULL,
  contact_id INTEGER NOT NULL REFERENCES contacts (id),
  agent_id   INTEGER REFERENCES agents (id)
);
CREATE TABLE quotes (
  deal_id  INTEGER NOT NULL REFERENCES deals (id),
  version  INTEGER NOT NULL,
  total    TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  PRIMARY KEY (deal_id, version)
);
CREATE TABLE quote_items (
  id            INTEGER PRIMARY KEY,
  quote_deal    INTEGER,
  quote_version INTEGER,
  description   TEXT NOT NULL,
  quantity      INTEGER NOT NULL,
  FOREIGN KEY (quote_deal, quote_version) REFERENCES quotes (deal_id, version)
);
CREATE TABLE activities (
  id         INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts (id),
  deal_id    INTEGER REFERENCES deals (id),
  kind       TEXT NOT NULL,
  happened   TEXT NOT NULL
);

BEGIN;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 260)
INSERT INTO companies
SELECT i, 'Company ' || i || CASE i % 3 WHEN 0 THEN ' Ltd' WHEN 1 THEN ' GmbH' ELSE ' & Sons' END,
       CASE WHEN i % 7 > 0 THEN printf('EX%09d', (i * 2654435761) % 1000000000) END
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO agents SELECT i, 'Agent ' || i, CASE WHEN i > 1 THEN 1 + (i - 2) / 4 END FROM n;

-- Every fifth contact stands alone; one in three was referred, by somebody before or after it.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO contacts
SELECT i, 'Contact ' || i,
       CASE WHEN i % 4 = 0 THEN ' Contact.' || i || '@Example.ORG ' ELSE 'contact.' || i || '@example.org' END,
       CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN 'Lead' ELSE 'ACTIVE' END,
       CASE WHEN i % 5 > 0 THEN 1 + (i * 48271) % 260 END,
       CASE WHEN i % 3 = 0 THEN 1 + (i * 40503) % 3000 END
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
INSERT INTO deals
SELECT i, 'Deal ' || i, printf('%d.%02d', 100 + (i * 7919) % 90000, i % 100), 1 + (i * 16807) % 3000,
       CASE WHEN i % 10 > 0 THEN 1 + i % 40 END
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500)
INSERT INTO quotes
SELECT 1 + (i - 1) % 2500, 1 + (i - 1) / 2500, printf('%d.%02d', 90 + (i * 6007) % 80000, i % 100), i % 3 = 0
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
INSERT INTO quote_items
SELECT i, CASE WHEN i % 50 > 0 THEN 1 + (i * 31) % 2500 END,
       CASE WHEN i % 50 > 0 THEN CASE WHEN (i * 31) % 2500 < 1000 THEN 1 + i % 2 ELSE 1 END END,
       'Item ' || i, 1 + i % 9
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO activities
SELECT i, 1 + (i * 69621) % 3000, CASE WHEN i % 2 = 0 THEN 1 + (i * 271) % 2500 END,
       CASE i % 3 WHEN 0 THEN 'call' WHEN 1 THEN 'mail' ELSE 'visit' END,
       datetime('2024-01-01', '+' || (i * 13) || ' minutes')
FROM n;

COMMIT;
