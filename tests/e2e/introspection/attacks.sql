-- What an attacker asks about things of which "hidden" is part of the name. The same is asked with "nothing" in its
-- place, and with an Oid that nothing has: both answers must be the same.

--# class_by_name
select count(*) from pg_class where relname like 'hidden%'
--# class_by_oid
select relname from pg_class where oid = {oid:hidden_keys}
--# column_by_name
select count(*) from pg_attribute where attname like 'hidden%'
--# columns_of_a_table
select attname from pg_attribute where attrelid = {oid:hidden_keys}
--# error_on_hidden_rows_in_where
select count(*) from pg_class where case when relname like 'hidden%' then 1 / 0 else 1 end = 1 and oid > 16384 and relname like 'hidden%'
--# error_by_cast_of_names
select count(*) from pg_attribute where (attname like 'hidden%')::text::int = 1 and attname like 'hidden%'
--# statistics_through_like
select count(*) from pg_class where relname like 'hidden\'
--# error_in_a_join
select count(*) from pg_class c join pg_namespace n on (case when c.relname like 'hidden%' then (1 / 0)::text else '' end) = n.nspname
--# to_regclass
select to_regclass('hidden_keys'), to_regclass('public.hidden_keys') is null, to_regclass('hidden_vault.hidden_salaries')::oid
--# regclass
select 'hidden_keys'::regclass
--# regclass_by_cast
select cast('public.hidden_keys' as pg_catalog.regclass)::oid
--# regclass_in_front
select regclass 'hidden_keys'
--# regclass_of_an_oid
select {oid:hidden_keys}::regclass::text
--# regclass_of_a_literal_oid
select '{oid:hidden_keys}'::regclass::text
--# regclass_of_a_sum
select ({oid:hidden_keys} + 0)::oid::regclass::text, cast({oid:hidden_keys} as regclass)
--# regclass_as_a_call
select regclass('hidden_keys')
--# regclass_of_text
select ('hidden' || '_keys')::regclass
--# regclass_of_a_cast_to_text
select ('hidden' || '_keys')::text::regclass, ('hidden_vault.' || 'hidden_salaries')::text::regclass::oid
--# regtype_of_a_cast_to_text
select 'hidden_mood'::text::regtype::oid, 'public.hidden_keys'::text::regtype
--# regnamespace_of_a_cast_to_text
select 'hidden_vault'::text::regnamespace
--# regproc_of_a_cast_to_text
select 'hidden_reveal'::text::regproc
--# regrole_of_a_cast_to_text
select 'hidden_keeper'::text::regrole
--# regclass_array
select array['hidden_keys']::regclass[]
--# regclass_compared_with_a_literal
select count(*) from pg_class where oid::regclass = 'hidden_keys'
--# regclass_among_literals
select coalesce(null::oid::regclass, 'hidden_keys') is null
--# regclass_in_values
select count(*) from (values (1259::oid::regclass), ('hidden_keys')) v
--# regclass_of_json
select * from json_to_record('{"x": "hidden_keys"}') as r (x regclass)
--# regclass_of_xml
select * from xmltable('/a' passing '<a>hidden_keys</a>' columns x regclass path '.')
--# regclass_of_a_parameter
prepare asked (regclass) as select $1::text
--# regproc
select 'hidden_reveal'::regproc
--# regprocedure
select 'hidden_reveal(integer)'::regprocedure
--# regproc_of_an_oid
select {oid:hidden_reveal}::regproc::text
--# regproc_column_compared_with_a_literal
select count(*) from pg_type where typinput = 'hidden_reveal'
--# regtype
select 'hidden_mood'::regtype
--# regtype_of_a_row
select 'hidden_keys'::regtype
--# regtype_of_an_oid
select {oid:hidden_mood}::regtype::text
--# regnamespace
select 'hidden_vault'::regnamespace
--# regnamespace_of_an_oid
select {oid:hidden_vault}::regnamespace::text
--# regrole
select 'hidden_keeper'::regrole
--# regrole_of_an_oid
select {oid:hidden_keeper}::regrole::text
--# regcollation
select 'hidden_collation'::regcollation
--# regoper
select '==='::regoper
--# userbyid
select pg_get_userbyid({oid:hidden_keeper})
--# format_type
select format_type({oid:hidden_mood}, null), format_type({oid:hidden_pair}, -1)
--# indexdef
select pg_get_indexdef({oid:hidden_by_prompt}), pg_get_indexdef({oid:hidden_by_expression}, 1, true), pg_get_indexdef({oid:hidden_included})
--# indexdef_of_a_sum
select pg_get_indexdef({oid:hidden_by_condition}::bigint::oid)
--# constraintdef
select pg_get_constraintdef({oid:hidden_check}), pg_get_constraintdef({oid:hidden_fkey}, true), pg_get_constraintdef({oid:hidden_reference}), pg_get_constraintdef({oid:hidden_unique})
--# viewdef
select pg_get_viewdef('hidden_view'), pg_get_viewdef({oid:hidden_view}), pg_get_viewdef('hidden_view'::text, true)
--# viewdef_of_a_shown_view
select pg_get_viewdef('shown_open')
--# triggerdef
select pg_get_triggerdef({oid:hidden_trigger})
--# functiondef
select pg_get_functiondef({oid:hidden_reveal}), pg_get_function_arguments({oid:hidden_of}), pg_get_function_result({oid:hidden_reveal})
--# serial_sequence
select pg_get_serial_sequence('hidden_keys', 'hidden_id')
--# serial_sequence_of_a_column
select pg_get_serial_sequence('shown_traces', 'hidden_key')
--# serial_sequence_of_an_expression
select pg_get_serial_sequence('hidden' || '_keys', 'hidden_id')
--# comments
select obj_description({oid:hidden_keys}), obj_description({oid:hidden_by_prompt}, 'pg_class'), obj_description({oid:hidden_check}, 'pg_constraint')
--# column_comment
select col_description({oid:shown_traces}, 7), col_description({oid:hidden_keys}, 1)
--# comments_in_the_catalog
select count(*) from pg_description where description like '%hidden%'
--# visibility
select pg_table_is_visible({oid:hidden_keys}), pg_type_is_visible({oid:hidden_mood}), pg_function_is_visible({oid:hidden_reveal})
--# sizes
select pg_relation_size({oid:hidden_keys}), pg_total_relation_size('hidden_keys'), pg_table_size('hidden_keys'::text::regclass)
--# sizes_by_literal
select pg_relation_size('hidden_keys'), pg_database_size('hidden_base')
--# privileges
select has_table_privilege({oid:hidden_keys}, 'select')
--# privileges_by_name
select has_table_privilege('hidden_keys', 'select')
--# privileges_of_others
select has_table_privilege('hidden_keeper', 'shown_traces', 'select')
--# privileges_by_computed_name
select has_table_privilege('hidden' || '_keys', 'select')
--# column_privileges
select has_column_privilege('shown_traces', 'hidden_prompt', 'select')
--# schema_privileges
select has_schema_privilege({oid:hidden_vault}, 'usage')
--# schema_privileges_by_name
select has_schema_privilege('hidden_vault', 'usage')
--# roles
select rolname from pg_roles where rolname like 'hidden%'
--# members
select count(*) from pg_auth_members where roleid = {oid:hidden_keeper}
--# has_role
select pg_has_role('hidden_keeper', 'member')
--# acl_literal
select count(*) from pg_class where relacl = '{hidden_keeper=r/hidden_keeper}'
--# acl_cast
select '{hidden_keeper=r/hidden_keeper}'::aclitem[]
--# databases
select datname from pg_database where datname like 'hidden%'
--# types
select typname from pg_type where typname like '%hidden%'
--# enum_labels
select enumlabel from pg_enum where enumlabel like 'hidden%'
--# functions
select proname from pg_proc where proname like 'hidden%'
--# sources
select proname from pg_proc where prosrc like '%hidden%'
--# defaults
select count(*) from pg_attrdef where pg_get_expr(adbin, adrelid) like '%hidden%'
--# default_trees
select count(*) from pg_attrdef where adbin::text like '%hidden%'
--# tree_with_another_table
select pg_get_expr(adbin, {oid:hidden_keys}) from pg_attrdef limit 1
--# constraints
select conname from pg_constraint where conname like 'hidden%'
--# constraint_trees
select count(conbin), count(*) filter (where conname like 'hidden%') from pg_constraint
--# constraints_of_a_table
select conname from pg_constraint where confrelid = {oid:hidden_keys} or conrelid = {oid:hidden_keys}
--# indexes
select indexname from pg_indexes where indexdef like '%hidden%'
--# index_rows
select count(*) from pg_index where indexrelid = {oid:hidden_by_prompt} or indrelid = {oid:hidden_keys}
--# index_trees
select count(indexprs), count(indpred) from pg_index where indexrelid = {oid:hidden_by_expression}
--# index_columns
select attname from pg_attribute where attrelid = {oid:hidden_included}
--# dependencies
select count(*) from pg_depend where objid = {oid:hidden_keys} or refobjid = {oid:hidden_keys}
--# inheritance
select count(*) from pg_inherits where inhrelid = {oid:hidden_children}
--# partitions
select count(*) from pg_inherits where inhrelid = {oid:hidden_days_rest}
--# default_partition
select partdefid = {oid:hidden_days_rest} from pg_partitioned_table
--# ancestors
select pg_partition_ancestors({oid:hidden_days_rest})
--# tree
select relid from pg_partition_tree('hidden_keys')
--# triggers
select tgname from pg_trigger where tgname like 'hidden%'
--# rules
select rulename from pg_rules where rulename like 'hidden%'
--# policies
select policyname from pg_policies where policyname like 'hidden%'
--# publications
select pubname from pg_publication
--# statistics_objects
select stxname from pg_statistic_ext
--# servers
select srvname from pg_foreign_server
--# collations
select collname from pg_collation where collname like 'hidden%'
--# casts
select count(*) from pg_cast where castsource = {oid:hidden_pair}
--# operators
select count(*) from pg_operator where oprname = '===' and 'hidden' <> ''
--# sequences
select sequencename from pg_sequences where sequencename like 'hidden%'
--# sequence_parameters
select * from pg_sequence_parameters({oid:hidden_numbers})
--# last_value
select pg_sequence_last_value({oid:hidden_numbers})
--# nextval
select nextval('hidden_numbers')
--# tables_of_information_schema
select table_name from information_schema.tables where table_name like 'hidden%'
--# columns_of_information_schema
select table_name, column_name from information_schema.columns where column_name like 'hidden%' or column_default like '%hidden%'
--# constraints_of_information_schema
select constraint_name from information_schema.table_constraints where constraint_name like 'hidden%'
--# keys_of_information_schema
select * from information_schema.key_column_usage where column_name like 'hidden%'
--# usage_of_information_schema
select * from information_schema.constraint_column_usage where column_name like 'hidden%' or constraint_name like 'hidden%'
--# references_of_information_schema
select * from information_schema.referential_constraints where constraint_name like 'hidden%'
--# checks_of_information_schema
select * from information_schema.check_constraints where check_clause like '%hidden%'
--# domains_of_information_schema
select * from information_schema.domains where domain_name like 'hidden%'
--# schemata_of_information_schema
select schema_name from information_schema.schemata where schema_name like 'hidden%'
--# roles_of_information_schema
select * from information_schema.applicable_roles
--# enabled_roles
select * from information_schema.enabled_roles where role_name like 'hidden%'
--# views_of_information_schema
select * from information_schema.views where table_name like 'hidden%' or view_definition like '%hidden%'
--# routines_of_information_schema
select routine_name from information_schema.routines where routine_name like 'hidden%'
--# triggers_of_information_schema
select trigger_name from information_schema.triggers where trigger_name like 'hidden%'
--# whole_rows
select c::text from pg_class c where c::text like '%hidden%'
--# rows_as_json
select count(*) from pg_attribute a where to_jsonb(a)::text like '%hidden%'
--# counts_in_a_row
select relhasindex, relchecks, relhastriggers, relpages, reltuples, relfilenode, relacl, reltoastrelid from pg_class where relname = 'shown_feedback' and 'hidden' <> ''
--# stats
select count(*) from pg_stats where tablename like 'hidden%'
--# activity
select count(*) from pg_stat_activity where query like '%hidden%'
--# statistic
select count(*) from pg_statistic where 'hidden' <> ''
--# authid
select count(*) from pg_authid where rolname like 'hidden%'
--# largeobject
select count(*) from pg_largeobject where 'hidden' <> ''
--# prepared_statements
select count(*) from pg_prepared_statements where statement like '%hidden%'
--# locks
select count(*) from pg_locks where relation = {oid:hidden_keys}
--# settings
select name from pg_settings where name = 'data_directory' or 'hidden' = ''
--# update_of_a_catalog
update pg_class set reltuples = 0 where relname like 'hidden%'
--# lock_of_a_catalog_row
select 1 from pg_class where relname like 'hidden%' for update
--# copy_of_a_catalog
copy (select relname from pg_class where relname like 'hidden%') to stdout
--# function_named_as_a_field
select (c).hidden_of from pg_class c
--# query_in_the_argument
select pg_get_userbyid((select oid from pg_roles where rolname like 'hidden%'))
--# hidden_table_in_the_argument
select pg_get_userbyid((select hidden_id from hidden_keys))
--# volatile_argument
select count(pg_get_indexdef(({oid:hidden_by_prompt} + (random() * 0)::int)::oid)) from generate_series(1, 3)
--# two_objects
select pg_get_indexdef(x) from unnest(array[{oid:hidden_by_prompt}, {oid:hidden_included}]::oid[]) x
--# type_name_function
select pg_typeof(null::oid)
--# identify
select * from pg_identify_object(1259, {oid:hidden_keys}, 0)
--# describe
select pg_describe_object(1259, {oid:hidden_keys}, 0)
--# call_of_a_function
select hidden_reveal(1)
--# call_of_a_function_by_its_schema
select public.hidden_reveal(1)
--# operator_of_others
select 'hidden' === 'x'
--# cast_to_a_type
select null::hidden_mood
--# cast_to_a_row
select null::hidden_keys
--# domain_check
select (-1)::hidden_score
--# enum_literal
select count(*) from shown_traces where mood = 'hidden_good'
--# enum_range
select enum_range(null::hidden_mood)
--# row_of_a_table
select row_to_json(h) from hidden_keys h
--# literal_of_an_unknown_oid
select pg_get_indexdef('hidden')
--# schema_of_what_is_shown_by_oid
select nspname from pg_namespace where oid = {oid:hidden_vault}
--# current_of_a_guard_with_a_hidden_name
select pg_get_userbyid("tracegate".oid) from hidden_keys as "tracegate"
--# capture_of_our_names
select (select pg_table_is_visible("tracegate"."oid") from (select {oid:hidden_keys}::oid as oid) as "tracegate")
--# break_out_of_the_guard
select pg_get_userbyid(1) union select hidden_id::text from hidden_keys
--# comment_in_the_argument
select pg_get_indexdef({oid:hidden_by_prompt} /* ) */ -- )
)
--# guard_in_order_by
select 1 from pg_class where relname = 'shown_traces' order by pg_get_indexdef({oid:hidden_by_prompt})
--# regclass_in_order_by
select 1 order by 'hidden_keys'::regclass
--# guard_in_from
select * from pg_get_indexdef({oid:hidden_by_prompt}) f
--# guard_with_over
select pg_get_indexdef({oid:hidden_by_prompt}) over () from pg_class
--# variadic
select pg_get_indexdef(variadic array[{oid:hidden_by_prompt}])
--# named_argument
select pg_get_constraintdef(oid => {oid:hidden_check})
--# execute_argument
deallocate all; prepare p (text) as select $1; execute p (pg_get_indexdef({oid:hidden_by_prompt}))
--# cursor
begin; declare c cursor for select pg_get_indexdef({oid:hidden_by_prompt}); fetch c; rollback
--# quoted_names
select "pg_catalog"."pg_get_indexdef"({oid:hidden_by_prompt}), {oid:hidden_keys}::"pg_catalog"."regclass"::text
--# text_category_literal
select 'x' || 'hidden_keys'::regclass
--# case_of_regclass
select case 'hidden_keys' when 1259::oid::regclass then 1 else 2 end
--# nullif_of_regclass
select nullif(1259::oid::regclass, 'hidden_keys') is null
--# distinct_from_regclass
select 1259::oid::regclass is distinct from 'hidden_keys'
--# between_regclass
select 1259::oid::regclass between 'hidden_keys' and 'x'
--# in_regclass
select count(*) from pg_class where oid::regclass in ('hidden_keys', 'shown_traces')
--# any_regclass
select count(*) from pg_class where oid::regclass = any ('{hidden_keys}')
--# union_of_regclass
select count(*) from (select 1259::oid::regclass union select 'hidden_keys') u
--# array_of_regclass
select cardinality(array[1259::oid::regclass, 'hidden_keys'])
--# greatest_of_regclass
select greatest(1259::oid::regclass, 'hidden_keys') is null
--# with_regclass
with q as (select 1259::oid::regclass as r) select count(*) from q where r = 'hidden_keys'
--# to_regclass_compared
select count(*) from pg_class where to_regclass('pg_class') = 'hidden_keys'
--# lag_default
select lag(1259::oid::regclass, 1, 'hidden_keys') over () is null
--# sequence_type_column
select count(*) from pg_sequences where data_type = 'hidden_mood'
--# aggregate_function_column
select count(*) from pg_aggregate where aggfnoid = 'hidden_reveal'
--# catalog_column_of_type_regproc
select count(*) from pg_am where amhandler = 'hidden_reveal'
--# timezone_view
select count(*) from pg_timezone_names where name like 'hidden%'
