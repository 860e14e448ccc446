-- The four tables of the promotion, as staging and production have them.
CREATE TABLE dtc_codes_github (
  dtc_code       TEXT NOT NULL,
  source         TEXT NOT NULL,
  description    TEXT NOT NULL,
  system         TEXT NOT NULL,
  severity       INTEGER NOT NULL,
  repository_url TEXT NOT NULL,
  stars          INTEGER,
  loaded_at      TEXT NOT NULL,
  PRIMARY KEY (dtc_code, source)
);
CREATE TABLE reddit_diagnostic_posts (
  url          TEXT PRIMARY KEY NOT NULL,
  subreddit    TEXT NOT NULL,
  title        TEXT NOT NULL,
  author       TEXT,
  score        INTEGER NOT NULL,
  upvote_ratio REAL NOT NULL,
  comments     INTEGER NOT NULL,
  dtc_code     TEXT,
  posted_at    TEXT NOT NULL,
  loaded_at    TEXT NOT NULL
);
CREATE TABLE youtube_repair_videos (
  video_id         TEXT PRIMARY KEY NOT NULL,
  title            TEXT NOT NULL,
  channel          TEXT NOT NULL,
  duration_seconds INTEGER NOT NULL,
  views            INTEGER NOT NULL,
  likes            INTEGER,
  published_at     TEXT NOT NULL,
  loaded_at        TEXT NOT NULL
);
CREATE TABLE equipment_registry (
  identification_primary TEXT PRIMARY KEY NOT NULL,
  make                   TEXT NOT NULL,
  model                  TEXT NOT NULL,
  model_year             INTEGER NOT NULL,
  operating_hours        REAL,
  purchase_price         DECIMAL(12,2),
  notes                  TEXT,
  loaded_at              TEXT NOT NULL
);
