CREATE TABLE stations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, open INTEGER NOT NULL);
INSERT INTO stations VALUES (1, 'North', 1), (2, 'South', 1), (3, 'Harbour', 0), (4, 'Airport', 1);
