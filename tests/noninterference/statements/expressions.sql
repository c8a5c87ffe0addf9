-- Values computed from rows: expressions, aggregates, UNION, VALUES, scalar sub-selects.

--# count
select count(*) from traces
--# count_of_a_column
select count(note), count(distinct title), count(distinct model) from traces
--# count_of_every_table
select (select count(*) from traces), (select count(*) from trace_events), (select count(*) from feedback),
       (select count(*) from measurements), (select count(*) from documents), (select count(*) from contracts),
       (select count(*) from "Prompt Templates"), (select count(*) from namespaces), (select count(*) from open_traces)
--# count_of_a_forbidden_table
select count(*) from api_keys
--# sum_and_extremes
select sum(input_tokens), min(cost_usd), max(cost_usd), min(started_at), max(started_at) from traces
--# sum_of_a_forbidden_column
select sum(risk) from traces
--# statistical_aggregates
select stddev_pop(input_tokens), var_samp(input_tokens), corr(trace_id, input_tokens), regr_count(trace_id, input_tokens) from traces
--# ordered_set_aggregates
select percentile_disc(0.5) within group (order by input_tokens), mode() within group (order by title) from traces
--# hypothetical_set_aggregate
select rank(100) within group (order by input_tokens) from traces
--# aggregate_with_filter
select count(*) filter (where namespace = 'legal'), count(*) filter (where status = 'sealed') from traces
--# string_agg
select string_agg(distinct namespace, ',' order by namespace) from traces
--# array_agg
select array_agg(trace_id order by trace_id) from traces where status = 'error'
--# json_agg
select json_agg(title order by trace_id) from traces where trace_id < 100100
--# jsonb_object_agg
select jsonb_object_agg(namespace, owner) from namespaces
--# bool_aggregates
select bool_and(input_tokens > 0), bool_or(score < 0), every(pattern not like '%(%') from traces
--# bit_aggregates
select bit_or(input_tokens), bit_and(input_tokens), bit_xor(input_tokens) from traces
--# max_of_text
select max(model), max(service), min(title), max(external_ref) from traces
--# expression_over_a_column
select upper(title), length(external_ref), md5(raw) from traces order by trace_id limit 40
--# expression_over_a_forbidden_column
select length(prompt) from traces
--# concatenation
select namespace || '/' || coalesce(note, '-') from traces order by trace_id limit 40
--# union
select namespace from traces union select namespace from measurements order by 1
--# union_all
select count(*) from (select title from traces union all select content from trace_events) u
--# intersect
select trace_id from traces intersect select trace_id from feedback order by 1
--# except
select trace_id from traces except select trace_id from feedback order by 1
--# except_from_a_range
select n from generate_series(100000, 100200) n except select trace_id from traces order by 1
--# union_with_a_forbidden_table
select title from traces union select secret from api_keys
--# union_with_a_forbidden_column
select title from traces union select prompt from traces
--# values_list
values ((select count(*) from traces)), ((select count(*) from feedback))
--# values_with_a_forbidden_table
values (1), ((select count(*)::int from api_keys))
--# scalar_sub_select
select (select title from traces where trace_id = 100017)
--# scalar_sub_select_of_a_key_that_one_world_has
select (select count(*) from traces where trace_id = 217500), (select title from traces where trace_id = 217500)
--# scalar_sub_select_with_two_rows
select (select title from traces where trace_id in (100000, 100017))
--# scalar_sub_select_in_the_select_list
select n.namespace, (select count(*) from traces t where t.namespace = n.namespace) from namespaces n order by 1
--# array_sub_select
select array(select trace_id from traces where trace_id < 100050 order by trace_id)
--# row_sub_select
select row(1, 2) = (select min(trace_id), max(trace_id) from traces)
--# exists
select exists (select from traces where namespace = 'surgery'), exists (select from traces where status = 'sealed')
--# exists_in_a_forbidden_table
select exists (select from patients)
--# in_sub_select
select 'surgery' in (select namespace from namespaces), 'legal' in (select namespace from traces)
--# not_in_with_nulls
select 5 not in (select parent_id from traces)
--# any_and_all
select 10 <= all (select input_tokens from traces), 0 = any (select input_tokens from traces)
--# case_over_a_sub_select
select case when (select count(*) from traces) > 15000 then 'many' else 'few' end
--# coalesce_over_a_sub_select
select coalesce((select title from traces where trace_id = 100003), 'nothing there')
--# lateral
select n.namespace, l.c from namespaces n, lateral (select count(*) as c from traces t where t.namespace = n.namespace) l order by 1
--# lateral_function
select t.trace_id, w from traces t, unnest(t.tags) w where t.trace_id < 100060 order by 1, 2
--# generate_series_over_a_count
select n from generate_series(1, (select count(*) from traces) / 1000) n order by n
--# generate_series_joined
select g, t.trace_id from generate_series(100000, 100040) g left join traces t on t.trace_id = g order by g
--# limit_from_a_sub_select
select g from generate_series(1, 30) g order by g limit (select count(*) / 1000 from traces)
--# offset_beyond_the_scope
select trace_id from traces order by trace_id offset 1995
--# limit_with_ties
select input_tokens from traces order by input_tokens fetch first 3 rows with ties
--# distinct
select distinct model from traces order by 1
--# distinct_on
select distinct on (namespace) namespace, trace_id from traces order by namespace, trace_id
--# grouping_sets
select namespace, status, count(*) from traces group by grouping sets ((namespace), (status), ()) order by 1, 2
--# rollup
select namespace, model, sum(input_tokens) from traces group by rollup (namespace, model) order by 1, 2
--# cube_having
select service, status, count(*) from traces group by cube (service, status) having count(*) > 5 order by 1, 2
--# nested_aggregates
select max(c) from (select count(*) as c from traces group by namespace, model) s
--# json_path
select jsonb_path_query_array(jsonb_agg(labels order by trace_id), '$[*].release') from traces where trace_id < 100100
--# composite_built_from_columns
select row(namespace, count(*))::text from traces group by namespace order by 1
--# array_of_rows
select array_agg(row(model, vendor)::text order by model) from models
--# xml_element
select xmlelement(name t, xmlagg(xmlelement(name id, trace_id) order by trace_id)) from traces where trace_id < 100060
--# window_over_everything
select max(n) from (select row_number() over (order by trace_id) as n from traces) s
--# pg_typeof_of_a_column
select distinct pg_typeof(prompt) from traces
--# column_size
select sum(pg_column_size(title)) from traces
--# hash_of_everything
select sum(hashtext(title)::bigint), sum(hashint8(trace_id)::bigint) from traces
--# mood_of_feedback
select mood, count(*), avg(score) from feedback group by mood order by mood
