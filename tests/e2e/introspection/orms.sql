-- What drivers and object-relational mappers ask the catalogs. `sees` are words that the answer must have.

--# sqlalchemy_current_schema
select current_schema()
--# sqlalchemy_has_table
-- sees: shown_traces
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relname = 'shown_traces' AND pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm'])
AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog'
--# sqlalchemy_table_names
-- sees: shown_traces shown_feedback
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't'
AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog' ORDER BY 1
--# sqlalchemy_schema_names
-- sees: public shown_archive
SELECT pg_catalog.pg_namespace.nspname FROM pg_catalog.pg_namespace WHERE pg_catalog.pg_namespace.nspname NOT LIKE 'pg\_%' ORDER BY pg_catalog.pg_namespace.nspname
--# sqlalchemy_view_names
-- sees: shown_open
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['v']) AND pg_catalog.pg_namespace.nspname = 'public'
--# sqlalchemy_columns
-- sees: namespace model nextval
SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(pg_catalog.pg_attribute.atttypid, pg_catalog.pg_attribute.atttypmod) AS format_type,
(SELECT pg_catalog.pg_get_expr(pg_catalog.pg_attrdef.adbin, pg_catalog.pg_attrdef.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef
WHERE pg_catalog.pg_attrdef.adrelid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attrdef.adnum = pg_catalog.pg_attribute.attnum
AND pg_catalog.pg_attribute.atthasdef) AS "default", pg_catalog.pg_attribute.attnotnull AS not_null, pg_catalog.pg_class.relname AS table_name,
pg_catalog.pg_description.description AS comment, pg_catalog.pg_attribute.attgenerated AS generated FROM pg_catalog.pg_class
LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_class.oid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attribute.attnum > 0
AND NOT pg_catalog.pg_attribute.attisdropped LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_attribute.attrelid
AND pg_catalog.pg_description.objsubid = pg_catalog.pg_attribute.attnum JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid)
AND pg_catalog.pg_namespace.nspname != 'pg_catalog' AND pg_catalog.pg_class.relname IN ('shown_traces') ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_attribute.attnum
--# sqlalchemy_primary_key
-- sees: shown_traces_pkey id
SELECT attr.conrelid::regclass::text, array_agg(attr.attname::text ORDER BY attr.ord) AS cols, attr.conname FROM
(SELECT con.conrelid, con.conname, con.ord, pg_catalog.pg_attribute.attname FROM pg_catalog.pg_attribute JOIN
(SELECT conrelid, conname, unnest(conkey) AS attnum, generate_subscripts(conkey, 1) AS ord FROM pg_catalog.pg_constraint
WHERE contype = 'p' AND conrelid IN ('public.shown_traces'::regclass)) AS con ON pg_catalog.pg_attribute.attnum = con.attnum AND pg_catalog.pg_attribute.attrelid = con.conrelid) AS attr
GROUP BY attr.conrelid, attr.conname ORDER BY attr.conrelid, attr.conname
--# sqlalchemy_foreign_keys
-- sees: shown_feedback_trace_id_fkey
SELECT c.relname, con.conname, pg_catalog.pg_get_constraintdef(con.oid, true) AS condef FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint con ON c.oid = con.conrelid AND con.contype = 'f' WHERE c.relname IN ('shown_traces', 'shown_feedback', 'shown_feedback') ORDER BY 1, 2
--# sqlalchemy_indexes
-- sees: shown_by_namespace
SELECT ci.relname, i.indisunique, am.amname, array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ci ON ci.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ci.relam, generate_series(1, i.indnatts) n
WHERE i.indrelid = 'public.shown_traces'::regclass GROUP BY 1, 2, 3 ORDER BY 1
--# sqlalchemy_check_constraints
-- sees: shown_check
SELECT con.conname, pg_catalog.pg_get_constraintdef(con.oid, true) FROM pg_catalog.pg_constraint con WHERE con.contype = 'c' AND con.conrelid = 'public.shown_traces'::regclass ORDER BY 1
--# sqlalchemy_enums
-- sees: shown_mood fair
SELECT pg_catalog.pg_type.typname AS name, pg_catalog.pg_type_is_visible(pg_catalog.pg_type.oid) AS visible, pg_catalog.pg_namespace.nspname AS schema,
lbl_agg.labels AS labels FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_type.typnamespace
LEFT OUTER JOIN (SELECT pg_catalog.pg_enum.enumtypid AS enumtypid, array_agg(CAST(pg_catalog.pg_enum.enumlabel AS TEXT) ORDER BY pg_catalog.pg_enum.enumsortorder) AS labels
FROM pg_catalog.pg_enum GROUP BY pg_catalog.pg_enum.enumtypid) AS lbl_agg ON pg_catalog.pg_type.oid = lbl_agg.enumtypid
WHERE pg_catalog.pg_type.typtype = 'e' ORDER BY pg_catalog.pg_namespace.nspname, pg_catalog.pg_type.typname
--# sqlalchemy_domains
-- sees: shown_score
SELECT t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod) FROM pg_catalog.pg_type t WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace ORDER BY 1
--# sqlalchemy_comment
-- sees: traces
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_description
ON pg_catalog.pg_class.oid = pg_catalog.pg_description.objoid AND pg_catalog.pg_description.objsubid = 0 WHERE pg_catalog.pg_class.relname = 'shown_traces'
--# django_table_list
-- sees: shown_traces
SELECT c.relname, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END, obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v')
AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1
--# django_table_description
-- sees: comment
SELECT a.attname AS column_name, NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS is_nullable, pg_get_expr(ad.adbin, ad.adrelid) AS column_default,
CASE WHEN collname = 'default' THEN NULL ELSE collname END AS collation, a.attidentity != '' AS is_autofield FROM pg_attribute a
LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum LEFT JOIN pg_collation co ON a.attcollation = co.oid JOIN pg_type t ON a.atttypid = t.oid
JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n ON c.relnamespace = n.oid WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND c.relname = 'shown_feedback'
AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
--# django_constraints
-- sees: shown_feedback_pkey feedback_id
SELECT c.conname, array(SELECT attname FROM unnest(c.conkey) WITH ORDINALITY cols(colid, arridx) JOIN pg_attribute AS ca ON cols.colid = ca.attnum
WHERE ca.attrelid = c.conrelid ORDER BY cols.arridx), c.contype FROM pg_constraint AS c JOIN pg_class AS cl ON c.conrelid = cl.oid WHERE cl.relname = 'shown_feedback'
AND pg_catalog.pg_table_is_visible(cl.oid) ORDER BY 1
--# rails_columns
-- sees: namespace shown
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname,
col_description(a.attrelid, a.attnum) AS comment, attidentity AS identity, attgenerated as attgenerated FROM pg_attribute a
LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid
LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation
WHERE a.attrelid = '"shown_traces"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
--# rails_primary_keys
-- sees: feedback_id
SELECT a.attname FROM (SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"shown_feedback"'::regclass AND indisprimary) i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx
--# rails_tables
-- sees: shown_traces
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r','v','m','p','f') ORDER BY 1
--# rails_data_sources
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relname = 'shown_traces' AND c.relkind IN ('r','v','m','p','f')
--# rails_types
SELECT t.oid, t.typname, t.typelem, t.typdelim, t.typinput::text, r.rngsubtype, t.typtype, t.typbasetype FROM pg_type as t LEFT JOIN pg_range as r ON oid = rngtypid
WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamptz', 'timestamp', 'jsonb', 'text', 'bytea') ORDER BY t.oid
--# prisma_namespaces
SELECT namespace.nspname AS namespace_name FROM pg_namespace AS namespace WHERE namespace.nspname = ANY (ARRAY['public']) ORDER BY namespace_name
--# prisma_tables
-- sees: shown_traces
SELECT tbl.relname AS table_name, namespace.nspname as namespace, (tbl.relhassubclass and tbl.relkind = 'p') as is_partition, tbl.relrowsecurity as has_row_level_security
FROM pg_class AS tbl INNER JOIN pg_namespace AS namespace ON namespace.oid = tbl.relnamespace WHERE tbl.relkind IN ('r', 'p') AND namespace.nspname = ANY (ARRAY['public'])
ORDER BY namespace, table_name
--# prisma_columns
SELECT oid.namespace, info.table_name, info.column_name, format_type(att.atttypid, att.atttypmod) as formatted_type, info.numeric_precision, info.data_type,
info.udt_name as full_data_type, pg_get_expr(attdef.adbin, attdef.adrelid) AS column_default, info.is_nullable, info.is_identity
FROM information_schema.columns info JOIN pg_attribute att ON att.attname = info.column_name JOIN (SELECT pg_class.oid, relname, pg_namespace.nspname as namespace
FROM pg_class JOIN pg_namespace on pg_namespace.oid = pg_class.relnamespace AND pg_namespace.nspname = 'public') as oid on oid.oid = att.attrelid AND relname = info.table_name
AND namespace = info.table_schema LEFT OUTER JOIN pg_attrdef attdef ON attdef.adrelid = att.attrelid AND attdef.adnum = att.attnum
WHERE info.table_name = 'shown_traces' ORDER BY info.ordinal_position
--# hibernate_sequences
-- sees: shown_traces_id_seq
select sequence_name from information_schema.sequences order by 1
--# jdbc_tables
-- sees: shown_traces
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' END AS TABLE_TYPE,
d.description AS REMARKS FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
WHERE c.relnamespace = n.oid AND n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') ORDER BY TABLE_TYPE, TABLE_SCHEM, TABLE_NAME
--# jdbc_columns
-- sees: comment
SELECT * FROM (SELECT current_database() AS current_database, n.nspname, c.relname, a.attname, a.attnotnull, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum,
nullif(a.attidentity, '') as attidentity, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typtype FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum) LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
WHERE c.relkind in ('r', 'p', 'v', 'f', 'm') and a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'public' AND c.relname LIKE 'shown_feedback') c WHERE true ORDER BY nspname, c.relname, attnum
--# jdbc_type_by_oid
SELECT n.nspname = ANY (current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = 3802
--# npgsql_types
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.typelem FROM pg_type AS t JOIN pg_namespace AS ns ON ns.oid = t.typnamespace
WHERE t.typtype IN ('b', 'e', 'd') AND ns.nspname IN ('pg_catalog', 'public') AND t.typcategory <> 'A' ORDER BY t.oid
--# asyncpg_introspect_a_type
SELECT t.oid, t.typname AS name, t.typtype AS kind, t.typelem AS elemtype FROM pg_catalog.pg_type t WHERE t.oid = ANY (ARRAY[1184, 3802, 1009]::oid[]) ORDER BY 1
--# postgres_js_array_types
select b.oid, b.typarray from pg_catalog.pg_type a left join pg_catalog.pg_type b on b.oid = a.typelem where a.typcategory = 'A' and b.typnamespace = 'pg_catalog'::regnamespace group by b.oid, b.typarray order by b.oid
--# information_schema_tables
-- sees: shown_traces shown_open
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1, 2
--# information_schema_columns
-- sees: namespace
SELECT table_name, column_name, ordinal_position, is_nullable, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3
--# information_schema_primary_keys
-- sees: feedback_id
SELECT kcu.table_name, kcu.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu USING (constraint_schema, constraint_name)
WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_schema = 'public' ORDER BY 1, 2
--# pg_tables
-- sees: shown_traces
SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1
--# pg_views
-- sees: shown_open
SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1
--# pg_indexes
-- sees: shown_by_namespace
SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'shown_traces' ORDER BY 1
--# cast_to_regclass
-- sees: shown_traces
SELECT 'public.shown_traces'::regclass::text
--# to_regclass
-- sees: shown_traces None
select to_regclass('public.shown_traces'), to_regclass('public.nothing')
--# pgjdbc_primary_keys
-- sees: shown_traces_pkey id
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME,
  (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME, information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM
FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)
JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid) JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) WHERE true AND ct.relname = 'shown_traces' AND i.indisprimary
--# pgjdbc_index_info
-- sees: shown_by_namespace
SELECT tmp.INDEX_NAME, tmp.TYPE, trim(both '"' from pg_catalog.pg_get_indexdef(tmp.CI_OID, tmp.ORDINAL_POSITION, false)) AS COLUMN_NAME,
  CASE tmp.AM_NAME WHEN 'btree' THEN CASE tmp.I_INDOPTION[tmp.ORDINAL_POSITION - 1] & 1::smallint WHEN 1 THEN 'D' ELSE 'A' END ELSE NULL END AS ASC_OR_DESC, tmp.CARDINALITY, tmp.PAGES
