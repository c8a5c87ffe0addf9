-- Takes away the rows that neither role may see, as roles.toml says it in its words.
DELETE FROM steps WHERE trace_id IN (SELECT id FROM traces WHERE namespace NOT IN ('a', 'b'));
DELETE FROM feedback WHERE trace_id IN (SELECT id FROM traces WHERE namespace NOT IN ('a', 'b'));
DELETE FROM traces WHERE namespace NOT IN ('a', 'b');
DELETE FROM notes WHERE namespace NOT IN ('a', 'b');
DELETE FROM runs WHERE namespace NOT IN ('a', 'b');
DELETE FROM spans WHERE namespace NOT IN ('a', 'b');
DELETE FROM "Odd ""Name" WHERE namespace NOT IN ('a', 'b');
