-- Order, counts and presence answer questions: WHERE, JOIN, ORDER BY, GROUP BY, HAVING, windows.

--# where_on_a_forbidden_column
select trace_id from traces where risk > 50 order by trace_id
--# where_on_a_forbidden_column_counts
select count(*) from traces where prompt like 'diagnose%'
--# where_on_a_forbidden_namespace
select count(*) from traces where namespace = 'surgery'
--# where_outside_the_window
select count(*) from traces where namespace = 'checkout' and started_at >= '2025-06-01'
--# where_at_the_edges_of_the_window
select trace_id, started_at from traces where started_at < '2025-03-01 02:00+00' or started_at >= '2025-05-31' order by trace_id
--# where_by_key
select title from traces where trace_id = 100017
--# where_by_key_in_scope
select title from traces where trace_id = 100010
--# where_by_unique_value
select trace_id from traces where external_ref = 'MRN-5'
--# where_between
select count(*) from traces where trace_id between 100000 and 100100
--# where_in_list
select trace_id from traces where trace_id in (100000, 100017, 100010, 100011) order by 1
--# where_any_array
select trace_id from traces where trace_id = any ('{100000,100017,100002}') order by 1
--# where_is_null
select count(*) from traces where note is null
--# where_true_or_forbidden
select count(*) from traces where true or namespace = 'legal'
--# where_not
select count(*) from traces where not (namespace = 'checkout')
--# where_comment_swallows
select count(*) from traces where namespace = 'checkout' -- and namespace = 'search'
  or 1 = 1
--# where_closes_a_parenthesis
select count(*) from traces where (namespace = 'checkout') or (namespace = 'surgery')
--# where_exists_correlated
select count(*) from namespaces n where exists (select from traces t where t.namespace = n.namespace)
--# where_not_exists_correlated
select trace_id from traces t where not exists (select from trace_events e where e.trace_id = t.trace_id) order by 1
--# where_on_a_forbidden_column_of_feedback
select count(*) from feedback where reviewer = 'b3'
--# where_array_contains
select count(*) from traces where tags @> array['icd-10']
--# where_json_contains
select count(*) from traces where labels @> '{"release": "x"}'
--# where_json_has_key
select count(*) from traces where labels ? 'canary'
--# where_like
select count(*) from traces where title like 'abcess%'
--# where_ilike
select count(*) from traces where title ilike 'ABCESS%'
--# where_regexp
select count(*) from traces where title ~ '^abc'
--# where_similar
select count(*) from traces where title similar to '(abc|Req)%'
--# where_is_distinct
select count(*) from traces where service is distinct from 'web'
--# where_row_comparison
select count(*) from traces where (namespace, trace_id) > ('legal', 0)
--# where_overlaps
select count(*) from traces where (started_at, started_at) overlaps (timestamptz '2025-06-01', timestamptz '2025-07-01')
--# where_starts_with
select count(*) from traces where title ^@ 'abc'
--# join
select count(*) from traces t join trace_events e on e.trace_id = t.trace_id
--# join_using
select count(*) from traces join feedback using (trace_id)
--# join_natural
select count(*) from traces natural join trace_events
--# join_natural_over_a_forbidden_column_name
select count(*) from traces natural join (values ('diagnose 1')) v (prompt)
--# join_using_a_forbidden_column
select count(*) from traces join (values ('diagnose 1')) v (prompt) using (prompt)
--# join_left_finds_missing
select count(*) from trace_events e left join traces t using (trace_id) where t.trace_id is null
--# join_right
select count(*) from traces t right join feedback f using (trace_id) where t.trace_id is null
--# join_full
select count(*) from traces t full join feedback f using (trace_id) where t.trace_id is null or f.trace_id is null
--# join_cross
select count(*) from namespaces a cross join namespaces b
--# join_itself
select count(*) from traces a join traces b on a.title = b.title where a.trace_id < 100300
--# join_parent
select count(*) from traces a join traces b on b.trace_id = a.parent_id
--# join_lateral
select n.namespace, x.title from namespaces n left join lateral
  (select title from traces t where t.namespace = n.namespace order by trace_id desc limit 1) x on true order by 1
