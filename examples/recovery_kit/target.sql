CREATE TABLE dtc_codes_github (
  dtc_code TEXT NOT NULL, source TEXT NOT NULL, description TEXT, PRIMARY KEY (dtc_code, source));
CREATE TABLE reddit_diagnostic_posts (
  url TEXT PRIMARY KEY NOT NULL, title TEXT DEFAULT 'untitled', score INTEGER);
CREATE INDEX posts_by_score ON reddit_diagnostic_posts (score);
CREATE TABLE youtube_repair_videos (video_id TEXT PRIMARY KEY NOT NULL, title TEXT, seconds INTEGER);
CREATE TABLE equipment_registry (identification_primary TEXT PRIMARY KEY NOT NULL, model TEXT);
