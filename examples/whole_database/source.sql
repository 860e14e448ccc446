CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE models (maker INTEGER NOT NULL, name TEXT NOT NULL, since INTEGER, PRIMARY KEY (maker, name));
CREATE TABLE parts (number TEXT PRIMARY KEY, label TEXT);
CREATE TABLE scratch_import (line TEXT);
INSERT INTO makers VALUES (1, 'Aster'), (2, 'Bell');
INSERT INTO models VALUES (1, 'A1', 1999), (2, 'B7', 2011);
INSERT INTO parts VALUES ('P-1', 'belt'), ('P-2', NULL);
