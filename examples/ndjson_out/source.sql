CREATE TABLE readings (sensor TEXT NOT NULL, taken_at TEXT NOT NULL, value REAL, note TEXT,
  PRIMARY KEY (sensor, taken_at));
INSERT INTO readings VALUES
  ('oil', '2024-03-01 08:00:00', 93.25, NULL), ('oil', '2024-03-01 08:01:00', 93.5, ''),
  ('coolant', '2024-03-01 08:00:00', NULL, 'sensor was "off"');
