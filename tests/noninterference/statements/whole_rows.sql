-- Rows as values: they carry every column of their table.

--# row_as_text
select t::text from traces t order by trace_id limit 10
--# row_returned
select t from traces t order by trace_id limit 10
--# row_returned_by_table_name
select traces from traces order by trace_id limit 10
--# star_as_text
select t.*::text from traces t order by trace_id limit 10
--# row_of_star
select row(t.*) from traces t order by trace_id limit 10
--# row_of_row
select row(t, 1) from feedback t order by trace_id limit 10
--# to_jsonb
select to_jsonb(t) from traces t order by trace_id limit 10
--# to_json
select to_json(t) from traces t order by trace_id limit 10
--# row_to_json
select row_to_json(t) from feedback t order by trace_id limit 10
--# row_to_json_pretty
select row_to_json(t, true) from "Prompt Templates" t order by "Template Id" limit 10
--# keys_of_the_row
select distinct jsonb_object_keys(to_jsonb(t)) from traces t order by 1
--# json_each_of_the_row
select key, count(*) from traces t, jsonb_each_text(to_jsonb(t)) group by key order by key
--# column_of_the_row
select (t).title from traces t order by trace_id limit 10
--# forbidden_column_of_the_row
select (t).prompt from traces t order by trace_id limit 10
--# forbidden_column_of_the_row_by_json
select to_jsonb(t) ->> 'prompt' from traces t order by trace_id limit 10
--# every_column_of_the_row
select (t).* from feedback t order by trace_id limit 10
--# row_of_a_sub_select
select (s).* from (select t from feedback t) as x (s) order by (s).trace_id limit 10
--# functional_notation
select title(t) from traces t order by trace_id limit 10
--# functional_notation_of_a_forbidden_column
select prompt(t) from traces t limit 10
--# attribute_notation_of_a_function
select t.row_to_json from traces t order by trace_id limit 5
--# row_counted
select count(t), count(t.*), count(distinct t) from feedback t
--# row_is_null
select count(*) from traces t where t is null
--# row_is_not_null
select count(*) from traces t where t is not null
--# row_aggregated
select array_agg(t order by trace_id) from feedback t where trace_id < 100200
--# rows_as_json_array
select json_agg(t order by trace_id) from traces t where trace_id < 100050
--# rows_compared
select count(*) from feedback a join feedback b on a = b
--# row_in_a_list
select count(*) from feedback t where t in (select f from feedback f)
--# row_hashed
select md5(string_agg(t::text, ',' order by trace_id)) from traces t
--# row_length
select max(length(t::text)), min(length(t::text)) from traces t
--# row_ordered
select trace_id from feedback t order by t limit 10
--# row_grouped
select count(*) from (select t from feedback t group by t) s
--# row_distinct
select count(*) from (select distinct t.* from traces t) s
--# row_cast_to_the_tables_type
select (t::traces).title from traces t order by trace_id limit 3
--# row_populated_from_the_tables_type
select * from jsonb_populate_record(null::traces, '{"prompt": "x", "risk": 4}')
--# row_concatenated
select 'row: ' || t from feedback t order by trace_id limit 5
--# row_formatted
select format('%s', t) from feedback t order by trace_id limit 5
--# row_by_concat
select concat(t) from traces t order by trace_id limit 5
--# row_in_xml
select xmlforest(t.title, t.trace_id) from traces t order by trace_id limit 5
--# row_of_a_view
select o::text from open_traces o order by trace_id limit 5
--# row_of_a_partitioned_table
select m::text from measurements m order by namespace, at limit 5
--# row_of_a_parent
select d::text from documents d order by document_id limit 50
--# row_of_a_join
select j::text from (traces join feedback using (trace_id)) as j order by trace_id limit 5
--# star_of_a_join
select * from traces t join feedback f using (trace_id) order by trace_id limit 5
--# row_of_a_with_query
with w as (select * from traces) select w::text from w order by trace_id limit 5
--# row_in_returning
--# role: curator
--# set: UPDATE returns rows as it finds them
update feedback f set comment = 'y' where trace_id < 100200 returning f, f.*, to_jsonb(f)
--# row_in_values
select v from (values ((select f from feedback f order by trace_id limit 1))) as v (v)
--# row_coalesced
select coalesce(f, null)::text from feedback f order by trace_id limit 4
--# row_of_a_forbidden_table
select k from api_keys k
--# row_of_one_column
select s from (select prompt from traces) s limit 3
--# num_nonnulls_of_the_row
select num_nonnulls(t.*) from traces t order by trace_id limit 5
--# system_columns
select ctid, xmin, cmin from traces order by trace_id limit 10
--# tableoid
select distinct tableoid::regclass::text from documents order by 1
--# xmin_only
select max(xmin::text::bigint) from traces
--# ctid_in_a_condition
select count(*) from traces where ctid < '(3,0)'
--# ctid_qualified
select t.ctid from traces t where trace_id = 100500
