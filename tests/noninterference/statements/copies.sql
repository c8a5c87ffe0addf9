-- COPY out, which answers without a RowDescription.

--# copy_table
--# set: COPY has no ORDER BY
copy traces to stdout
--# copy_columns
--# set: COPY has no ORDER BY
copy traces (trace_id, title) to stdout
--# copy_forbidden_column
copy traces (trace_id, prompt) to stdout
--# copy_forbidden_table
copy api_keys to stdout
--# copy_table_that_one_world_has
copy patients to stdout
--# copy_query
copy (select trace_id, namespace, title from traces order by trace_id) to stdout
--# copy_query_csv
copy (select * from feedback order by trace_id) to stdout with (format csv, header)
--# copy_query_force_quote
copy (select trace_id, comment from feedback order by trace_id) to stdout (format csv, force_quote *, null '~')
--# copy_query_binary
copy (select trace_id, score, mood from feedback order by trace_id) to stdout with (format binary)
--# copy_query_old_syntax
copy (select count(*) from traces) to stdout with csv
--# copy_query_of_a_forbidden_column
copy (select reviewer from feedback) to stdout
--# copy_query_over_a_forbidden_table
copy (select count(*) from vault.salaries) to stdout
--# copy_query_that_fails
copy (select 1 / input_tokens from traces order by trace_id) to stdout
--# copy_values
copy (values ((select count(*) from traces))) to stdout
--# copy_with_query
copy (with t as (select * from traces) select count(*) from t) to stdout
--# copy_update_returning
--# role: curator
copy (update feedback set comment = 'x' where score = 1 returning trace_id) to stdout
--# copy_delete_returning
--# role: curator
--# set: DELETE returns rows as it finds them
copy (delete from feedback where score = 2 returning trace_id, score) to stdout
--# copy_delete_returning_a_forbidden_column
--# role: curator
copy (delete from feedback returning reviewer) to stdout
--# copy_insert_returning
--# role: curator
copy (insert into feedback (trace_id, score) select trace_id, 1 from traces where status = 'error' returning score) to stdout
--# copy_to_a_file
copy traces to '/tmp/leak'
--# copy_to_a_program
copy traces to program 'cat'
--# copy_from_a_file
--# role: curator
copy feedback from '/etc/passwd'
--# copy_from_a_program
--# role: curator
copy feedback (trace_id, score) from program 'echo 1'
--# copy_partitioned_table
copy measurements to stdout
--# copy_partition
copy measurements_2025_q2 to stdout
--# copy_view
copy open_traces to stdout
--# copy_parent
--# set: COPY has no ORDER BY
copy documents to stdout
--# copy_mixed_case
--# set: COPY has no ORDER BY
copy "Prompt Templates" ("Template Id", "Body Text") to stdout
--# copy_materialized_view
copy daily_costs to stdout
--# copy_whole_rows
copy (select t from traces t order by trace_id limit 5) to stdout
