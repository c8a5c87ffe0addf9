-- Masked columns, in every way a column can be used. The role sees of the columns that are forbidden to others one
-- constant; which values they hold, and whether any, shows nowhere.

--# returned
--# role: masker
select prompt, user_email, risk from traces order by trace_id limit 20
--# returned_by_name
--# role: masker
select t.prompt as p, public.traces.risk from traces t, public.traces order by t.trace_id, traces.trace_id limit 5
--# star
--# role: masker
select * from traces order by trace_id limit 20
--# star_of_several
--# role: masker
select * from feedback f, namespaces n order by f.trace_id, f.score, f.comment, n.namespace limit 10
--# star_with_using
--# role: masker
select * from feedback join traces using (trace_id) order by trace_id, feedback.score, comment limit 10
--# table_command
--# role: masker
table namespaces
--# quoted_names
--# role: masker
select "Secret Note", "Template Id" from "Prompt Templates" order by 2 limit 10
--# in_a_sub_select
--# role: masker
select x.p from (select prompt as p, trace_id from traces) x order by x.trace_id limit 10
--# in_a_with_query
--# role: masker
with w (a, b) as (select prompt, trace_id from traces) select * from w order by b limit 10
--# in_a_lateral
--# role: masker
select x.risk from feedback f, lateral (select risk from traces t where t.trace_id = f.trace_id) x order by f.trace_id, f.score limit 10
--# left_join
--# role: masker
select f.trace_id, t.prompt, t.risk from feedback f left join traces t on t.trace_id = f.trace_id + 5 order by f.trace_id, f.score limit 10
--# full_join
--# role: masker
select count(*), count(t.prompt), count(f.reviewer) from feedback f full join traces t on t.trace_id = f.trace_id
--# where_equal
--# role: masker
select count(*) from traces where prompt = 'refund 3'
--# where_equal_to_the_mask
--# role: masker
select count(*) from traces where prompt = '[prompt]'
--# where_like
--# role: masker
select count(*) from traces where prompt like 'diagnose%'
--# where_matches
--# role: masker
select count(*) from traces where user_email ~ 'clinic'
--# where_null
--# role: masker
select count(*) from traces where user_email is null
--# where_not_null
--# role: masker
select count(*) from traces where prompt is not null
--# where_range
--# role: masker
select count(*) from traces where risk between 0 and 3
--# where_division
--# role: masker
select count(*) from traces where 10 / risk > 1
--# where_cast
--# role: masker
select count(*) from traces where prompt::integer > 1
--# where_cast_of_reviewer
--# role: masker
select count(*) from feedback where reviewer::date > '2020-01-01'
--# where_in
--# role: masker
select count(*) from traces where risk in (0, 1, 2)
--# where_any
--# role: masker
select count(*) from traces where risk = any ('{0,1,2}')
--# where_sub_select
--# role: masker
select count(*) from traces where prompt in (select prompt from traces where trace_id < 100100)
--# where_exists
--# role: masker
select count(*) from traces a where exists (select 1 from traces b where b.prompt = a.prompt and b.trace_id <> a.trace_id)
--# where_domain
--# role: masker
select count(*) from traces where risk::positive > 0
--# where_json
--# role: masker
select count(*) from trace_events where arguments ? 'a'
--# where_json_path
--# role: masker
select count(*) from trace_events where (arguments ->> 'b')::int = 3
--# join_on
--# role: masker
select count(*) from traces a join traces b on a.prompt = b.prompt and a.trace_id + 10 = b.trace_id
--# join_using
--# role: masker
select count(*) from traces a join traces b using (user_email) where a.trace_id < 100100
--# natural_join
--# role: masker
select count(*) from namespaces natural join (select budget, namespace from namespaces) x
--# order_by
--# role: masker
select trace_id from traces order by prompt, trace_id limit 20
--# order_by_place
--# role: masker
select prompt, trace_id from traces order by 1 desc, 2 desc limit 20
--# order_by_label
--# role: masker
select risk as r, trace_id from traces order by r, trace_id limit 20
--# order_by_expression
--# role: masker
select trace_id from traces order by length(prompt), risk, trace_id limit 20
--# group_by
--# role: masker
select prompt, count(*) from traces group by prompt order by 1
--# group_by_place
--# role: masker
select risk, count(*) from traces group by 1 order by 1
--# group_by_expression
--# role: masker
select risk % 3, count(*) from traces group by risk % 3 order by 1
--# grouping_sets
--# role: masker
select risk, service, count(*) from traces group by rollup (risk, service) order by 1, 2
--# having
--# role: masker
select service from traces group by service having max(risk) > 1 order by 1
--# distinct
--# role: masker
select distinct prompt, user_email, risk from traces
--# distinct_on
--# role: masker
select distinct on (risk) risk, trace_id from traces order by risk, trace_id
--# count_distinct
--# role: masker
select count(distinct user_email), count(distinct prompt), count(distinct risk) from traces
--# aggregates
--# role: masker
select min(prompt), max(prompt), sum(risk), avg(risk), count(user_email) from traces
--# string_agg
--# role: masker
select string_agg(prompt, ',' order by trace_id) from traces where trace_id < 100100
--# array_agg
--# role: masker
select array_agg(risk order by trace_id) from traces where trace_id < 100200
--# statistics
--# role: masker
select stddev(risk), variance(risk), corr(risk, input_tokens) from traces
--# ordered_set
--# role: masker
select percentile_cont(0.5) within group (order by risk), mode() within group (order by prompt) from traces
--# filter
--# role: masker
select count(*) filter (where risk > 1), count(*) filter (where prompt like 'd%') from traces
--# window
--# role: masker
select trace_id, rank() over (order by prompt), lag(risk) over (order by trace_id) from traces order by trace_id limit 20
--# window_partition
--# role: masker
select trace_id, count(*) over (partition by user_email) from traces order by trace_id limit 20
--# window_named
--# role: masker
select trace_id, sum(risk) over w from traces window w as (partition by risk order by trace_id) order by trace_id limit 20
--# union
--# role: masker
select prompt from traces union select user_email from traces order by 1
--# union_all
--# role: masker
select risk from traces where trace_id < 100100 union all select 1
--# except
--# role: masker
select risk from traces except select 5
--# intersect
--# role: masker
select prompt from traces intersect select '[prompt]'
--# values
--# role: masker
values ((select max(prompt) from traces), (select max(risk) from traces))
--# scalar_sub_select
--# role: masker
select (select prompt from traces order by trace_id limit 1), (select sum(risk) from traces)
--# array_sub_select
--# role: masker
select array(select risk from traces order by trace_id limit 10)
--# case
--# role: masker
select case when prompt like 'r%' then 1 when risk > 3 then 2 else 3 end, count(*) from traces group by 1 order by 1
--# coalesce
--# role: masker
select coalesce(user_email, 'none'), coalesce(prompt) from traces order by trace_id limit 5
--# nullif
--# role: masker
select nullif(risk, 5), count(*) from traces group by 1 order by 1
--# greatest
--# role: masker
select greatest(risk, 3), least(prompt, 'z') from traces order by trace_id limit 5
--# concatenation
--# role: masker
select prompt || '/' || risk from traces order by trace_id limit 5
--# functions
--# role: masker
select upper(prompt), length(prompt), md5(prompt), reverse(prompt), left(prompt, 2) from traces order by trace_id limit 5
--# format
--# role: masker
select format('%s %L %I', prompt, user_email, prompt) from traces order by trace_id limit 5
--# cast_to_text
--# role: masker
select risk::text, prompt::varchar(3), arguments::text from traces join trace_events using (trace_id) order by trace_id, step limit 5
--# cast_that_fails
--# role: masker
select prompt::integer from traces
--# cast_that_fails_with_email
--# role: masker
select user_email::date from traces
--# division
--# role: masker
select 1 / (risk - 5) from traces
--# to_jsonb
--# role: masker
select to_jsonb(t) from traces t order by trace_id limit 5
--# row_to_json
--# role: masker
select row_to_json(f) from feedback f order by trace_id, score, comment limit 10
--# row
--# role: masker
select t from traces t order by trace_id limit 5
--# row_as_text
--# role: masker
select n::text from namespaces n order by namespace
--# row_of_columns
--# role: masker
select row(prompt, risk) from traces order by trace_id limit 5
--# column_of_the_row
--# role: masker
select (t).prompt, (t).risk from traces t order by trace_id limit 5
--# every_column_of_the_row
--# role: masker
select (n).* from namespaces n order by namespace
--# functional_notation
--# role: masker
select prompt(t) from traces t order by trace_id limit 5
--# rows_compared
--# role: masker
select count(*) from namespaces a join namespaces b on a = b
--# row_hashed
--# role: masker
select md5(string_agg(t::text, ',' order by trace_id)) from traces t
--# row_is_null
--# role: masker
select count(*) from namespaces n where n is not null
--# json_each
--# role: masker
select key, count(*), max(value) from traces t, jsonb_each_text(to_jsonb(t)) group by key order by key
--# json_agg
--# role: masker
select json_agg(f order by trace_id, score, comment) from feedback f where trace_id < 100200
--# json_object_agg
--# role: masker
select jsonb_object_agg(trace_id, prompt) from traces where trace_id < 100200
--# recursive
--# role: masker
with recursive r as (select trace_id, prompt, 1 as n from traces where trace_id = 100010 union all select t.trace_id, t.prompt, n + 1 from traces t join r on t.parent_id = r.trace_id where n < 5) select * from r order by n
--# parameters_in_joins
--# role: masker
select a.prompt from traces a join feedback b on b.trace_id = a.trace_id where a.risk = b.score order by a.trace_id limit 5
--# text_search
--# role: masker
select count(*) from traces where to_tsvector('english', prompt) @@ to_tsquery('english', 'refund')
--# limit_by_it
--# role: masker
select trace_id from traces order by trace_id limit (select max(risk) from traces)
--# generate_series_by_it
--# role: masker
select count(*) from (select generate_series(1, risk) from traces where trace_id < 100100) x
--# regexp_of_it
--# role: masker
select count(*) from traces where 'refund 3' ~ prompt
--# unnest
--# role: masker
select unnest(array[prompt, user_email]) from traces order by trace_id limit 6
--# copy_table
--# role: masker
--# set: COPY has no ORDER BY
copy traces to stdout
--# copy_columns
--# role: masker
--# set: COPY has no ORDER BY
copy traces (prompt, trace_id, risk) to stdout (format csv, header)
--# copy_query
--# role: masker
copy (select prompt, user_email, risk from traces order by trace_id) to stdout (format csv)
--# copy_binary
--# role: masker
copy (select risk, prompt, arguments from traces join trace_events using (trace_id) order by trace_id, step) to stdout (format binary)
--# copy_expression
--# role: masker
copy (select upper(prompt), risk + 1 from traces order by trace_id) to stdout
--# prepared
--# role: masker
prepare p as select prompt, risk from traces order by trace_id limit 3
--;
execute p
--;
deallocate p
--# prepared_condition
--# role: masker
prepare p (int) as select count(*) from traces where risk = $1
--;
execute p(5)
--;
execute p(8)
--;
deallocate p
--# cursor
--# role: masker
declare c cursor for select prompt, risk, trace_id from traces order by trace_id
--;
fetch 3 from c
--;
fetch forward 2 from c
--;
close c
--# binary_cursor
--# role: masker
declare c binary cursor for select risk, prompt from traces order by trace_id
--;
fetch 3 from c
--;
close c
--# cursor_over_condition
--# role: masker
declare c scroll cursor for select trace_id from traces where risk < 3 order by trace_id
--;
fetch last from c
--;
fetch first from c
--;
close c
--# parameter
--# role: masker
select prompt, risk from traces where trace_id = $1
--$ 100010
--# parameter_compared
--# role: masker
select count(*) from traces where prompt = $1
--$ refund 1
--# parameter_compared_with_number
--# role: masker
select count(*) from traces where risk > $1::integer
--$ 3
