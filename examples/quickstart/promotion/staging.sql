-- 13,463 rows: 1,000 trouble codes, 11,462 posts, 1,000 videos, 1 piece of equipment.
-- Invented, and the same every time but for loaded_at, which is relative to now: the plan's
-- freshness limits are real ones. Numbers come from multiplying by large odd constants, which
-- scatters without repeating.

BEGIN;

WITH RECURSIVE
  n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999),
  -- 500 codes, each known to two repositories.
  code(i, number, repository) AS (
    SELECT i, ((i / 2) * 2654435761) % 4096, i % 2 FROM n
  )
INSERT INTO dtc_codes_github
SELECT
  substr('PBCU', 1 + (i / 2) % 4, 1) || ((i / 8) % 4) || printf('%03X', number),
  CASE repository WHEN 0 THEN 'open-dtc-list' ELSE 'obd-codes-json' END,
  CASE (i / 2) % 5
    WHEN 0 THEN 'Sensor ' || number || ' circuit range or performance'
    WHEN 1 THEN 'Control module ' || number || ' lost communication'
    WHEN 2 THEN 'Actuator ' || number || ' stuck open'
    WHEN 3 THEN 'Bank ' || (1 + number % 2) || ' mixture too lean'
    ELSE 'Heater control circuit ' || number || ' low'
  END,
  CASE (i / 2) % 4 WHEN 0 THEN 'powertrain' WHEN 1 THEN 'body' WHEN 2 THEN 'chassis' ELSE 'network' END,
  1 + number % 4,
  'https://git.example.org/' || CASE repository WHEN 0 THEN 'open-dtc-list' ELSE 'obd-codes-json' END,
  CASE WHEN i % 10 = 0 THEN NULL ELSE (i * 48271) % 5000 END,
  datetime('now', '-' || (60 + i % 1200) || ' minutes')
FROM code;

WITH RECURSIVE
  n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 11461),
  post(i, number) AS (SELECT i, (i * 2654435761) % 16777216 FROM n)
INSERT INTO reddit_diagnostic_posts
SELECT
  'https://reddit.example.org/r/' || CASE i % 3 WHEN 0 THEN 'MechanicAdvice' WHEN 1 THEN 'AskMechanics' ELSE 'Diesel' END
    || '/comments/' || printf('%06x', number) || '/',
  CASE i % 3 WHEN 0 THEN 'MechanicAdvice' WHEN 1 THEN 'AskMechanics' ELSE 'Diesel' END,
  CASE number % 6
    WHEN 0 THEN 'Engine light on after cold start, ' || (40 + number % 160) || 'k miles'
    WHEN 1 THEN 'Does this noise at ' || (20 + number % 60) || ' mph sound like a bearing?'
    WHEN 2 THEN 'Misfire on cylinder ' || (1 + number % 8) || ', coils swapped already'
    WHEN 3 THEN 'Shop quoted ' || (200 + number % 3000) || ' for a water pump ' || char(8211) || ' fair?'
    WHEN 4 THEN 'P' || printf('%04X', number % 4096) || ' came back after clearing it'
    ELSE 'Battery drains over night, what draws ' || (number % 900) || ' mA?'
  END,
  CASE WHEN number % 50 = 0 THEN NULL ELSE 'user_' || (number % 4001) END,
  number % 2500,
  0.5 + (number % 51) / 100.0,
  number % 340,
  CASE WHEN number % 3 = 0 THEN printf('P%d%03X', number % 4, number % 4096) END,
  datetime('now', 'start of day', '-' || (1 + number % 700) || ' days', '-' || (number % 1440) || ' minutes'),
  datetime('now', '-' || (5 + i % 240) || ' minutes')
FROM post;

WITH RECURSIVE
  n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999),
  video(i, number) AS (SELECT i, (i * 40503 + 7) % 65536 FROM n)
INSERT INTO youtube_repair_videos
SELECT
  'qs' || printf('%04x', number) || '-' || printf('%04d', i),
  CASE number % 4
    WHEN 0 THEN 'How to change brake pads, part ' || (1 + number % 9)
    WHEN 1 THEN 'Reading live data: fuel trims in ' || (5 + number % 20) || ' minutes'
    WHEN 2 THEN 'Timing chain, the whole job #' || number
    ELSE 'Why your ' || (2000 + number % 24) || ' does not start'
  END,
  'Workshop ' || (1 + number % 37),
  60 + number % 3600,
  (number * 7919) % 2000000,
  CASE WHEN number % 20 = 0 THEN NULL ELSE number % 90000 END,
  datetime('now', 'start of day', '-' || (1 + number % 900) || ' days'),
  datetime('now', '-' || (30 + i % 900) || ' minutes')
FROM video;

INSERT INTO equipment_registry VALUES (
  '1M8GDM9AXKP042788', 'Example Coach', 'GD-9', 1989, 18250.5, '48500.00', 'entered by hand',
  datetime('now', '-2 days')
);

COMMIT;
