-- The same rows and columns under other names: aliases, WITH, sub-selects, cursors, EXECUTE, RETURNING.

--# plain_table
select trace_id, namespace, title from traces order by trace_id
--# star
select * from traces order by trace_id limit 50
--# qualified_star
select t.* from public.traces as t order by trace_id limit 50
--# two_stars
select *, * from feedback order by trace_id limit 5
--# table_command
table models
--# table_command_scoped
--# set: TABLE has no ORDER BY
table namespaces
--# table_command_ordered
table namespaces order by 1
--# no_columns
--# set: the rows are empty
select from traces
--# schema_qualified_columns
select public.traces.trace_id, public.traces.title from public.traces order by public.traces.trace_id
--# alias_with_columns
select a, b from traces as t (a, b) order by a limit 40
--# alias_with_all_columns_named_as_forbidden
select prompt, risk from traces as t (prompt, risk) order by prompt limit 20
--# alias_of_the_table_itself
select traces.trace_id from traces as traces order by 1 limit 10
--# alias_named_as_a_forbidden_table
select api_keys.title from traces as api_keys order by api_keys.trace_id limit 10
--# forbidden_column
select prompt from traces
--# forbidden_column_qualified
select t.prompt from traces t
--# forbidden_column_quoted
select "prompt" from "traces"
--# forbidden_column_by_unicode_escape
select U&"\0070rompt" from U&"tr\0061ces"
--# forbidden_column_among_permitted
select trace_id, user_email, title from traces order by trace_id
--# column_that_does_not_exist
select promptt from traces
--# forbidden_table
select * from api_keys
--# forbidden_table_in_another_schema
select * from vault.salaries
--# forbidden_table_that_one_world_lacks
select * from patients
--# forbidden_schema_that_one_world_lacks
select * from hidden.traces
--# view_that_one_world_lacks
select * from patient_view
--# table_that_no_world_has
select * from patientss
--# sub_select
select s.trace_id from (select trace_id, title from traces) as s order by 1
--# nested_sub_selects
select a.x from (select b.x from (select c.trace_id as x from (select * from traces) c) b) a order by 1 limit 9
--# sub_select_renames
select s.one from (select namespace as one, title as two from traces) s order by s.one, s.two limit 12
--# sub_select_of_a_forbidden_column
select s.p from (select prompt as p from traces) s
--# with_query
with t as (select trace_id, namespace from traces) select namespace, count(*) from t group by 1 order by 1
--# with_query_materialized
with t as materialized (select * from traces) select count(*) from t
--# with_query_not_materialized
with t as not materialized (select * from traces) select min(trace_id), max(trace_id) from t
--# with_query_of_the_tables_name
with traces as (select * from traces) select count(*) from traces
--# with_query_hides_the_table
with traces as (select 1 as trace_id) select * from traces
--# with_query_hides_a_forbidden_table
with api_keys as (select count(*) as n from traces) select * from api_keys
--# with_query_does_not_hide_a_qualified_table
with api_keys as (select 1 as n) select * from public.api_keys
--# with_query_with_columns
with t (a, b) as (select trace_id, title from traces) select a from t order by a desc limit 7
--# with_query_recursive
with recursive up (trace_id, depth) as (
  select trace_id, 0 from traces where trace_id = 100090
  union all
  select t.parent_id, depth + 1 from up join traces t using (trace_id) where t.parent_id is not null)
select * from up order by depth
--# with_query_recursive_over_everything
with recursive r (n) as (select min(trace_id) from traces union
  select (select min(trace_id) from traces where trace_id > n) from r where n < 100060) select n from r order by n
--# with_query_inside_a_sub_select
select (with t as (select * from traces) select count(*) from t) as n
--# with_query_search_depth_first
with recursive r (trace_id) as (select trace_id from traces where parent_id is null and trace_id < 100200
  union all select t.trace_id from r join traces t on t.parent_id = r.trace_id where t.trace_id < 100200)
