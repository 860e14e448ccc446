CREATE TABLE visits (id INTEGER PRIMARY KEY, email TEXT, seconds TEXT);
INSERT INTO visits VALUES (1, 'ann@example.org', '12'), (2, 'no address', '5'), (3, 'bo@example.org', 'long'),
  (4, 'cy@example.org', '7');