FROM (SELECT ci.relname AS INDEX_NAME, CASE i.indisclustered WHEN true THEN 1 ELSE 3 END AS TYPE, (information_schema._pg_expandarray(i.indkey)).n AS ORDINAL_POSITION,
  ci.reltuples AS CARDINALITY, ci.relpages AS PAGES, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS FILTER_CONDITION, ci.oid AS CI_OID, i.indoption AS I_INDOPTION, am.amname AS AM_NAME
FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (ct.oid = i.indrelid)
JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) JOIN pg_catalog.pg_am am ON (ci.relam = am.oid) WHERE true AND ct.relname = 'shown_traces') AS tmp ORDER BY 1
--# pgjdbc_keywords
select string_agg(word, ',') from pg_catalog.pg_get_keywords() where word <> ALL ('{a,abs}'::text[])
--# pgjdbc_max_index_keys
-- sees: 32
SELECT setting FROM pg_catalog.pg_settings WHERE name='max_index_keys'
--# pgjdbc_schemas
-- sees: shown_archive
SELECT nspname AS TABLE_SCHEM, current_database() AS TABLE_CATALOG FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast'
AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1]) AND (nspname !~ '^pg_toast_temp_') ORDER BY TABLE_SCHEM
--# asyncpg_composite_types
-- sees: shown_mood
SELECT t.oid, ns.nspname, t.typname, t.typtype, (CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE NULL END), t.typtype = 'b' AND t.typelem <> 0,
  (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid)
   WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END) AS attrtypoids