--# join_with_a_forbidden_table
select count(*) from traces t join api_keys k using (namespace)
--# join_on_a_forbidden_column
select count(*) from traces a join traces b on a.user_email = b.user_email
--# join_in_parentheses_with_alias
select count(*) from (traces t join trace_events e using (trace_id)) as j
--# join_alias_with_columns
select j.a from (traces t join feedback f using (trace_id)) as j (a) order by 1 limit 5
--# join_using_alias
select k.trace_id from traces join feedback using (trace_id) as k order by 1 limit 5
--# join_of_three
select t.namespace, count(*) from traces t join trace_events e using (trace_id) join feedback f using (trace_id) group by 1 order by 1
--# join_on_range
select count(*) from models m join traces t on t.model >= m.model
--# semi_join
select count(*) from traces where model in (select model from models)
--# anti_join
select distinct model from traces where model not in (select model from models) order by 1
--# order_by_a_forbidden_column
select trace_id from traces order by risk, trace_id limit 20
--# order_by_a_forbidden_column_of_the_row
select trace_id from traces t order by (t).prompt limit 20
--# order_by_expression
select trace_id from traces order by md5(title), trace_id limit 20
--# order_descending
select trace_id from traces order by trace_id desc limit 5
--# order_by_using_operator
select trace_id from traces order by started_at using >, trace_id limit 5
--# order_nulls
select note from traces order by note nulls first, trace_id limit 5
--# group_by_namespace
select namespace, count(*) from traces group by namespace order by namespace
--# group_by_a_forbidden_column
select user_email, count(*) from traces group by user_email order by 1
--# group_by_day
select date_trunc('day', started_at at time zone 'UTC'), count(*) from traces group by 1 order by 1
--# group_by_position
select model, service, count(*) from traces group by 1, 2 order by 1, 2
--# group_by_key_gives_other_columns
select t.trace_id, t.title, count(*) from traces t join trace_events e using (trace_id) group by t.trace_id, t.title order by 1 limit 10
--# having
select namespace from traces group by namespace having count(*) > 1500 order by 1
--# having_over_a_forbidden_column
select namespace from traces group by namespace having max(risk) > 50 order by 1
--# having_without_group
select 'many' from traces having count(*) > 15000
--# window_rank
select trace_id, rank() over (partition by namespace order by input_tokens desc, trace_id) from traces order by 2, 1 limit 12
--# window_over_a_forbidden_column
select trace_id, rank() over (order by risk) from traces order by 2, 1 limit 12
--# window_lag
select trace_id, lag(trace_id) over w, lead(trace_id) over w from traces window w as (order by trace_id) order by 1 limit 12
--# window_frame
select trace_id, count(*) over (order by trace_id range between 20 preceding and 20 following) from traces order by 1 limit 30
--# window_ntile
select max(n), min(n), count(*) from (select ntile(7) over (order by trace_id) n from traces) s where n = 3
--# window_share
select namespace, count(*) * 100.0 / sum(count(*)) over () from traces group by 1 order by 1
--# window_first_value
select distinct first_value(trace_id) over (partition by namespace order by started_at, trace_id) from traces order by 1
--# for_update
--# role: curator
select trace_id from traces order by trace_id limit 5 for update
--# for_update_nowait
--# role: curator
select count(*) from (select trace_id from traces for update nowait) s
--# for_update_skip_locked
--# role: curator
select count(*) from (select trace_id from traces for update skip locked) s
--# for_share_of_an_alias
--# role: curator
select t.trace_id from traces t join feedback f using (trace_id) order by 1 limit 3 for share of t nowait
--# for_update_without_the_right
select trace_id from traces order by trace_id limit 5 for update
--# tablesample_bernoulli
select count(*) from traces tablesample bernoulli (50) repeatable (3)
--# tablesample_system
select count(*) from traces tablesample system (50) repeatable (3)
--# tablesample_everything
select count(*) from traces tablesample system (100)
--# limit_zero
select * from traces limit 0
--# where_on_the_view
select count(*) from open_traces where namespace = 'surgery'
--# where_prunes_partitions
select count(*), min(value) from measurements where at >= '2025-06-01'
--# where_on_the_inherited_table
select count(*) from documents where namespace = 'legal'
--# mixed_case_condition
select count(*) from "Prompt Templates" where "Name Space" = 'surgery'
--# mixed_case_forbidden_condition
select count(*) from "Prompt Templates" where "Secret Note" like '%b'
