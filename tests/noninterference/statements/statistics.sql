-- What the planner and the collector know of rows out of scope: EXPLAIN, statistics, sizes, activity.

--# explain
explain select * from traces
--# explain_costs_of_a_condition
explain select * from traces where namespace = 'surgery'
--# explain_without_costs
explain (costs off) select * from traces where title = 'Request 1 about refunds'
--# explain_analyze
explain (analyze, timing off, summary off) select count(*) from traces
--# explain_analyze_in_scope
explain (analyze, costs off, timing off, summary off) select count(*) from traces where namespace = 'checkout'
--# explain_json
explain (format json) select * from feedback where score = 1
--# explain_yaml
explain (format yaml) select * from namespaces
--# explain_xml
explain (format xml) select count(*) from traces
--# explain_verbose
explain verbose select t from traces t
--# explain_buffers
explain (analyze, buffers, timing off, summary off, costs off) select count(*) from trace_events
--# explain_settings
explain (settings, costs off) select 1
--# explain_wal
--# role: curator
explain (analyze, wal, timing off, summary off, costs off) update traces set title = 'x' where trace_id = 100010
--# explain_of_an_update
--# role: curator
explain update traces set title = 'x'
--# explain_of_a_delete
--# role: curator
explain delete from feedback where score = 2
--# explain_of_an_insert
--# role: curator
explain insert into feedback (trace_id, score) select trace_id, 1 from traces
--# explain_of_a_forbidden_table
explain select * from api_keys
--# explain_of_a_table_that_one_world_has
explain select * from patients
--# explain_of_a_constant
explain (costs off) select 1
--# explain_of_a_forbidden_column
explain select prompt from traces
--# explain_over_common_values
explain select * from traces where title like 'abc\'
--# explain_execute
prepare p as select * from traces where namespace = 'legal'
--;
explain execute p
--# explain_declare
explain declare c cursor for select * from traces
--# explain_a_join
explain select * from traces join feedback using (trace_id) where status = 'sealed'
--# explain_a_group
explain select model, count(*) from traces group by model
--# explain_a_distinct
explain select distinct prompt from traces
--# explain_a_partition
explain (costs off) select * from measurements where at > '2025-06-01'
--# column_statistics
select attname, null_frac, n_distinct, most_common_vals::text from pg_stats where tablename = 'traces' order by 1
--# column_statistics_of_a_forbidden_column
select most_common_vals::text, histogram_bounds::text from pg_stats where attname = 'prompt'
--# column_statistics_by_the_catalog
select stavalues1::text from pg_catalog.pg_statistic where starelid = 'traces'::regclass
--# extended_statistics
select * from pg_stats_ext
--# row_estimate
select reltuples, relpages from pg_class where relname = 'traces'
--# row_estimate_of_a_forbidden_table
select reltuples from pg_class where relname = 'api_keys'
--# row_estimate_of_an_index
select reltuples from pg_class where oid = 'traces_pkey'::regclass
--# row_estimates_of_everything
select relname, reltuples, relallvisible from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'm') order by 1
--# user_tables
--# by chance: counters come late
select relname, n_live_tup, n_dead_tup, seq_scan from pg_stat_user_tables order by 1
--# all_tables
--# by chance: counters come late
select relname, n_tup_ins from pg_stat_all_tables where schemaname = 'vault'
--# user_indexes
--# by chance: counters come late
select indexrelname, idx_scan from pg_stat_user_indexes order by 1
--# io_of_tables
--# by chance: counters come late
select relname, heap_blks_read from pg_statio_user_tables order by 1
--# io_of_sequences
--# by chance: counters come late
select relname, blks_read + blks_hit > 0 from pg_statio_all_sequences order by 1
--# user_functions
--# by chance: counters come late
select funcname, calls from pg_stat_user_functions order by 1
--# transaction_tables
--# by chance: counters come late
select relname, n_tup_ins from pg_stat_xact_user_tables order by 1
--# database_statistics
--# by chance: counters come late
select tup_returned > 0, tup_inserted, xact_rollback >= 0 from pg_stat_database where datname = current_database()
--# background_writer
--# by chance: counters come late
select buffers_alloc from pg_stat_bgwriter
--# wal_statistics
--# by chance: counters come late
select wal_records from pg_stat_wal
--# activity
select usename, application_name, state from pg_stat_activity where backend_type = 'client backend' order by 1, 2, 3
--# activity_count
select count(*) from pg_stat_activity
--# activity_of_the_neighbour
select count(*) from pg_stat_activity where application_name like 'operating%'
--# locks
select locktype, mode, count(*) from pg_locks where locktype in ('advisory', 'relation') group by 1, 2 order by 1, 2
--# locks_on_a_forbidden_table
select count(*) from pg_locks where relation = 'api_keys'::regclass
--# prepared_transactions
select count(*) from pg_prepared_xacts
--# prepared_statements
select name, statement from pg_prepared_statements
--# open_cursors
declare c cursor for select 1
--;
select name from pg_cursors
--# replication
select count(*) from pg_stat_replication
--# slots
select count(*) from pg_replication_slots
--# progress
select count(*) from pg_stat_progress_vacuum
--# sequences_view
select sequencename, last_value from pg_sequences order by 1
--# sequence_catalog
select count(*) from pg_sequence
--# buffers_in_use
select count(*) from pg_buffercache
--# file_settings
select count(*) from pg_file_settings
--# access_rules
select count(*) from pg_hba_file_rules
--# shared_memory
select count(*) > 0 from pg_shmem_allocations
--# backend_memory
select count(*) > 0 from pg_backend_memory_contexts
--# settings_view
select count(*) from pg_settings
--# settings_of_another_extension
select name from pg_settings where name like 'hidden%'
--# timing_by_statement_timeout
set local statement_timeout = '300ms'
--;
select count(*) from traces a, traces b, traces c
