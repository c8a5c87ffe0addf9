-- What people who look into traces write by hand.

--# newest_traces
select trace_id, started_at, service, model, status, title from traces order by started_at desc, trace_id desc limit 20
--# everything_of_a_trace
select * from traces where trace_id = 100500
--# star_with_order
select * from traces order by trace_id limit 25
--# one_trace_by_parameter
select trace_id, title, labels from traces where trace_id = $1
--$ 100420
--# page_of_traces
select trace_id, title from traces where namespace = $1 order by trace_id limit $2 offset $3
--$ checkout
--$ 10
--$ 30
--# keyset_page
select trace_id, title from traces where (started_at, trace_id) < ('2025-04-01 00:00+00', 0) order by started_at desc, trace_id desc limit 10
--# errors_of_a_service
select trace_id, title from traces where service = 'mail' and status = 'error' order by trace_id
--# traces_of_a_day
select count(*) from traces where started_at >= '2025-04-02' and started_at < '2025-04-03'
--# traces_between
select trace_id from traces where started_at between '2025-04-02 00:00+00' and '2025-04-02 12:00+00' order by trace_id
--# title_search
select trace_id, title from traces where title ilike '%latency%' order by trace_id limit 30
--# title_regexp
select count(*) from traces where title ~* 'request 1[0-9] '
--# note_is_missing
select count(*) from traces where note is null
--# note_is_there
select namespace, count(*) from traces where note is not null group by namespace order by namespace
--# json_label
select labels ->> 'release' as release, count(*) from traces group by 1 order by 1
--# json_label_filter
select count(*) from traces where labels @> '{"canary": true}'
--# json_label_number
select trace_id from traces where (labels ->> 'size')::int > 37 order by trace_id
--# json_path_filter
select count(*) from traces where labels @? '$.size ? (@ > 30)'
--# json_of_text
select (raw::json ->> 'n')::int as n, count(*) from traces group by 1 order by 1
--# tags_contain
select count(*) from traces where tags @> '{vip}'
--# tags_any
select count(*) from traces where 'trial' = any (tags)
--# tags_unnested
select tag, count(*) from traces, unnest(tags) as tag group by tag order by tag
--# number_of_tags
select trace_id, cardinality(tags), array_to_string(tags, ',') from traces order by trace_id limit 10
--# cast_of_a_reference
select max(external_ref::bigint) - min(external_ref::bigint) from traces
--# division
select trace_id, 1000.0 / input_tokens from traces order by trace_id limit 10
--# cost_per_token
select model, round(sum(cost_usd) / sum(input_tokens), 8) from traces group by model order by model
--# coalesced
select trace_id, coalesce(note, 'unchecked') from traces order by trace_id limit 10
--# case_buckets
select case when input_tokens < 1000 then 'small' when input_tokens < 3000 then 'medium' else 'large' end as size, count(*) from traces group by 1 order by 1
--# distinct_models
select distinct model from traces order by model
--# distinct_pairs
select distinct namespace, service from traces order by 1, 2
--# distinct_on_newest
select distinct on (service) service, trace_id, started_at from traces order by service, started_at desc, trace_id desc
--# events_of_a_trace
select step, kind, content from trace_events where trace_id = 100030 order by step
--# events_join
select t.title, e.step, e.content from traces t join trace_events e using (trace_id) where t.trace_id = 100040 order by e.step
--# events_without_alias
select traces.title, trace_events.content from traces inner join trace_events on trace_events.trace_id = traces.trace_id where traces.trace_id = 100050 order by trace_events.step
--# events_schema_qualified
select public.traces.title from public.traces where public.traces.trace_id = 100050
--# traces_without_feedback
select count(*) from traces t left join feedback f on f.trace_id = t.trace_id where f.trace_id is null
--# traces_with_bad_feedback
select t.trace_id, f.comment from traces t join feedback f using (trace_id) where f.score <= 2 order by t.trace_id limit 20
--# feedback_by_model
select t.model, avg(f.score)::numeric(4, 2), count(*) from feedback f join traces t on t.trace_id = f.trace_id group by t.model order by t.model
--# mood
select mood, count(*) from feedback group by mood order by mood
--# exists
select count(*) from traces t where exists (select 1 from feedback f where f.trace_id = t.trace_id and f.score = 5)
--# not_exists
select count(*) from traces t where not exists (select 1 from feedback f where f.trace_id = t.trace_id)
--# in_sub_select
select count(*) from trace_events where trace_id in (select trace_id from traces where status = 'error')
--# not_in_list
select count(*) from traces where status not in ('ok', 'running')
--# scalar_sub_select
select n.namespace, (select count(*) from traces t where t.namespace = n.namespace) from namespaces n order by 1
--# greatest_per_group
select t.* from traces t join (select service, max(trace_id) as trace_id from traces group by service) m using (trace_id) order by t.trace_id
--# lateral_top_three
select n.namespace, x.trace_id from namespaces n cross join lateral
  (select trace_id from traces t where t.namespace = n.namespace order by input_tokens desc, trace_id limit 3) x order by 1, 2
--# self_join
select c.trace_id, p.title from traces c join traces p on p.trace_id = c.parent_id order by c.trace_id limit 15
--# recursive_children
with recursive chain as (select trace_id, parent_id, 1 as depth from traces where trace_id = 100090
  union all select t.trace_id, t.parent_id, depth + 1 from traces t join chain c on t.trace_id = c.parent_id)
