-- Conditions that fail for a row that the role may not see: whether they fail is a bit, the message a value.
-- In scope none of them fails; out of scope they fail in world b only.

--# cast_to_integer
select count(*) from traces where external_ref::int > 0
--# cast_in_the_select_list
select sum(external_ref::int) from traces
--# cast_of_a_forbidden_column
select count(*) from traces where prompt::int > 0
--# cast_by_function_syntax
select count(*) from traces where int4(cast(external_ref as numeric)) > 0
--# cast_to_numeric
select count(*) from traces where external_ref::numeric > 5
--# cast_to_date
select count(*) from traces where (raw::json ->> 'day')::date > '2025-01-01'
--# cast_to_json
select count(*) from traces where raw::json is not null
--# cast_to_jsonb
select count(*) from traces where raw::jsonb ? 'n'
--# cast_to_uuid
select count(*) from traces where (lpad(external_ref, 32, '0'))::uuid is not null
--# cast_to_boolean
select count(*) from traces where (case when external_ref like 'MRN%' then external_ref else 'true' end)::boolean
--# cast_to_a_short_integer
select count(*) from traces where input_tokens::smallint > 0
--# cast_of_a_float
select count(*) from traces where score::int > 0
--# cast_of_json_to_integer
select count(*) from traces where (labels -> 'release')::int > 3
--# cast_of_json_text
select count(*) from traces where (labels ->> 'release')::int > 3
--# cast_to_an_array
select count(*) from traces where ('{' || external_ref || '}')::int[] is not null
--# cast_to_a_range
select count(*) from traces where int4range(10, input_tokens) is not null
--# cast_to_an_enum
select count(*) from traces where (case when status = 'sealed' then 'sealed' else 'good' end)::mood = 'good'
--# cast_to_a_domain
select count(*) from traces where input_tokens::positive is not null
--# cast_to_a_domain_of_text
select count(*) from traces where (repeat('x', length(title)))::short_text is not null
--# cast_to_a_bit_string
select count(*) from traces where (case when service = 'kiosk' then 'two' else '101' end)::bit(3) = '101'
--# cast_to_an_address
select count(*) from traces where (case when service = 'kiosk' then service else '10.0.0.1' end)::inet is not null
--# cast_to_an_interval
select count(*) from traces where (case when model = 'zenith-9' then model else '1 day' end)::interval > '0'
--# cast_to_regclass
select count(*) from traces where (case when service = 'kiosk' then service else 'traces' end)::regclass is not null
--# cast_to_xml
select count(*) from traces where xmlparse(content case when service = 'kiosk' then '<' else title end) is not null
--# cast_to_money
select count(*) from traces where (case when service = 'kiosk' then 'x' else '1' end)::money > 0::money
--# cast_to_a_timestamp
select count(*) from traces where (case when service = 'kiosk' then service else '2025-03-01' end)::timestamptz < now()
--# division_by_zero
select count(*) from traces where 1 / input_tokens >= 0
--# division_by_zero_numeric
select count(*) from traces where 1.0 / input_tokens >= 0
--# modulo_by_zero
select count(*) from traces where 10 % input_tokens >= 0
--# division_by_a_forbidden_column
select count(*) from traces where 1 / risk >= 0
--# division_by_a_comparison
select count(*) from traces where 1 / (namespace <> 'surgery')::int = 1
--# division_in_the_select_list
select 1 / input_tokens from traces order by trace_id limit 3
--# division_in_order_by
select trace_id from traces order by 1 / input_tokens, trace_id limit 3
--# division_in_group_by
select 1 / input_tokens, count(*) from traces group by 1 order by 1
--# division_in_having
select namespace from traces group by namespace having min(1 / input_tokens) >= 0 order by 1
--# division_in_having_by_count
select namespace from traces group by namespace having 1 / (count(*) - 20000 / 3) is not null order by 1
--# division_in_on
select count(*) from models m join traces t on t.model = m.model and 1 / t.input_tokens >= 0
--# division_in_on_of_an_outer_join
select count(*) from models m left join traces t on 1 / t.input_tokens >= 0 and t.model = m.model
--# division_in_case
select count(*) from traces where case when namespace = 'checkout' then 1 / input_tokens >= 0 end
--# division_in_case_of_a_forbidden_namespace
select count(*) from traces where case when namespace = 'surgery' then 1 / (trace_id % 1) > 0 else true end
--# division_in_coalesce
select count(*) from traces where coalesce(nullif(note, 'seen by dr. no'), (1 / input_tokens)::text) is not null
--# division_behind_and
select count(*) from traces where namespace = 'checkout' and 1 / input_tokens >= 0
--# division_before_and
select count(*) from traces where 1 / input_tokens >= 0 and namespace = 'checkout'
--# division_behind_or
select count(*) from traces where namespace <> 'surgery' or 1 / (input_tokens * 0) > 0
--# division_in_filter
select count(*) filter (where 1 / input_tokens >= 0) from traces
--# division_in_a_window
select max(s) from (select sum(1 / input_tokens) over (order by trace_id) s from traces) x
--# division_in_limit
select 1 limit (select 1 / min(input_tokens) from traces)
--# division_in_a_sub_select
select count(*) from (select * from traces) t where 1 / t.input_tokens >= 0
--# division_in_a_lateral
select count(*) from traces t, lateral (select 1 / t.input_tokens as x) l where l.x >= 0
--# division_in_a_with_query
with t as (select * from traces) select count(*) from t where 1 / input_tokens >= 0
--# division_in_a_materialized_with_query
with t as materialized (select * from traces) select count(*) from t where 1 / input_tokens >= 0
--# division_in_a_not_materialized_with_query
with t as not materialized (select * from traces) select count(*) from t where 1 / input_tokens >= 0
--# division_in_exists
select exists (select from traces where 1 / input_tokens > 5)
--# division_in_a_correlated_sub_select
select n.namespace from namespaces n where (select min(1 / t.input_tokens) from traces t where t.namespace = n.namespace) >= 0 order by 1
--# division_in_values
select * from (values (1), (0)) v (x), lateral (select count(*) from traces where 1 / (input_tokens + v.x) >= 0) c order by 1
--# division_in_union
select trace_id from traces where 1 / input_tokens > 5 union select 1 order by 1
--# division_in_distinct_on
select distinct on (1 / input_tokens) trace_id from traces order by 1 / input_tokens, trace_id
--# division_in_an_aggregate_argument
select max(1 / input_tokens) from traces
--# division_in_an_aggregate_order
select string_agg(namespace, ',' order by 1 / input_tokens, trace_id) from traces where trace_id < 100200
--# division_over_the_view
select count(*) from open_traces where 1 / (trace_id - 100017) is not null
--# division_over_the_partitioned_table
select count(*) from measurements where 1 / (value + 1) > 0
--# division_over_the_inherited_table
select count(*) from contracts where 1 / (clause + 1) >= 0 and 1 / (case when clause = 0 and party = 'b' then 0 else 1 end) = 1
--# division_over_feedback
select count(*) from feedback where 1 / (score - case when comment = 'hidden b' then 1 else 9 end) is not null
--# division_over_mixed_case
select count(*) from "Prompt Templates" where 1 / nullif(strpos("Body Text", 'surgeon'), 0) is null
--# division_with_a_parameter
select count(*) from traces where $1::int / input_tokens >= 0
--$ 1
--# overflow_of_an_integer
select count(*) from traces where input_tokens * 1000 > 0
--# overflow_of_a_sum
select count(*) from traces where input_tokens + 2000000000 > 0
--# overflow_of_a_big_integer
select count(*) from traces where trace_id * input_tokens::bigint * 100000 > 0
--# overflow_of_a_float
select count(*) from traces where score * 1e10 > 0
--# overflow_of_exp
select count(*) from traces where exp(input_tokens / 1000.0::float8) > 0
--# overflow_of_a_power
select count(*) from traces where power(cost_usd, 9) < 1e30 and 10 ^ input_tokens::numeric is not null
--# overflow_of_a_numeric_type
select count(*) from traces where cost_usd::numeric(5, 1) >= 0
--# square_root_of_a_negative
select count(*) from traces where sqrt(score) >= 0
--# logarithm_of_zero
select count(*) from traces where ln(input_tokens) > 0
--# arc_cosine
select count(*) from traces where acos(1 / (1 + abs(score / 1e308) * 0 + case when score < 0 then -0.5 else 0 end)) is not null
--# like_ending_in_the_escape
select count(*) from traces where 'Request\' like pattern
--# like_over_common_values
select count(*) from traces where title like 'abc\'
--# not_like_over_common_values
select count(*) from traces where title not like 'abc\'
--# ilike_over_common_values
select count(*) from traces where title ilike 'ABC\'
--# like_with_escape
select count(*) from traces where title like 'abc!' escape '!'
--# like_over_common_values_with_a_namespace
select count(*) from traces where namespace = 'checkout' and title like 'abc\'
--# like_of_a_forbidden_column
select count(*) from traces where prompt like 'diag\'
--# like_over_common_values_of_a_forbidden_column_in_a_join
select count(*) from traces t join models m using (model) where t.user_email like '1\'
--# regexp_from_a_column
select count(*) from traces where title ~ pattern
--# regexp_match_function
select count(*) from traces where regexp_match(title, pattern) is null
--# regexp_replace
select count(*) from traces where regexp_replace(title, pattern, '') is not null
--# regexp_split
select count(*) from traces, regexp_split_to_table(title, pattern) as w
--# similar_to_a_column
select count(*) from traces where title similar to pattern
--# substring_by_regexp
select count(*) from traces where substring(title from pattern) is null
--# json_path_from_a_column
select count(*) from traces where jsonb_path_exists(labels, ('$.' || case when service = 'kiosk' then '[' else 'release' end)::jsonpath)
--# json_path_strict
select count(*) from traces where jsonb_path_exists(labels, 'strict $.size.floor()')
--# json_path_arithmetic
select count(*) from traces where jsonb_path_query_first(labels, '$.size + 1') is not null
--# json_array_length
select count(*) from traces where jsonb_array_length(case when service = 'kiosk' then labels else '[]' end) = 0
--# json_array_elements
select count(*) from traces, jsonb_array_elements(case when service = 'kiosk' then '5'::jsonb else '[1]' end) e
--# json_object_keys
select count(*) from traces, jsonb_object_keys(case when service = 'kiosk' then '[]' else labels end) k
--# json_set
select count(*) from traces where jsonb_set(case when service = 'kiosk' then '5' else labels end, '{a}', '1') is not null
--# json_build_object_with_a_null_key
select count(*) from traces where json_build_object(case when status <> 'sealed' then 'k' end, 1) is not null
--# json_populate
select sum((jsonb_populate_record(null::models, jsonb_build_object('context', labels -> 'release'))).context) from traces
--# json_to_record
select sum(x) from traces, jsonb_to_record(labels) as r (release text), lateral (select r.release::int) c (x)
--# array_element_of_a_different_size
select count(*) from traces where array_cat(array[[1, 2]], case when service = 'kiosk' then array[[1]] else array[[3, 4]] end) is not null
--# array_with_nulls_to_string
select count(*) from traces where array_position(tags, null) is null and (case when tags[1] = 'icd-10' then 1 / (trace_id % 1) else 1 end) = 1
--# array_fill
select count(*) from traces where array_fill(1, array[case when service = 'kiosk' then -1 else 1 end]) is not null
--# width_bucket
select count(*) from traces where width_bucket(score, 0, 10, case when service = 'kiosk' then 0 else 5 end) >= 0
--# substring_of_negative_length
select count(*) from traces where substr(title, 1, case when service = 'kiosk' then -1 else 3 end) is not null
--# repeat_too_long
select count(*) from traces where length(repeat(service, input_tokens)) >= 0
--# chr_of_zero
select count(*) from traces where chr(case when input_tokens = 0 then 0 else 65 end) is not null
--# to_date
select count(*) from traces where to_date(case when service = 'kiosk' then title else '2025-03-01' end, 'YYYY-MM-DD') is not null
--# to_timestamp
select count(*) from traces where to_timestamp(raw, '{"n') is not null or to_timestamp(case when service = 'kiosk' then '13' else '12' end, 'MM') is not null
--# to_number
select count(*) from traces where to_number(external_ref, '9999999') > 0
--# make_date
select count(*) from traces where make_date(2025, case when input_tokens = 0 then 0 else 3 end, 1) is not null
--# make_interval
select count(*) from traces where make_interval(secs => score) is not null
--# date_part_of_an_unknown_field
select count(*) from traces where date_part(case when service = 'kiosk' then service else 'day' end, started_at) > 0
--# date_trunc_to_an_unknown_unit
select count(*) from traces where date_trunc(case when service = 'kiosk' then service else 'day' end, started_at) is not null
--# time_zone
select count(*) from traces where started_at at time zone case when service = 'kiosk' then service else 'UTC' end is not null
--# timestamp_out_of_range
select count(*) from traces where started_at + input_tokens * interval '1 year' is not null
--# convert_from
select count(*) from traces where convert_from(payload, 'UTF8') is not null
--# decode
select count(*) from traces where decode(case when service = 'kiosk' then 'x' else 'aa' end, 'hex') is not null
--# encode_in_an_unknown_format
select count(*) from traces where encode(payload, case when service = 'kiosk' then service else 'hex' end) is not null
--# get_byte
select count(*) from traces where get_byte(payload, 5) >= 0
--# set_bit
select count(*) from traces where set_bit(payload, 30, 1) is not null
--# format_with_a_column
select count(*) from traces where format(case when service = 'kiosk' then '%z' else '%s' end, title) is not null
--# factorial
select count(*) from traces where factorial(case when service = 'kiosk' then -1 else 3 end) > 0
--# gcd_and_lcm
select count(*) from traces where lcm(input_tokens, 4001) >= 0
--# bit_string_of_a_wrong_length
select count(*) from traces where b'101' & (case when service = 'kiosk' then b'10' else b'100' end) is not null
--# inet_arithmetic
select count(*) from traces where inet '10.0.0.1' + input_tokens is not null
--# text_search_query
select count(*) from traces where to_tsquery('simple', case when service = 'kiosk' then title else 'request' end) is not null
--# text_search_configuration
select count(*) from traces where to_tsvector(case when service = 'kiosk' then service else 'simple' end::regconfig, title) is not null
--# xpath
select count(*) from traces where xpath(case when service = 'kiosk' then '//[' else '//a' end, '<a/>') is not null
--# point_of_text
select count(*) from traces where (case when service = 'kiosk' then title else '(1,2)' end)::point is not null
--# scalar_sub_select_with_more_rows
select (select trace_id from traces where trace_id in (100010, 100017))
--# scalar_sub_select_with_more_rows_by_namespace
select n.owner, (select namespace from namespaces where namespace in ('checkout', 'surgery')) from namespaces n order by 1
--# row_security_by_a_cheap_function
--# set: notices and rows come as rows are found
select count(*) from traces where noisy(title) and trace_id < 100100
--# cheap_function_over_a_forbidden_column
select count(*) from traces where noisy(prompt) and trace_id < 100100
--# nothing_of_a_range_is_cast
select count(*) from traces where trace_id between 100011 and 100019 and external_ref::int > 0
--# one_forbidden_row_is_cast
select title from traces where trace_id = 100017 and external_ref::int > 0
--# range_is_bisected
select count(*) from traces where trace_id between 100000 and 101000 and (case when namespace = 'surgery' then external_ref else '1' end)::int = 1
--# error_in_a_cursor
declare c cursor for select 1 / input_tokens from traces order by trace_id
--;
fetch 10 from c
--# error_in_a_hash_join_key
select count(*) from traces a join traces b on a.external_ref::int = b.external_ref::int
--# error_in_a_merge_join_key
select count(*) from traces a join traces b on 1 / a.input_tokens = 1 / b.input_tokens where a.trace_id < 100100 and b.trace_id < 100100
--# error_position_behind_a_table
select * from traces t where t.title = 'x' and t.nothing = 1
--# error_position_in_the_second_line
select *
from traces t join feedback f using (trace_id)
where f.reviewerr = 'x'
--# error_hint_names_a_forbidden_column
select promt from traces
--# error_hint_names_a_forbidden_column_of_an_alias
select t.user_mail from traces t
--# error_hint_names_a_forbidden_table
select api_keys.title from traces
--# error_of_an_ambiguous_forbidden_column
select reviewer from feedback a, feedback b
--# error_of_group_by
select trace_id, prompt, count(*) from traces group by trace_id
--# error_of_an_unknown_function_shows_types
select nothing(t.prompt, t.risk) from traces t
--# error_of_an_unknown_operator_shows_types
select t.labels + t.title from traces t
--# error_of_union_shows_types
select labels from traces union select risk from traces
