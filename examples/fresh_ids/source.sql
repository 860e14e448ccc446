CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER REFERENCES people (id));
CREATE TABLE orders (region TEXT NOT NULL, number INTEGER NOT NULL, buyer INTEGER REFERENCES people (id),
  PRIMARY KEY (region, number));
CREATE TABLE order_lines (id INTEGER PRIMARY KEY, region TEXT, number INTEGER, item TEXT NOT NULL,
  FOREIGN KEY (region, number) REFERENCES orders (region, number));
INSERT INTO people VALUES (1, 'Ann', NULL), (2, 'Bo', 1), (3, 'Cy', 1);
INSERT INTO orders VALUES ('eu', 1, 2), ('eu', 2, NULL), ('us', 1, 3);
INSERT INTO order_lines VALUES (1, 'eu', 1, 'belt'), (2, 'us', 1, 'pump'), (3, NULL, NULL, 'sample');