select * from chain order by depth
--# with_query
with slow as (select namespace, count(*) as n from traces where input_tokens > 3000 group by 1) select * from slow order by 1
--# two_with_queries
with a as (select service, count(*) n from traces group by 1), b as (select service, count(*) n from traces where status = 'error' group by 1)
select a.service, b.n * 100 / a.n from a join b using (service) order by 1
--# with_query_named_as_the_table
with traces as (select * from traces where status = 'error') select count(*) from traces
--# window_row_number
select trace_id, row_number() over (partition by service order by trace_id) from traces order by trace_id limit 20
--# window_running_sum
select trace_id, sum(cost_usd) over (order by trace_id) from traces order by trace_id limit 20
--# window_lag
select trace_id, started_at - lag(started_at) over (order by trace_id) from traces order by trace_id limit 20
--# window_rank_filter
select * from (select namespace, trace_id, rank() over (partition by namespace order by cost_usd desc, trace_id) r from traces) x where r <= 3 order by 1, 3
--# percentiles
select namespace, percentile_cont(array[0.5, 0.9]) within group (order by input_tokens) from traces group by 1 order by 1
--# filter_aggregates
select service, count(*), count(*) filter (where status = 'error') from traces group by 1 order by 1
--# having
select title, count(*) from traces group by title having count(*) > 39 order by title limit 10
--# string_agg
select service, string_agg(distinct model, ', ' order by model) from traces group by service order by service
--# json_agg
select json_agg(json_build_object('id', trace_id, 'title', title) order by trace_id) from traces where trace_id < 100050
--# to_jsonb_of_a_row
select to_jsonb(t) from traces t where trace_id = 100010
--# row_to_json
select row_to_json(f) from feedback f where trace_id = 100040
--# whole_row
select f from feedback f where trace_id = 100040
--# union_of_two
select 'trace' as what, count(*) from traces union all select 'event', count(*) from trace_events order by 1
--# except
select trace_id from traces where trace_id < 100200 except select trace_id from feedback order by 1
--# intersect
select trace_id from traces where trace_id < 100200 intersect select trace_id from feedback order by 1
--# grouping_sets
select namespace, service, count(*) from traces group by grouping sets ((namespace), (service), ()) order by 1, 2
--# rollup
select namespace, status, count(*) from traces group by rollup (namespace, status) order by 1, 2
--# view
select status, count(*) from open_traces group by status order by status
--# view_rows
select * from open_traces order by trace_id limit 10
--# view_join
select o.trace_id, t.title from open_traces o join traces t using (trace_id) order by 1 limit 10
--# partitioned
select metric, count(*), avg(value) from measurements group by metric order by metric
--# partitioned_range
select count(*) from measurements where at >= '2025-04-01' and at < '2025-05-01'
--# inheritance
select document_id, body from documents order by document_id limit 20
--# only_the_parent
select count(*) from only documents
--# child
select clause, count(*) from contracts group by clause order by clause
--# mixed_case
select "Template Id", "Body Text" from "Prompt Templates" where "Name Space" = 'search' order by "Template Id" limit 5
--# mixed_case_qualified
select p."Body Text" from public."Prompt Templates" as p order by p."Template Id" limit 5
--# unscoped_table
select * from models order by model
--# table_command
table models order by model
--# join_of_four
select n.owner, m.vendor, count(*) from traces t join namespaces n using (namespace) join models m using (model)
  join feedback f using (trace_id) group by 1, 2 order by 1, 2
--# natural_join
select count(*) from namespaces natural join (select namespace from traces) t
--# full_join
select count(*) from (select trace_id from traces where trace_id < 101000) a full join feedback b using (trace_id)
--# values_join
select v.label, count(*) from (values ('checkout', 'Shop'), ('search', 'Search')) v (namespace, label) join traces using (namespace) group by 1 order by 1
--# generate_series_days
select d::date, count(t.trace_id) from generate_series(timestamptz '2025-03-01', '2025-03-10', '1 day') d
  left join traces t on t.started_at >= d and t.started_at < d + interval '1 day' group by 1 order by 1
--# parameters_of_many_types
select count(*) from traces where namespace = any ($1) and input_tokens > $2 and started_at > $3 and score < $4
--$ {checkout,search}
--$ 100
--$ 2025-03-15 00:00+00
--$ 20.5
--# payload
select trace_id, encode(payload, 'hex') from traces order by trace_id limit 5
--# text_search
select count(*) from traces where to_tsvector('simple', title) @@ to_tsquery('simple', 'request & refunds')
--# count_distinct
select count(distinct model), count(distinct service) from traces
--# minimum_of_a_key
select min(trace_id), max(trace_id) from traces
--# fetch_first
select trace_id from traces order by trace_id offset 5 rows fetch next 5 rows only
--# cursor
declare c cursor for select trace_id, title from traces order by trace_id
--;
fetch 25 from c
--;
fetch 25 from c
--;
close c
--# prepared
prepare by_service (text) as select count(*) from traces where service = $1
--;
execute by_service ('web')
--;
deallocate by_service
--# copy_of_a_query
copy (select trace_id, title from traces order by trace_id limit 100) to stdout with (format csv, header)
--# copy_of_a_table
--# set: COPY has no ORDER BY
copy namespaces to stdout
--# copy_of_columns
--# set: COPY has no ORDER BY
copy traces (trace_id, title, tags) to stdout
