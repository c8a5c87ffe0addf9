-- What object-relational mappers send: CRUD, and the catalogs.

--# sqlalchemy_select
SELECT traces.trace_id, traces.namespace, traces.title, traces.labels FROM traces WHERE traces.trace_id = $1
--$ 100100
--# sqlalchemy_select_in
SELECT trace_events.trace_id AS trace_events_trace_id, trace_events.step AS trace_events_step, trace_events.content AS trace_events_content
FROM trace_events WHERE trace_events.trace_id IN (100000, 100010, 100020) ORDER BY trace_events.trace_id, trace_events.step
--# sqlalchemy_joined_load
SELECT traces.trace_id, traces.title, feedback_1.score, feedback_1.comment FROM traces LEFT OUTER JOIN feedback AS feedback_1
ON traces.trace_id = feedback_1.trace_id WHERE traces.namespace = $1 ORDER BY traces.trace_id LIMIT 20
--$ search
--# sqlalchemy_anonymous_sub_query
SELECT anon_1.service, anon_1.n FROM (SELECT traces.service AS service, count(*) AS n FROM traces GROUP BY traces.service) AS anon_1 ORDER BY anon_1.service
--# sqlalchemy_exists
SELECT EXISTS (SELECT 1 FROM traces WHERE traces.status = 'error') AS anon_1
--# sqlalchemy_count
SELECT count(*) AS count_1 FROM (SELECT traces.trace_id AS traces_trace_id FROM traces WHERE traces.status = 'ok') AS anon_1
--# sqlalchemy_insert
--# role: curator
INSERT INTO traces (trace_id, namespace, started_at, service, model, status, title, input_tokens, cost_usd, labels) VALUES
(200005, 'checkout', '2025-03-04 00:00+00', 'web', 'atlas-small', 'ok', 'new', 5, 0.5, '{"a": 1}') RETURNING traces.trace_id
--# sqlalchemy_insert_many
--# role: curator
INSERT INTO trace_events (trace_id, step, kind, content, created_at) VALUES (100000, 10, 'output', 'a', '2025-03-04 00:00+00'),
(100000, 11, 'output', 'b', '2025-03-04 00:00+00'), (100010, 10, 'output', 'c', '2025-03-04 00:00+00')
--# sqlalchemy_update
--# role: curator
UPDATE traces SET title='changed', labels='{}' WHERE traces.trace_id = 100030
--# sqlalchemy_update_returning
--# role: curator
UPDATE traces SET status='ok' WHERE traces.trace_id = 100030 RETURNING traces.trace_id, traces.status
--# sqlalchemy_delete
--# role: curator
DELETE FROM feedback WHERE feedback.trace_id = 100040
--# sqlalchemy_upsert
--# role: curator
INSERT INTO traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd) VALUES
(100030, 'checkout', '2025-03-04 00:00+00', 'web', 'atlas-small', 'ok', 5, 0.5) ON CONFLICT (trace_id) DO UPDATE SET title = excluded.service
--# sqlalchemy_upsert_nothing
--# role: curator
INSERT INTO namespaces (namespace, owner) VALUES ('search', 'x') ON CONFLICT DO NOTHING
--# sqlalchemy_version
select pg_catalog.version() like 'PostgreSQL 15%'
--# sqlalchemy_current_schema
select current_schema()
--# sqlalchemy_standard_conforming_strings
show standard_conforming_strings
--# sqlalchemy_isolation
show transaction isolation level
--# sqlalchemy_has_table
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relname = 'traces' AND pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm'])
AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog'
--# sqlalchemy_table_names
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't'
AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog' ORDER BY 1
--# sqlalchemy_schema_names
SELECT pg_catalog.pg_namespace.nspname FROM pg_catalog.pg_namespace WHERE pg_catalog.pg_namespace.nspname NOT LIKE 'pg\_%' ORDER BY pg_catalog.pg_namespace.nspname
--# sqlalchemy_view_names
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['v']) AND pg_catalog.pg_namespace.nspname = 'public'
--# sqlalchemy_columns
SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(pg_catalog.pg_attribute.atttypid, pg_catalog.pg_attribute.atttypmod) AS format_type,
(SELECT pg_catalog.pg_get_expr(pg_catalog.pg_attrdef.adbin, pg_catalog.pg_attrdef.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef
WHERE pg_catalog.pg_attrdef.adrelid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attrdef.adnum = pg_catalog.pg_attribute.attnum
AND pg_catalog.pg_attribute.atthasdef) AS "default", pg_catalog.pg_attribute.attnotnull AS not_null, pg_catalog.pg_class.relname AS table_name,
pg_catalog.pg_description.description AS comment, pg_catalog.pg_attribute.attgenerated AS generated FROM pg_catalog.pg_class
LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_class.oid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attribute.attnum > 0
AND NOT pg_catalog.pg_attribute.attisdropped LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_attribute.attrelid
AND pg_catalog.pg_description.objsubid = pg_catalog.pg_attribute.attnum JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid)
AND pg_catalog.pg_namespace.nspname != 'pg_catalog' AND pg_catalog.pg_class.relname IN ('traces') ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_attribute.attnum
--# sqlalchemy_primary_key
SELECT attr.conrelid::regclass::text, array_agg(attr.attname::text ORDER BY attr.ord) AS cols, attr.conname FROM
(SELECT con.conrelid, con.conname, con.ord, pg_catalog.pg_attribute.attname FROM pg_catalog.pg_attribute JOIN
(SELECT conrelid, conname, unnest(conkey) AS attnum, generate_subscripts(conkey, 1) AS ord FROM pg_catalog.pg_constraint
WHERE contype = 'p' AND conrelid IN ({oid:public.traces})) AS con ON pg_catalog.pg_attribute.attnum = con.attnum AND pg_catalog.pg_attribute.attrelid = con.conrelid) AS attr
GROUP BY attr.conrelid, attr.conname ORDER BY attr.conrelid, attr.conname
--# sqlalchemy_foreign_keys
SELECT c.relname, con.conname, pg_catalog.pg_get_constraintdef(con.oid, true) AS condef FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint con ON c.oid = con.conrelid AND con.contype = 'f' WHERE c.relname IN ('traces', 'trace_events', 'feedback') ORDER BY 1, 2
--# sqlalchemy_indexes
SELECT ci.relname, i.indisunique, am.amname, array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ci ON ci.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ci.relam, generate_series(1, i.indnatts) n
WHERE i.indrelid = {oid:public.traces} GROUP BY 1, 2, 3 ORDER BY 1
--# sqlalchemy_check_constraints
SELECT con.conname, pg_catalog.pg_get_constraintdef(con.oid, true) FROM pg_catalog.pg_constraint con WHERE con.contype = 'c' AND con.conrelid = {oid:public.traces} ORDER BY 1
--# sqlalchemy_enums
SELECT pg_catalog.pg_type.typname AS name, pg_catalog.pg_type_is_visible(pg_catalog.pg_type.oid) AS visible, pg_catalog.pg_namespace.nspname AS schema,
lbl_agg.labels AS labels FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_type.typnamespace
LEFT OUTER JOIN (SELECT pg_catalog.pg_enum.enumtypid AS enumtypid, array_agg(CAST(pg_catalog.pg_enum.enumlabel AS TEXT) ORDER BY pg_catalog.pg_enum.enumsortorder) AS labels
FROM pg_catalog.pg_enum GROUP BY pg_catalog.pg_enum.enumtypid) AS lbl_agg ON pg_catalog.pg_type.oid = lbl_agg.enumtypid
WHERE pg_catalog.pg_type.typtype = 'e' ORDER BY pg_catalog.pg_namespace.nspname, pg_catalog.pg_type.typname
--# sqlalchemy_domains
SELECT t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod) FROM pg_catalog.pg_type t WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace ORDER BY 1
--# sqlalchemy_comment
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_description
ON pg_catalog.pg_class.oid = pg_catalog.pg_description.objoid AND pg_catalog.pg_description.objsubid = 0 WHERE pg_catalog.pg_class.relname = 'traces'
--# django_select
SELECT "traces"."trace_id", "traces"."namespace", "traces"."started_at", "traces"."title" FROM "traces" WHERE "traces"."trace_id" = 100100 LIMIT 21
--# django_filter
SELECT "traces"."trace_id", "traces"."title" FROM "traces" WHERE ("traces"."status" = 'error' AND UPPER("traces"."title"::text) LIKE UPPER('%refunds%'))
ORDER BY "traces"."started_at" DESC, "traces"."trace_id" DESC LIMIT 10
--# django_foreign_key
SELECT "feedback"."score", T2."title" FROM "feedback" INNER JOIN "traces" T2 ON ("feedback"."trace_id" = T2."trace_id") WHERE T2."service" = 'web' ORDER BY "feedback"."trace_id" LIMIT 10
--# django_aggregate
SELECT COUNT(*) AS "__count", AVG("traces"."cost_usd") AS "cost_usd__avg" FROM "traces"
--# django_annotate
SELECT "traces"."namespace", COUNT("feedback"."score") AS "n" FROM "traces" LEFT OUTER JOIN "feedback" ON ("traces"."trace_id" = "feedback"."trace_id") GROUP BY "traces"."namespace" ORDER BY 1
--# django_exists
SELECT 1 AS "a" FROM "traces" WHERE "traces"."status" = 'running' LIMIT 1
--# django_distinct
SELECT DISTINCT "traces"."model" FROM "traces" ORDER BY "traces"."model" ASC
--# django_json
SELECT "traces"."trace_id" FROM "traces" WHERE ("traces"."labels" -> 'canary') = 'true' ORDER BY 1 LIMIT 5
--# django_update
--# role: curator
UPDATE "traces" SET "title" = 'x', "note" = NULL WHERE "traces"."trace_id" = 100100
--# django_update_by_expression
--# role: curator
UPDATE "traces" SET "input_tokens" = ("traces"."input_tokens" + 1) WHERE "traces"."trace_id" IN (100100, 100110)
--# django_delete
--# role: curator
DELETE FROM "feedback" WHERE "feedback"."trace_id" IN (100000, 100040)
--# django_savepoint
--# role: curator
SAVEPOINT "s1_x1"
--;
UPDATE "traces" SET "note" = 'y' WHERE "traces"."trace_id" = 100100
--;
RELEASE SAVEPOINT "s1_x1"
--# django_select_for_update
--# role: curator
SELECT "traces"."trace_id", "traces"."title" FROM "traces" WHERE "traces"."trace_id" = 100100 FOR UPDATE
--# django_select_for_update_skip_locked
--# role: curator
SELECT "traces"."trace_id" FROM "traces" WHERE "traces"."status" = 'running' ORDER BY "traces"."trace_id" LIMIT 3 FOR UPDATE SKIP LOCKED
--# django_table_list
SELECT c.relname, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END, obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v')
AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1
--# django_table_description
SELECT a.attname AS column_name, NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS is_nullable, pg_get_expr(ad.adbin, ad.adrelid) AS column_default,
CASE WHEN collname = 'default' THEN NULL ELSE collname END AS collation, a.attidentity != '' AS is_autofield FROM pg_attribute a
LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum LEFT JOIN pg_collation co ON a.attcollation = co.oid JOIN pg_type t ON a.atttypid = t.oid
JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n ON c.relnamespace = n.oid WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND c.relname = 'feedback'
AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
--# django_constraints
SELECT c.conname, array(SELECT attname FROM unnest(c.conkey) WITH ORDINALITY cols(colid, arridx) JOIN pg_attribute AS ca ON cols.colid = ca.attnum
WHERE ca.attrelid = c.conrelid ORDER BY cols.arridx), c.contype FROM pg_constraint AS c JOIN pg_class AS cl ON c.conrelid = cl.oid WHERE cl.relname = 'trace_events'
AND pg_catalog.pg_table_is_visible(cl.oid) ORDER BY 1
--# django_limit_on_description
SELECT * FROM "traces" LIMIT 1
--# rails_find
SELECT "traces".* FROM "traces" WHERE "traces"."trace_id" = $1 LIMIT $2
--$ 100200
--$ 1
--# rails_where
SELECT "traces".* FROM "traces" WHERE "traces"."namespace" = $1 AND "traces"."status" = $2 ORDER BY "traces"."trace_id" ASC LIMIT $3
--$ search
--$ error
--$ 11
--# rails_includes
SELECT "feedback".* FROM "feedback" WHERE "feedback"."trace_id" IN ($1, $2, $3) ORDER BY "feedback"."trace_id"
--$ 100000
--$ 100040
--$ 100080
--# rails_exists
SELECT 1 AS one FROM "traces" WHERE "traces"."external_ref" = $1 LIMIT $2
--$ 5000003
--$ 1
--# rails_group_count
SELECT COUNT(*) AS "count_all", "traces"."status" AS "traces_status" FROM "traces" GROUP BY "traces"."status" ORDER BY 2
--# rails_pluck
SELECT "traces"."trace_id", "traces"."title" FROM "traces" ORDER BY "traces"."trace_id" ASC LIMIT 7
--# rails_create
--# role: curator
INSERT INTO "traces" ("trace_id", "namespace", "started_at", "service", "model", "status", "input_tokens", "cost_usd") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING "trace_id"
--$ 200005
--$ search
--$ 2025-03-09 00:00:00
--$ web
--$ atlas-small
--$ ok
--$ 3
--$ 0.25
--# rails_update
--# role: curator
UPDATE "traces" SET "title" = $1 WHERE "traces"."trace_id" = $2
--$ new title
--$ 100200
--# rails_destroy
--# role: curator
DELETE FROM "trace_events" WHERE "trace_events"."trace_id" = $1 AND "trace_events"."step" = $2
--$ 100200
--$ 1
--# rails_columns
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname,
col_description(a.attrelid, a.attnum) AS comment, attidentity AS identity, attgenerated as attgenerated FROM pg_attribute a
LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid
LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation
WHERE a.attrelid = '"traces"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
--# rails_primary_keys
SELECT a.attname FROM (SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"trace_events"'::regclass AND indisprimary) i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx
--# rails_tables
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r','v','m','p','f') ORDER BY 1
--# rails_data_sources
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relname = 'traces' AND c.relkind IN ('r','v','m','p','f')
--# rails_types
SELECT t.oid, t.typname, t.typelem, t.typdelim, t.typinput::text, r.rngsubtype, t.typtype, t.typbasetype FROM pg_type as t LEFT JOIN pg_range as r ON oid = rngtypid
WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamptz', 'timestamp', 'jsonb', 'text', 'bytea') ORDER BY t.oid
--# rails_max_identifier_length
SHOW max_identifier_length
--# rails_session
SET client_min_messages TO 'warning'; SET standard_conforming_strings = on; SET SESSION timezone TO 'UTC'
--# prisma_find_many
SELECT "public"."traces"."trace_id", "public"."traces"."title", "public"."traces"."status"::text FROM "public"."traces" WHERE "public"."traces"."namespace" = $1
ORDER BY "public"."traces"."trace_id" ASC LIMIT $2 OFFSET $3
--$ checkout
--$ 10
--$ 0
--# prisma_include
SELECT "public"."trace_events"."trace_id", "public"."trace_events"."step", "public"."trace_events"."content" FROM "public"."trace_events"
WHERE "public"."trace_events"."trace_id" IN ($1,$2) ORDER BY 1, 2 OFFSET $3
--$ 100000
--$ 100010
--$ 0
--# prisma_relation_filter
SELECT "t0"."trace_id" FROM "public"."traces" AS "t0" WHERE ("t0"."trace_id") IN (SELECT "t1"."trace_id" FROM "public"."feedback" AS "t1" WHERE ("t1"."score" > 4 AND "t1"."trace_id" IS NOT NULL)) ORDER BY 1 LIMIT 10
--# prisma_aggregate
SELECT COUNT(*), SUM("input_tokens") FROM (SELECT "public"."traces"."trace_id", "public"."traces"."input_tokens" FROM "public"."traces" WHERE 1=1 OFFSET 0) AS "sub"
--# prisma_create
--# role: curator
INSERT INTO "public"."trace_events" ("trace_id","step","kind","content","created_at") VALUES (100000,20,'output','x','2025-03-04 00:00+00')
RETURNING "public"."trace_events"."trace_id", "public"."trace_events"."step"
--# prisma_update
--# role: curator
UPDATE "public"."traces" SET "title" = 'p' WHERE ("public"."traces"."trace_id" IN (100000) AND ("public"."traces"."trace_id" = 100000 AND 1=1))
--# prisma_namespaces
SELECT namespace.nspname AS namespace_name FROM pg_namespace AS namespace WHERE namespace.nspname = ANY (ARRAY['public']) ORDER BY namespace_name
--# prisma_tables
SELECT tbl.relname AS table_name, namespace.nspname as namespace, (tbl.relhassubclass and tbl.relkind = 'p') as is_partition, tbl.relrowsecurity as has_row_level_security
FROM pg_class AS tbl INNER JOIN pg_namespace AS namespace ON namespace.oid = tbl.relnamespace WHERE tbl.relkind IN ('r', 'p') AND namespace.nspname = ANY (ARRAY['public'])
ORDER BY namespace, table_name
--# prisma_columns
SELECT oid.namespace, info.table_name, info.column_name, format_type(att.atttypid, att.atttypmod) as formatted_type, info.numeric_precision, info.data_type,
info.udt_name as full_data_type, pg_get_expr(attdef.adbin, attdef.adrelid) AS column_default, info.is_nullable, info.is_identity
FROM information_schema.columns info JOIN pg_attribute att ON att.attname = info.column_name JOIN (SELECT pg_class.oid, relname, pg_namespace.nspname as namespace
FROM pg_class JOIN pg_namespace on pg_namespace.oid = pg_class.relnamespace AND pg_namespace.nspname = 'public') as oid on oid.oid = att.attrelid AND relname = info.table_name
AND namespace = info.table_schema LEFT OUTER JOIN pg_attrdef attdef ON attdef.adrelid = att.attrelid AND attdef.adnum = att.attnum
WHERE info.table_name = 'traces' ORDER BY info.ordinal_position
--# hibernate_select
select t1_0.trace_id,t1_0.model,t1_0.namespace,t1_0.started_at,t1_0.title from traces t1_0 where t1_0.trace_id=$1
--$ 100300
--# hibernate_join_fetch
select t1_0.trace_id,e1_0.step,e1_0.content from traces t1_0 left join trace_events e1_0 on t1_0.trace_id=e1_0.trace_id where t1_0.service=$1 order by t1_0.trace_id,e1_0.step fetch first $2 rows only
--$ mail
--$ 10
--# hibernate_page
select t1_0.trace_id,t1_0.title from traces t1_0 order by t1_0.trace_id offset $1 rows fetch first $2 rows only
--$ 20
--$ 20
--# hibernate_count
select count(t1_0.trace_id) from traces t1_0 where t1_0.status in ('ok','error')
--# hibernate_update
--# role: curator
update traces set title=$1,note=$2 where trace_id=$3
--$ h
--$ \N
--$ 100300
--# hibernate_batch_insert
--# role: curator
insert into trace_events (content,created_at,kind,step,trace_id) values ($1,$2,$3,$4,$5)
--$ c
--$ 2025-03-04 00:00+00
--$ output
--$ 30
--$ 100300
--# hibernate_sequences
select sequence_name from information_schema.sequences order by 1
--# hibernate_lock
--# role: curator
select t1_0.trace_id from traces t1_0 where t1_0.trace_id=100300 for no key update of t1_0
--# jdbc_tables
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' END AS TABLE_TYPE,
d.description AS REMARKS FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
WHERE c.relnamespace = n.oid AND n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') ORDER BY TABLE_TYPE, TABLE_SCHEM, TABLE_NAME
--# jdbc_columns
SELECT * FROM (SELECT current_database() AS current_database, n.nspname, c.relname, a.attname, a.attnotnull, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum,
nullif(a.attidentity, '') as attidentity, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typtype FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum) LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
WHERE c.relkind in ('r', 'p', 'v', 'f', 'm') and a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'public' AND c.relname LIKE 'feedback') c WHERE true ORDER BY nspname, c.relname, attnum
--# jdbc_type_by_oid
SELECT n.nspname = ANY (current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1
--$ 3802
--# npgsql_types
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.typelem FROM pg_type AS t JOIN pg_namespace AS ns ON ns.oid = t.typnamespace
WHERE t.typtype IN ('b', 'e', 'd') AND ns.nspname IN ('pg_catalog', 'public') AND t.typcategory <> 'A' ORDER BY t.oid
--# asyncpg_introspect_a_type
SELECT t.oid, t.typname AS name, t.typtype AS kind, t.typelem AS elemtype FROM pg_catalog.pg_type t WHERE t.oid = ANY (ARRAY[1184, 3802, 1009]::oid[]) ORDER BY 1
--# postgres_js_array_types
select b.oid, b.typarray from pg_catalog.pg_type a left join pg_catalog.pg_type b on b.oid = a.typelem where a.typcategory = 'A' and b.typnamespace = 'pg_catalog'::regnamespace group by b.oid, b.typarray order by b.oid
--# information_schema_tables
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1, 2
--# information_schema_columns
SELECT table_name, column_name, ordinal_position, is_nullable, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3
--# information_schema_primary_keys
SELECT kcu.table_name, kcu.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu USING (constraint_schema, constraint_name)
WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_schema = 'public' ORDER BY 1, 2
--# pg_tables
SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1
--# pg_views
SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1
--# pg_indexes
SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'traces' ORDER BY 1
--# to_regclass
SELECT to_regclass('public.traces')::text, to_regclass('public.api_keys')::text
--# cast_to_regclass
SELECT 'public.traces'::regclass::text
--# table_privilege
SELECT has_table_privilege('public.traces', 'SELECT')
