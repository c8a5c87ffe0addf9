-- What the reader does not see of what the writer sees.
DELETE FROM steps WHERE trace_id IN (SELECT id FROM traces WHERE started_at >= '2026-06-01Z' OR started_at < '2026-01-20Z');
DELETE FROM feedback WHERE trace_id IN (SELECT id FROM traces WHERE started_at >= '2026-06-01Z' OR started_at < '2026-01-20Z');
DELETE FROM traces WHERE started_at >= '2026-06-01Z' OR started_at < '2026-01-20Z';
DELETE FROM runs;
ALTER TABLE traces DROP COLUMN prompt;
ALTER TABLE steps DROP COLUMN content;
