-- Writes that fail if a row that the role may not see exists: unique, foreign key, check, exclusion, not null.

--# primary_key_taken
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# primary_key_taken_in_the_namespace_outside_the_window
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100018, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# primary_key_taken_by_a_permitted_row
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# primary_key_free
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# unique_value_taken
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd, external_ref)
values (200005, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1, 'MRN-5')
--# unique_value_taken_by_update
--# role: curator
--# tells of keys
update traces set external_ref = 'MRN-5' where trace_id = 100010
--# unique_value_taken_in_the_other_world_by_update
--# role: curator
--# tells of keys
update traces set external_ref = '6000005' where trace_id = 100010
--# primary_key_taken_by_update
--# role: curator
--# tells of keys
update traces set trace_id = 100017 where trace_id = 101960
--# many_keys_at_once
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
select n, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1 from generate_series(100016, 100017) n
--# composite_key_taken
--# role: curator
insert into trace_events (trace_id, step, kind, content, created_at)
values (100017, 1, 'output', 'x', '2025-03-02 00:00+00')
--# composite_key_taken_by_a_permitted_row
--# role: curator
insert into trace_events (trace_id, step, kind, content, created_at)
values (100010, 1, 'output', 'x', '2025-03-02 00:00+00')
--# foreign_key_to_a_forbidden_row
--# role: curator
insert into trace_events (trace_id, step, kind, content, created_at)
values (100017, 77, 'output', 'x', '2025-03-02 00:00+00')
--# foreign_key_to_a_forbidden_row_of_feedback
--# role: curator
insert into feedback (trace_id, score) values (100017, 3)
--# foreign_key_to_a_forbidden_namespace
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (200005, 'surgery', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# foreign_key_to_nothing
--# role: curator
insert into feedback (trace_id, score) values (200005, 3)
--# foreign_key_by_update
--# role: curator
update feedback set trace_id = 100017 where trace_id = 100040
--# foreign_key_holds_a_delete_back
--# role: curator
delete from namespaces where namespace = 'payroll'
--# delete_cascades_into_forbidden_rows
--# role: curator
with gone as (delete from traces where trace_id = 100010 returning trace_id) select count(*) from gone
--# cascade_is_counted
--# role: curator
delete from traces where trace_id in (100017, 100011, 100010)
--;
select count(*) from trace_events
--# check_constraint
--# role: curator
update traces set status = 'nonsense' where trace_id = 100010
--# check_constraint_quotes_the_row
--# role: curator
insert into feedback (trace_id, score) values (100040, 6)
--# check_constraint_on_update_quotes_forbidden_columns
--# role: curator
update feedback set score = 9 where trace_id = 100040
--# not_null_quotes_the_row
--# role: curator
insert into trace_events (trace_id, step, kind, created_at) values (100010, 8, 'output', '2025-03-02 00:00+00')
--# not_null_on_update_quotes_forbidden_columns
--# role: curator
update traces set title = null, service = null where trace_id = 100010
--# exclusion_constraint
--# role: curator
--# tells of keys
insert into reservations values ('checkout', '[5030000,5030010)', 'me')
--# exclusion_constraint_free
--# role: curator
insert into reservations values ('checkout', '[900,910)', 'me')
--# exclusion_constraint_by_update
--# role: curator
--# tells of keys
update reservations set slot = '[5030000,5030010)' where slot = '[100000,100010)'
--# no_partition_for_the_row
--# role: curator
insert into measurements_2025_q1 values ('checkout', '2025-05-01 00:00+00', 'x', 1)
--# domain_check_quotes_the_value
--# role: curator
update traces set input_tokens = (input_tokens - 20)::positive where namespace = 'search'
--# write_to_a_forbidden_column
--# role: curator
update traces set risk = 1 where trace_id = 100010
--# write_to_a_forbidden_table
--# role: curator
insert into api_keys values (20, 'checkout', 'mine')
--# write_to_a_table_that_one_world_has
--# role: curator
insert into patients values (1, 'x')
--# insert_default_values
--# role: curator
insert into feedback default values
--# insert_overflows
--# role: curator
insert into feedback (trace_id, score) select trace_id, input_tokens / 1000 + 1 from traces
--# insert_key_by_key
--# role: curator
insert into namespaces (namespace, owner) select 'search', 'me' from traces where status = 'sealed' limit 1
--# insert_waits_for_a_row_under_way
--# role: curator
insert into namespaces (namespace, owner) values ('oncology', 'me')
--# savepoint_and_try_again
--# role: curator
savepoint s
--;
delete from traces where namespace = 'surgery'
--;
rollback to s
--;
select count(*) from traces
--# deferred_constraint
--# role: curator
set constraints all deferred
--;
insert into feedback (trace_id, score) values (100017, 3)
--# blind_update_counts
--# role: curator
update traces set title = title
--# blind_delete_counts
--# role: curator
delete from feedback
--# delete_by_forbidden_key
--# role: curator
delete from traces where trace_id = 100017
--# delete_by_forbidden_condition
--# role: curator
delete from traces where risk > 5
--# update_by_forbidden_namespace
--# role: curator
update traces set title = 'x' where namespace = 'surgery'
--# update_that_fails_over_forbidden_rows
--# role: curator
update traces set title = 'x' where external_ref::int < 5000010
--# update_whose_value_fails_over_forbidden_rows
--# role: curator
update traces set score = 1 / input_tokens
--# delete_that_fails_over_forbidden_rows
--# role: curator
delete from feedback where 1 / (score - case when comment = 'hidden b' then 1 else 9 end) is null
--# update_over_common_values
--# role: curator
update traces set note = 'x' where title like 'abc\'
--# truncate
--# role: curator
truncate feedback
--;
select count(*) from feedback
--# update_of_the_parent
--# role: curator
update documents set body = 'z'
--# update_of_the_parent_only
--# role: curator
update only documents set body = 'z'
--# delete_of_the_partitioned_table
--# role: curator
delete from measurements where value < 0
--# update_of_the_view
--# role: curator
update open_traces set service = 'x'
--# update_mixed_case
--# role: curator
update "Prompt Templates" set "Body Text" = 'x'
