-- Rows written outside the scope, moved out of it, or moved into it to be read.

--# moves_rows_in
--# role: curator
update traces set namespace = 'checkout' where namespace = 'surgery'
--;
select count(*), min(title) from traces where namespace = 'checkout'
--# moves_rows_in_by_time
--# role: curator
update traces set started_at = '2025-04-01 00:00+00' where started_at >= '2025-06-01'
--;
select count(*) from traces
--# moves_one_row_in_by_key
--# role: curator
update traces set namespace = 'checkout' where trace_id = 100017 returning title
--# moves_rows_out
--# role: curator
update traces set namespace = 'legal' where trace_id = 100010
--# moves_rows_out_to_a_namespace_that_one_world_has
--# role: curator
update traces set namespace = 'surgery' where trace_id = 100010
--# moves_rows_out_by_time
--# role: curator
update traces set started_at = started_at + interval '1 year' where trace_id = 100010
--# moves_rows_out_by_a_parameter
--# role: curator
update traces set namespace = $1 where trace_id = 100010
--$ surgery
--# moves_rows_within
--# role: curator
update traces set namespace = 'search' where trace_id < 100200 and namespace = 'checkout'
--# moves_rows_to_null
--# role: curator
update traces set namespace = null where trace_id = 100010
--# moves_rows_by_an_expression
--# role: curator
update traces set namespace = (select max(namespace) from namespaces) where trace_id = 100010
--# moves_a_child_in
--# role: curator
update trace_events set trace_id = 100010, step = trace_id where content like 'hidden%'
--;
select count(*) from trace_events where trace_id = 100010
--# moves_a_child_out
--# role: curator
update feedback set trace_id = 100011 where trace_id = 100000
--# moves_feedback_in
--# role: curator
update feedback set trace_id = 100000 where comment like 'hidden%' returning comment
--# inserts_out_of_scope
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'legal', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# inserts_into_a_namespace_that_one_world_has
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values ($1, $2, $3, 'web', 'atlas-small', 'ok', 1, 1)
--$ 200005
--$ surgery
--$ 2025-03-03 00:00+00
--# inserts_in_scope_by_parameters
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values ($1, $2, $3, 'web', 'atlas-small', 'ok', 1, 1)
--$ 200005
--$ search
--$ 2025-03-03 00:00+00
--# inserts_before_the_window
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'checkout', '2025-02-28 23:59:59.999999+00', 'web', 'atlas-small', 'ok', 1, 1)
--# inserts_at_the_end_of_the_window
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'checkout', '2025-06-01 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# inserts_and_counts
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--;
select count(*) from traces
--# inserts_without_a_namespace
--# role: curator
insert into measurements (at, metric) values ('2025-04-01 00:00+00', 'x')
--# inserts_into_the_partitioned_table
--# role: curator
insert into measurements values ('checkout', '2025-04-01 00:00+00', 'x', 1), ('legal', '2025-04-01 00:00+00', 'x', 1)
--# inserts_a_document
--# role: curator
insert into documents values (5, 'surgery', 'x', '2025-04-01 00:00+00')
--# inserts_several_of_which_one_is_out
--# role: curator
insert into namespaces (namespace, owner) values ('surgery', 'me'), ('payroll', 'me')
--# inserts_from_a_query_out_of_scope
--# role: curator
insert into documents select trace_id + 1000000, namespace, title, started_at from traces where namespace <> 'checkout' and trace_id < 150000
--;
select count(*) from documents
--# inserts_through_the_view
--# role: curator
insert into open_traces (trace_id, namespace, started_at, service, status) values (200005, 'legal', '2025-04-01 00:00+00', 'x', 'running')
--# copies_in
--# role: curator
copy trace_events (trace_id, step, kind, content, created_at) from stdin
--< 100000\t70\toutput\tx\t2025-03-01 00:00+00\n
--< 100010\t70\toutput\ty\t2025-03-01 00:00+00\n
--;
select count(*) from trace_events
--# copies_in_out_of_scope
--# role: curator
copy documents (document_id, namespace, body, created_at) from stdin
--< 5\tsurgery\tx\t2025-04-01 00:00+00\n
--# copies_in_of_which_one_is_out
--# role: curator
copy documents (document_id, namespace, body, created_at) from stdin with (format csv)
--< 5,checkout,"x,\n",2025-04-01 00:00+00\n
--< 6,surgery,y,2025-04-01 00:00+00\n
--# copies_in_a_key_that_is_taken
--# role: curator
--# tells of keys
copy traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd) from stdin
--< 100017\tcheckout\t2025-03-03 00:00+00\tweb\tatlas-small\tok\t1\t1\n
--# copies_in_a_bad_value
--# role: curator
copy documents (document_id, namespace, body, created_at) from stdin
--< 5\tcheckout\tx\tyesterday noonish\n
--# copies_in_binary
--# role: curator
copy namespaces (namespace, owner) from stdin with (format binary)
--< PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x07surgery\x00\x00\x00\x02me\xff\xff
--# copies_in_with_a_condition
--# role: curator
copy namespaces (namespace, owner) from stdin with (format csv) where owner = 'me' and namespace <> 'legal'
--< legal,me\n
--< surgery,me\n
--# copies_in_a_reference_to_a_forbidden_row
--# role: curator
copy feedback (trace_id, score) from stdin
--< 100017\t3\n
--# moves_by_merge
--# role: curator
merge into traces t using (values (100010)) v (id) on t.trace_id = v.id when matched then update set namespace = 'surgery'
--# moves_by_merge_into_scope
--# role: curator
merge into traces t using (values (100017)) v (id) on t.trace_id = v.id when matched then update set namespace = 'checkout'
--# moves_back_and_forth
--# role: curator
savepoint s
--;
update traces set namespace = 'checkout'
--;
rollback to s
--;
select count(*) from traces
--# update_changes_the_partition
--# role: curator
update measurements set at = at + interval '3 months' where value > 11
--# update_for_portion_of_a_scope
--# role: curator
update "Prompt Templates" set "Name Space" = 'checkout' where "Name Space" = 'surgery'
