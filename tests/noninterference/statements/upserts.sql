-- Writes that read, and inserts that overwrite: ON CONFLICT, MERGE, UPDATE FROM, DELETE USING, INSERT SELECT.

--# on_conflict_do_nothing_in_scope
--# role: curator
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1) on conflict do nothing
--# on_conflict_do_nothing
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1) on conflict do nothing
--# on_conflict_of_a_column_do_nothing
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1) on conflict (trace_id) do nothing
--# on_conflict_of_a_constraint_do_nothing
--# role: curator
--# tells of keys
insert into traces (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd, external_ref)
values (200005, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1, 'MRN-5')
on conflict on constraint traces_external_ref_key do nothing
--# on_conflict_do_update_in_scope
--# role: curator
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set title = excluded.service returning t.trace_id, t.title
--# on_conflict_do_update
--# role: curator
--# tells of keys
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set title = 'mine'
--# on_conflict_do_update_returning_the_row
--# role: curator
--# tells of keys
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set service = t.service returning t.title, t.namespace
--# on_conflict_do_update_returning_a_forbidden_column
--# role: curator
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set service = t.service returning t.prompt
--# on_conflict_do_update_copies_a_forbidden_column
--# role: curator
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set title = t.prompt returning t.title
--# on_conflict_do_update_moves_into_scope
--# role: curator
--# tells of keys
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set namespace = excluded.namespace
--;
select trace_id, title from traces where trace_id = 100017
--# on_conflict_do_update_where_it_fails
--# role: curator
--# tells of keys
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set service = 'x' where 1 / t.input_tokens >= 0
--# on_conflict_do_update_whose_value_fails
--# role: curator
--# tells of keys
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100017, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set score = 1 / t.input_tokens
--# on_conflict_with_a_sub_select
--# role: curator
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set title = (select count(*)::text from traces) returning t.title
--# on_conflict_with_a_forbidden_sub_select
--# role: curator
insert into traces as t (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (100010, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
on conflict (trace_id) do update set title = (select min(secret) from api_keys) returning t.title
--# on_conflict_of_events
--# role: curator
insert into trace_events as e (trace_id, step, kind, content, created_at)
values (100017, 1, 'output', 'x', '2025-03-02 00:00+00')
on conflict (trace_id, step) do update set content = e.content returning e.content
--# on_conflict_of_a_column_without_an_index
--# role: curator
insert into models (model, vendor, context) values ('x', 'y', 1) on conflict (vendor) do nothing
--# on_conflict_do_nothing_with_exclusion
--# role: curator
--# tells of keys
insert into reservations values ('checkout', '[5030000,5030010)', 'me') on conflict do nothing
--# merge_updates
--# role: curator
merge into traces t using (values (100010, 'one'), (100017, 'two')) v (id, title) on t.trace_id = v.id
when matched then update set title = v.title
--# merge_inserts_or_updates
--# role: curator
--# tells of keys
merge into traces t using (values (100017)) v (id) on t.trace_id = v.id
when matched then update set title = 'x'
when not matched then insert (trace_id, namespace, started_at, service, model, status, input_tokens, cost_usd)
values (v.id, 'checkout', '2025-03-03 00:00+00', 'web', 'atlas-small', 'ok', 1, 1)
--# merge_deletes
--# role: curator
merge into feedback f using traces t on f.trace_id = t.trace_id when matched and f.score = 1 then delete
--# merge_from_a_table
--# role: curator
merge into traces t using feedback f on t.trace_id = f.trace_id when matched and f.score = 5 then update set note = f.comment
--# merge_on_a_forbidden_column
--# role: curator
merge into traces t using (values (5)) v (x) on t.risk = v.x when matched then do nothing
--# merge_condition_fails
--# role: curator
merge into traces t using (values (1)) v (x) on 1 / t.input_tokens >= v.x - 1 when matched then update set note = 'x'
--# merge_when_condition_fails
--# role: curator
merge into traces t using models m on t.model = m.model when matched and 1 / t.input_tokens >= 0 then update set note = 'x'
--# merge_counts_not_matched
--# role: curator
merge into models m using traces t on m.model = t.model when not matched then do nothing when matched then do nothing
--# merge_from_a_forbidden_table
--# role: curator
merge into models m using api_keys k on m.model = k.secret when matched then do nothing
--# update_from
--# role: curator
update traces t set note = f.comment from feedback f where f.trace_id = t.trace_id and f.score = 1
--# update_from_a_forbidden_table
--# role: curator
update traces t set note = k.secret from api_keys k where k.namespace = t.namespace
--# update_from_reads_the_other_side
--# role: curator
update feedback f set comment = t.title from traces t where t.trace_id = f.trace_id and t.status = 'sealed'
--# update_from_itself
--# role: curator
update traces a set note = b.title from traces b where b.trace_id = a.parent_id and b.namespace = 'surgery'
--# update_from_forbidden_column
--# role: curator
update traces t set note = f.reviewer from feedback f where f.trace_id = t.trace_id
--# update_set_from_a_forbidden_column
--# role: curator
update traces set note = prompt where trace_id = 100010 returning note
--# update_set_from_a_sub_select
--# role: curator
update traces set input_tokens = (select count(*) from traces) where trace_id = 100010 returning input_tokens
--# update_set_row_from_a_sub_select
--# role: curator
update traces set (note, title) = (select max(title), max(note) from traces) where trace_id = 100010 returning note, title
--# update_set_default
--# role: curator
update traces set labels = default, tags = default where status = 'running'
--# update_with_a_with_query
--# role: curator
with ids as (select trace_id from traces where status <> 'ok') update traces t set note = 'x' from ids where ids.trace_id = t.trace_id
--# delete_using
--# role: curator
delete from feedback f using traces t where t.trace_id = f.trace_id and t.namespace = 'legal'
--# delete_using_returning
--# role: curator
--# set: DELETE returns rows as it finds them
delete from feedback f using traces t where t.trace_id = f.trace_id and t.trace_id < 101000 returning f.trace_id, t.title
--# delete_using_a_forbidden_table
--# role: curator
delete from feedback f using api_keys k where k.key_id = f.score
--# delete_using_itself
--# role: curator
delete from feedback a using feedback b where a.trace_id = b.trace_id and a.score < 3
--# insert_select
--# role: curator
insert into trace_events (trace_id, step, kind, content, created_at)
select trace_id, 50, 'output', coalesce(note, title), started_at from traces where trace_id < 100100 or namespace = 'surgery'
--# insert_select_of_a_forbidden_column
--# role: curator
insert into feedback (trace_id, score, comment) select trace_id, 1, prompt from traces where trace_id = 100010 returning comment
--# insert_select_from_a_forbidden_table
--# role: curator
insert into feedback (trace_id, score, comment) select 100010, 1, secret from api_keys
--# insert_select_back
--# role: curator
insert into feedback (trace_id, score, comment) select trace_id, 1, 'again' from traces where status = 'error'
--;
select count(*) from feedback where comment = 'again'
--# insert_values_with_a_sub_select
--# role: curator
insert into feedback (trace_id, score, comment) values (100010, 1, (select min(title) from traces where status = 'sealed')) returning comment
--# insert_table
--# role: curator
insert into feedback (trace_id, score) (table models)
--# insert_overriding
--# role: curator
insert into feedback (trace_id, score, comment) overriding user value values (100010, 3, 'x') returning comment
--# insert_returning_a_count
--# role: curator
insert into feedback (trace_id, score) values (100010, 2) returning (select count(*) from feedback)
--# modifying_with_queries
--# role: curator
with u as (update traces set note = 'x' where status = 'running' returning trace_id),
     d as (delete from feedback where score = 5 returning trace_id)
select (select count(*) from u), (select count(*) from d)
--# modifying_with_query_unread
--# role: curator
with u as (update traces set note = 'x') select count(*) from traces where note = 'x'
