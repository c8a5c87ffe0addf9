-- Who runs a statement and what its text means: roles, search_path, row_security, planner settings.

--# set_role
set role keeper
--;
select count(*) from vault.salaries
--# set_role_that_one_world_has
set role surgeon
--# set_local_role
set local role keeper
--;
select current_user, count(*) from traces
--# set_session_authorization
set session authorization keeper
--# reset_role
reset role
--;
select count(*) from traces
--# set_search_path
set search_path = hidden, public
--;
select title from traces where trace_id = 1
--# set_local_search_path
set local search_path = vault
--;
select count(*) from salaries
--# set_search_path_empty
set search_path = ''
--;
select count(*) from public.traces
--# set_schema
set schema 'vault'
--;
select count(*) from salaries
--# set_row_security
set row_security = off
--;
select count(*) from traces
--# set_session_replication_role
set session_replication_role = replica
--# set_planner_settings
set enable_seqscan = off
--;
select count(*) from traces where namespace > 'legal'
--# set_planner_costs
set random_page_cost = 100
--;
select count(*) from feedback
--# set_work_mem
set work_mem = '64kB'
--;
select title, count(*) from traces group by title order by 1
--# set_statement_timeout
set local statement_timeout = '20s'
--;
select count(*) from namespaces
--# set_constraint_exclusion
set constraint_exclusion = on
--;
select count(*) from measurements where at < '2020-01-01'
--# set_plan_cache_mode
set plan_cache_mode = force_generic_plan
--;
prepare p (text) as select count(*) from traces where namespace = $1
--;
execute p ('surgery')
--# set_debug_print
set debug_print_plan = on
--# set_client_min_messages_to_debug
set client_min_messages = debug5
--;
select count(*) from traces
--# set_log_statement
set log_statement = 'all'
--# set_application_name
set application_name = 'x'
--;
select count(*) from namespaces
--# set_date_style
set datestyle = 'German'
--;
select started_at from traces order by trace_id limit 2
--# set_time_zone
set time zone 'Asia/Tokyo'
--;
select min(started_at), max(started_at) from traces
--# set_time_zone_local_window
set time zone 'America/Los_Angeles'
--;
select count(*) from traces where started_at < '2025-03-01'
--# set_extra_float_digits
set extra_float_digits = 0
--;
select sum(score), avg(score) from traces
--# set_bytea_output
set bytea_output = 'escape'
--;
select payload from traces order by trace_id limit 3
--# set_interval_style
set intervalstyle = 'iso_8601'
--;
select max(started_at) - min(started_at) from traces
--# set_default_statistics_target
set default_statistics_target = 1
--# set_transaction_isolation
set transaction isolation level serializable
--;
select count(*) from traces
--# set_transaction_read_only
set transaction read only
--;
select count(*) from traces
--# set_transaction_snapshot
set transaction snapshot '00000003-0000001B-1'
--# set_a_custom_setting
set hidden.setting = '1'
--;
show hidden.setting
--# show_all
--# by chance: ports and folders
show all
--# show_a_setting
show lock_timeout
--# show_search_path
show search_path
--# set_everything_back
reset all
--;
select count(*) from namespaces
--# current_user
select current_user, session_user, current_schema, current_database(), count(*) from traces
--# current_schemas
select current_schemas(true), count(*) from traces
--# set_standard_conforming_strings
set standard_conforming_strings = off
--;
select count(*) from traces where namespace = 'a\' or 1 = 1 --'
--# set_xml_option
set xmloption = document
--# set_quote_all_identifiers
set quote_all_identifiers = on
--;
select count(*) from namespaces
--# set_array_nulls
set array_nulls = off
--;
select '{null}'::text[], count(*) from traces
--# set_transform_null_equals
set transform_null_equals = on
--;
select count(*) from traces where note = null
--# discard_all
--# alone
discard all
--;
select count(*) from traces