FROM pg_catalog.pg_type t INNER JOIN pg_catalog.pg_namespace ns ON (ns.oid = t.typnamespace) LEFT JOIN pg_type elem_t ON (t.typlen = -1 AND t.typelem != 0 AND t.typelem = elem_t.oid)
LEFT JOIN pg_range range_t ON (t.oid = range_t.rngtypid) WHERE t.typname = 'shown_mood'
--# regclass_beside_regclass
-- sees: shown_by_namespace
select indexrelid::regclass from pg_index where indrelid::regclass = 'shown_traces'::regclass
--# regclass_beside_text
-- sees: shown_by_namespace
select indexrelid::regclass::text from pg_index where indrelid::regclass::text = 'shown_traces' order by 1
--# regclass_keeps_its_column_name
-- sees: shown_traces
select q.indrelid from (select distinct indrelid::regclass from pg_index) q where q.indrelid = 'shown_traces'
--# serial_sequence
-- sees: public.shown_traces_id_seq
select pg_get_serial_sequence('"shown_traces"', 'id')
--# column_comment_by_name
-- sees: shown
select col_description('shown_traces'::regclass, 3)
--# grouped_by_a_guarded_call
-- sees: shown_traces
select pg_get_userbyid(relowner), count(*), min(relname) from pg_class where relname = 'shown_traces' group by pg_get_userbyid(relowner) order by pg_get_userbyid(relowner)
--# identity_sequence_of_rails
-- sees: shown_traces_id_seq
SELECT attr.attname, nsp.nspname, seq.relname FROM pg_class seq, pg_attribute attr, pg_depend dep, pg_constraint cons, pg_namespace nsp
WHERE seq.oid = dep.objid AND seq.relkind = 'S' AND attr.attrelid = dep.refobjid AND attr.attnum = dep.refobjsubid AND attr.attrelid = cons.conrelid
AND attr.attnum = cons.conkey[1] AND seq.relnamespace = nsp.oid AND cons.contype = 'p' AND dep.classid = 'pg_class'::regclass AND dep.refobjid = '"shown_traces"'::regclass
--# references_of_information_schema
-- sees: shown_feedback_trace_id_fkey trace_id CASCADE
SELECT tc.constraint_name, kcu.table_name, kcu.column_name, rc.delete_rule FROM information_schema.table_constraints tc
JOIN information_schema.key_column_usage kcu ON tc.constraint_name = kcu.constraint_name
JOIN information_schema.referential_constraints rc ON rc.constraint_name = tc.constraint_name WHERE tc.constraint_type = 'FOREIGN KEY'
--# defaults_of_information_schema
-- sees: nextval
select column_default from information_schema.columns where table_name = 'shown_traces' and column_name = 'id'
