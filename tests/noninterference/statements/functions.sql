-- Functions that run SQL, read tables, files or settings out of the parser's sight.

--# query_to_xml
select query_to_xml('select count(*) from traces', true, false, '')
--# query_to_xml_schema
select query_to_xmlschema('select * from api_keys', true, false, '')
--# query_to_xml_of_a_table_that_one_world_has
select query_to_xml('select * from patients', true, false, '')
--# table_to_xml
select table_to_xml('api_keys', true, false, '')
--# schema_to_xml
select schema_to_xml('vault', true, false, '')
--# database_to_xmlschema
select length(database_to_xmlschema(true, false, '')::text)
--# cursor_to_xml
declare c cursor for select namespace from namespaces order by 1
--;
select cursor_to_xml('c', 10, true, false, '')
--# xpath_over_query_to_xml
select xpath('//count/text()', query_to_xml('select count(*) from traces', true, false, ''))
--# ts_stat
select * from ts_stat('select to_tsvector(''simple'', title) from traces') order by 1
--# ts_stat_of_a_forbidden_column
select word, ndoc from ts_stat($$select to_tsvector('simple', prompt) from traces$$) order by 1 limit 5
--# ts_rewrite
select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, to_tsquery(''simple'', min(namespace)) from namespaces')
--# security_definer
select trace_total('legal')
--# security_definer_qualified
select public.trace_total('surgery')
--# security_definer_in_from
select * from trace_total('payroll')
--# security_definer_by_named_argument
select trace_total(wanted => 'checkout')
--# security_definer_in_an_expression
select trace_id from traces where trace_id < 100050 and trace_total(namespace) > 1500 order by 1
--# security_definer_in_order_by
select namespace from namespaces order by trace_total(namespace), 1
--# function_that_one_world_has
select reveal()
--# function_of_a_schema_that_one_world_has
select hidden.reveal()
--# function_that_no_world_has
select reveall()
--# large_object_from_nothing
select lo_get(1)
--# large_object_count
select count(*) from pg_largeobject_metadata
--# large_object_import
select lo_import('/etc/passwd')
--# read_file
select pg_read_file('postgresql.auto.conf')
--# read_file_binary
select pg_read_binary_file('PG_VERSION')
--# list_files
select count(*) from pg_ls_dir('.')
--# list_wal
select count(*) from pg_ls_waldir()
--# stat_file
select (pg_stat_file('base')).size
--# dblink
select * from dblink('dbname=traces', 'select count(*) from traces') as r (n bigint)
--# dblink_connect
select dblink_connect('dbname=traces')
--# relation_size
select pg_relation_size('traces')
--# total_relation_size
select pg_total_relation_size('public.traces'), pg_table_size('traces'), pg_indexes_size('traces')
--# relation_size_of_a_forbidden_table
select pg_relation_size('api_keys')
--# database_size
select pg_database_size(current_database()) > 0
--# schema_contents_by_size
select sum(pg_relation_size(c.oid)) from pg_class c where relnamespace = 'public'::regnamespace
--# relation_file_path
select pg_relation_filenode('traces')::bigint - pg_relation_filenode('daily_costs')::bigint
--# view_definition
select pg_get_viewdef('patient_view'::text)
--# function_definition
select pg_get_functiondef('reveal'::regproc)
--# constraint_definition
select pg_get_constraintdef(oid) from pg_constraint where conrelid = to_regclass('patients')
--# serial_sequence
select pg_get_serial_sequence('feedback', 'feedback_id')
--# has_privilege_on_a_table_that_one_world_has
select has_table_privilege('patients', 'select')
--# has_privilege_on_a_schema_that_one_world_has
select has_schema_privilege('hidden', 'usage')
--# has_privilege_of_a_role_that_one_world_has
select pg_has_role('surgeon', 'usage')
--# has_any_column_privilege
select has_any_column_privilege('public.patients', 'select')
--# has_function_privilege
select has_function_privilege('public.reveal()', 'execute')
--# column_description
select col_description('traces'::regclass, attnum) from pg_attribute where attrelid = 'traces'::regclass and attname = 'prompt'
--# table_description
select obj_description('api_keys'::regclass)
--# to_regclass
select to_regclass('patients') is null, to_regclass('hidden.traces') is null, to_regclass('api_keys')
--# to_regtype
select to_regtype('diagnosis'), to_regtype('patients'), to_regrole('surgeon'), to_regnamespace('hidden')
--# to_regproc
select to_regproc('reveal') is null, to_regprocedure('hidden.reveal()') is null
--# cast_to_regclass
select 'patients'::regclass
--# cast_to_regclass_of_a_forbidden_table
select 'api_keys'::regclass::text
--# cast_to_regtype
select 'diagnosis'::regtype
--# cast_to_regrole
select 'surgeon'::regrole
--# cast_to_regnamespace
select 'hidden'::regnamespace
--# cast_to_regproc
select 'reveal'::regproc
--# cast_to_a_type_that_one_world_has
select 'a'::diagnosis
--# cast_to_the_type_of_a_forbidden_table
select null::patients
--# cast_to_an_unknown_type
select 'a'::diagnosiss
--# format_type
select format_type(oid, null) from pg_type where typname = 'patients'
--# age_of_the_table
select age(relfrozenxid) >= 0, relpages from pg_class where oid = 'traces'::regclass
--# transaction_id
select txid_current() > 0, pg_current_xact_id()::text::bigint % 2 >= 0
--# snapshot
select pg_current_snapshot()
--# wal_position
--# by chance: it moves by itself
select pg_current_wal_lsn() > '0/0', pg_current_wal_insert_lsn()
--# set_config
select set_config('search_path', 'hidden, public', false)
--;
select * from traces where trace_id = 1
--# current_setting
select current_setting('search_path'), current_setting('lock_timeout')
--# current_setting_of_another
select current_setting('hidden.setting', true)
--# export_snapshot
select pg_export_snapshot() is not null
--# backends
select count(*) from pg_stat_get_backend_idset()
--# statistics_function
--# by chance: counters come late
select pg_stat_get_tuples_inserted('traces'::regclass)
--# live_tuples
--# by chance: counters come late
select pg_stat_get_live_tuples('traces'::regclass)
--# last_analyze
--# by chance: counters come late
select pg_stat_get_analyze_count('api_keys'::regclass)
--# blocking
select pg_blocking_pids(1)
--# cancel_backend
select pg_cancel_backend(1)
--# partition_tree
select relid::regclass from pg_partition_tree('measurements') order by 1
--# generate_from_a_forbidden_count
select count(*) from generate_series(1, (select count(*) from api_keys))
--# function_with_a_row
select jsonb_typeof(to_jsonb(k)) from api_keys k limit 1
--# overloaded_by_search_path
select pg_catalog.count(*) from traces
--# operator_by_name
select count(*) from traces where namespace operator(pg_catalog.=) 'legal'
--# operator_of_the_public_schema
select count(*) from traces where namespace operator(public.=) 'legal'
--# in_transaction_time
select now() = transaction_timestamp(), statement_timestamp() >= now(), count(*) from traces