search depth first by trace_id set ordercol select trace_id from r order by ordercol
--# union_of_aliases
select a.trace_id from traces a where a.trace_id < 100100 union select b.trace_id from traces b where b.trace_id < 100200 order by 1
--# cursor
declare c cursor for select trace_id, title from traces order by trace_id
--;
fetch 30 from c
--;
move 20 in c
--;
fetch all from c
--# cursor_scrolled_from_the_end
declare c scroll cursor for select trace_id from traces order by trace_id
--;
fetch last from c
--;
fetch absolute -3 from c
--;
move backward all in c
--# cursor_counts_rows
declare c scroll cursor for select from traces
--;
move all in c
--# cursor_with_hold
declare c cursor with hold for select namespace from namespaces order by 1
--;
fetch all from c
--# cursor_binary
declare c binary cursor for select trace_id, started_at, cost_usd from traces order by trace_id
--;
fetch 15 from c
--# cursor_over_a_forbidden_column
declare c cursor for select risk from traces
--;
fetch 1 from c
--# cursor_for_update
--# role: curator
declare c cursor for select trace_id from traces order by trace_id for update
--;
fetch 2 from c
--;
update traces set title = 'x' where current of c
--# execute
prepare p as select count(*) from traces where trace_id > $1
--;
execute p (100000)
--;
execute p (150000)
--# execute_over_a_forbidden_column
prepare p as select min(prompt) from traces
--;
execute p
--# execute_of_a_later_name
prepare p as select * from patients
--;
execute p
--# execute_many_times_until_the_plan_is_generic
prepare p (text) as select count(*), sum(input_tokens) from traces where namespace = $1
--;
execute p ('search'); execute p ('legal'); execute p ('payroll'); execute p ('surgery'); execute p ('search');
execute p ('surgery'); execute p ('legal'); execute p ('checkout')
--# returning_of_an_update
--# role: curator
--# set: UPDATE returns rows as it finds them
update traces set title = 'seen' where status = 'running' returning trace_id, namespace, title
--# returning_star_of_an_update
--# role: curator
--# set: UPDATE returns rows as it finds them
update traces set title = 'seen' where trace_id < 100100 returning *
--# returning_a_forbidden_column
--# role: curator
update traces set title = 'seen' where trace_id = 100000 returning prompt
--# returning_of_a_delete
--# role: curator
--# set: DELETE returns rows as it finds them
delete from feedback where score = 1 returning trace_id, comment
--# returning_of_an_insert
--# role: curator
insert into trace_events (trace_id, step, kind, content, created_at)
values (100000, 9, 'output', 'x', '2025-03-02 00:00+00') returning *
--# returning_through_with
--# role: curator
with gone as (delete from feedback where trace_id < 100400 returning trace_id) select count(*), min(trace_id) from gone
--# parameters
select trace_id, title from traces where namespace = $1 and trace_id < $2 order by trace_id
--$ legal
--$ 150000
--# parameters_in_scope
select trace_id, title from traces where namespace = $1 and trace_id < $2 order by trace_id
--$ checkout
--$ 100200
--# view
select trace_id, status from open_traces order by trace_id limit 30
--# view_counted
select status, count(*) from open_traces group by status order by status
--# partitioned_table
select namespace, at, metric, value from measurements order by namespace, at limit 30
--# partition_of_it
select count(*) from measurements_2025_q1
--# partition_by_schema
select count(*) from public.measurements_rest
--# parent_with_children
select document_id, body from documents order by document_id
--# parent_only
select document_id, body from only documents order by document_id
--# parent_with_a_star
select document_id, body from documents * order by document_id
--# child
select document_id, clause, party from contracts order by document_id
--# mixed_case
select "Template Id", "Body Text" from "Prompt Templates" order by "Template Id"
--# mixed_case_without_quotes
select template id from prompt_templates
--# mixed_case_forbidden_column
select "Secret Note" from "Prompt Templates"
--# mixed_case_column_in_lower_case
select "secret note" from "Prompt Templates"
--# feedback_through_its_trace
select trace_id, score, comment, mood from feedback order by trace_id
--# materialized_view
select * from daily_costs order by 1, 2
--# sequence_as_a_table
select last_value from invoice_numbers
