-- Statements that hide what they do: DO, CALL, and definitions that launder data.

--# do_reads
do $$ declare n bigint; begin select count(*) into n from traces; raise notice 'traces: %', n; end $$
--# do_fails_with_a_value
do $$ begin perform 1 / (select count(*) from traces where namespace = 'surgery' limit 1); end $$
--# do_executes
do $$ declare t text; begin execute 'select min(secret) from api_keys' into t; raise exception '%', t; end $$
--# do_in_sql
do language sql $$ select 1 $$
--# call
call close_traces()
--# call_with_arguments
call public.close_traces(1)
--# call_of_a_procedure_that_no_world_has
call close_tracess()
--# create_function
create function public.spy() returns bigint language sql as 'select count(*) from traces'
--;
select public.spy()
--# create_function_of_one_expression
create function public.email(t traces) returns text language sql return t.user_email
--;
select t.email from traces t order by trace_id limit 3
--# create_procedure
create procedure public.spy() language sql as 'select 1'
--;
call public.spy()
--# create_view
create view public.spied as select * from traces
--;
select count(*) from public.spied
--# create_temporary_view
create temporary view spied as select prompt from traces
--;
select count(distinct prompt) from spied
--# create_recursive_view
create recursive view public.spied (n) as select count(*) from traces
--;
select * from public.spied
--# create_trigger
create trigger spy before update on traces for each row execute function suppress_redundant_updates_trigger()
--;
update traces set title = title
--# create_rule
create rule spy as on insert to models do also select count(*) from api_keys
--# create_cast
create cast (traces as text) with inout
--;
select cast(t as text) from traces t order by trace_id limit 2
--# create_operator
create operator public.=== (function = textne, leftarg = text, rightarg = text)
--;
select count(*) from traces where namespace operator(public.===) 'checkout'
--# create_aggregate
create aggregate public.spy (int) (sfunc = int4pl, stype = int, initcond = '0')
--;
select public.spy(risk) from traces
--# create_domain
create domain public.spy as text check (value <> 'surgery')
--;
select count(namespace::public.spy) from traces
--# create_type
create type public.patients as (a int)
--# create_schema
create schema hidden
--# create_table_that_one_world_has
create table patients (x int)
--# create_table_if_not_exists
create table if not exists patients (x int)
--# create_table_like
create table public.copied (like traces including all)
--;
select count(*) from public.copied
--# create_table_of_a_type
create table public.copied of span
--# create_table_that_inherits
create table public.heir () inherits (traces)
--# create_index
create index on traces (prompt)
--# create_unique_index_is_an_oracle
create unique index on traces (title)
--# create_index_with_an_expression_is_an_oracle
create index on traces ((1 / input_tokens))
--# create_sequence
create sequence public.patient_numbers
--# create_statistics
create statistics public.spy on namespace, model from traces
--# create_role
create role surgeon
--# create_extension
create extension if not exists pg_trgm
--# create_policy
create policy spy on traces using (true)
--# create_publication
create publication everything
--# create_foreign_server
create server spy foreign data wrapper postgres
--# create_event_trigger
create event trigger spy on ddl_command_end execute function nothing()
--# create_collation
create collation public.spy from "C"
--# create_operator_class
create operator class public.spy for type int using btree as operator 1 <
--# create_text_search
create text search configuration public.spy (copy = simple)
--# create_transform
create transform for int language sql (from sql with function nothing(internal))
--# alter_table
alter table traces add column spy int
--# alter_table_validates
alter table traces add constraint spy check (input_tokens > 0)
--# alter_table_of_another_owner
alter table api_keys rename to keys
--# alter_a_table_that_one_world_has
alter table if exists patients rename to people
--# alter_role
alter role analyst set search_path = hidden, public
--# alter_default_privileges
alter default privileges grant select on tables to public
--# drop_table
drop table api_keys
--# drop_table_that_one_world_has
drop table patients
--# drop_if_exists
drop table if exists patients
--# drop_role
drop role surgeon
--# drop_function_if_exists
drop function if exists reveal()
--# drop_type_if_exists
drop type if exists diagnosis
--# grant_on_a_table
grant select on traces to public
--# grant_on_a_table_that_one_world_has
grant select on patients to public
--# revoke
revoke all on patients from analyst
--# comment
comment on column traces.prompt is 'x'
--# comment_on_a_table_that_one_world_has
comment on table patients is 'x'
--# security_label
security label on table traces is 'x'
--# reassign_owned
reassign owned by surgeon to analyst
--# drop_owned
drop owned by surgeon
--# import_foreign_schema
import foreign schema public from server nowhere into public
--# load
load 'auto_explain'
--# vacuum
--# alone
vacuum traces
--# analyze_verbose
analyze verbose traces
--# cluster
cluster traces using traces_pkey
--# reindex
reindex table patients
--# refresh_materialized_view
refresh materialized view daily_costs
--# lock_table
lock table traces in access exclusive mode
--# lock_table_that_somebody_holds
lock table api_keys in access share mode nowait
--# lock_table_that_one_world_has
lock table patients in access share mode
--# checkpoint
checkpoint
--# truncate_a_forbidden_table
--# role: curator
truncate api_keys
