CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, total INTEGER NOT NULL);
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bo'), (3, 'Cy');
INSERT INTO orders VALUES (10, 1, 50), (11, 2, 70), (12, 2, 90), (13, 3, 20);
