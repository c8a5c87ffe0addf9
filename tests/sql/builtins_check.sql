-- Compares the lists of src/sql/builtins.cc with a running PostgreSQL 15. Not part of the unit tests,
-- which start no server. Run it with the lists as psql variables (names separated by spaces):
--
--   list() { sed -n "/ $1\[\]/,/};/p" src/sql/builtins.cc | grep -o '"[^"]*"' | tr -d '"' | tr '\n' ' '; }
--   psql -X -v functions="$(list kPureFunctions)" -v types="$(list kTypes)" \
--        -v operators="$(list kOperators)" -f tests/sql/builtins_check.sql
--
-- Every query must return no row, except the last, which lists what deserves a second look.
\set ON_ERROR_STOP on
\pset footer off

\echo '-- listed functions that pg_catalog does not have'
SELECT name FROM regexp_split_to_table(trim(:'functions'), ' ') name
WHERE NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = name);

\echo '-- listed types that pg_catalog does not have, or whose input function looks names up'
SELECT name FROM regexp_split_to_table(trim(:'types'), ' ') name
WHERE NOT EXISTS (SELECT FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname = name
                  AND typname !~ '^reg' AND typname <> 'aclitem' AND typtype IN ('b', 'r', 'm', 'p'));

\echo '-- operators that are listed or exist, but not both'
SELECT name FROM regexp_split_to_table(trim(:'operators'), ' ') name
WHERE NOT EXISTS (SELECT FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprname = name)
UNION ALL
SELECT DISTINCT oprname::text FROM pg_operator
WHERE oprnamespace = 'pg_catalog'::regnamespace
  AND NOT oprname = ANY (regexp_split_to_array(trim(:'operators'), ' '));

\echo '-- listed functions of a kind that must not be listed, by name'
SELECT name FROM regexp_split_to_table(trim(:'functions'), ' ') name
WHERE name ~ '^(lo_|pg_read|pg_ls|pg_stat|pg_get|pg_sleep|pg_advisory|pg_try|pg_notify|txid|has_|inet_(client|server)|to_reg|query_to|table_to|schema_to|database_to|cursor_to|binary_upgrade|pg_logical|pg_replication|pg_wal|pg_current|pg_last|pg_is_|pg_create|pg_drop|pg_control|pg_ts_)'
   OR name IN ('ts_stat', 'ts_rewrite', 'current_setting', 'set_config', 'nextval', 'setval', 'currval',
               'lastval', 'obj_description', 'col_description', 'shobj_description', 'setseed');

\echo '-- listed functions that take a name of an object (reg*) or a cursor'
SELECT DISTINCT oid::regprocedure FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
  AND proname = ANY (regexp_split_to_array(trim(:'functions'), ' '))
  AND proargtypes::oid[] && ARRAY['regclass', 'regproc', 'regprocedure', 'regrole', 'regtype',
                                  'regnamespace', 'refcursor']::regtype[]::oid[];

\echo '-- listed functions that return reg* or aclitem: a literal beside the call becomes one, too'
SELECT DISTINCT oid::regprocedure FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
  AND proname = ANY (regexp_split_to_array(trim(:'functions'), ' '))
  AND prorettype IN (SELECT oid FROM pg_type WHERE typname ~ '^_?(reg|aclitem)');

\echo '-- to be looked at: listed functions that are volatile or take SQL in another language'
SELECT oid::regprocedure AS function, provolatile, prosecdef FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
  AND proname = ANY (regexp_split_to_array(trim(:'functions'), ' '))
  AND (provolatile = 'v' OR prosecdef)
ORDER BY 1;
