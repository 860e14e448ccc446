CREATE TABLE dtc_codes_github (
  dtc_code TEXT NOT NULL, source TEXT NOT NULL, description TEXT, PRIMARY KEY (dtc_code, source));
INSERT INTO dtc_codes_github
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
  SELECT printf('P%04d', i / 2), iif(i % 2, 'obd', 'wiki'), 'fault ' || i FROM n;
CREATE TABLE reddit_diagnostic_posts (url TEXT PRIMARY KEY NOT NULL, title TEXT, score INTEGER);
INSERT INTO reddit_diagnostic_posts
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11462)
  SELECT 'https://reddit.example/r/' || i, 'noise in gear ' || i % 7, i * 37 % 501 FROM n;
CREATE TABLE youtube_repair_videos (video_id TEXT PRIMARY KEY NOT NULL, title TEXT, seconds INTEGER);
INSERT INTO youtube_repair_videos
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT printf('v%06d', i * 7919), 'repair ' || i, 60 + i FROM n;
CREATE TABLE equipment_registry (identification_primary TEXT PRIMARY KEY NOT NULL, model TEXT);
INSERT INTO equipment_registry VALUES ('VIN-0001', 'loader');
