CREATE TABLE crm_contacts (id INTEGER PRIMARY KEY, mail TEXT, first TEXT, last TEXT, state TEXT, created TEXT);
INSERT INTO crm_contacts VALUES
  (1, ' Ann@Example.ORG ', 'Ann', 'Archer', NULL, '2024-03-10 01:30:00'),
  (2, 'bo@example.org', 'Bo', NULL, 'LEAD', '2024-07-01 12:00:00');
