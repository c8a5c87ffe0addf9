-- Data that changes its name: CREATE TABLE AS, SELECT INTO, temporary tables, materialised views.
-- The second step reads what the first has made, so that a first step that says nothing does not hide it.

--# create_table_as
create table public.copied as select * from traces
--;
select count(*) from public.copied
--# create_table_as_with_no_data
create table public.copied as select prompt, risk from traces with no data
--;
select * from public.copied
--# create_table_as_execute
prepare p as select secret from api_keys
--;
create table public.copied as execute p
--# create_table_if_not_exists_as
create table if not exists public.patients as select 1 as x
--# create_temporary_table_as
create temporary table copied as select namespace, count(*) as n from traces group by 1
--;
select * from copied order by 1
--# create_temporary_table_as_with_a_forbidden_column
create temporary table copied as select prompt from traces
--;
select count(distinct prompt) from copied
--# create_temporary_table_on_commit_drop
create temporary table copied on commit drop as select count(*) as n from api_keys
--;
select n from copied
--# create_temporary_table
create temporary table mine (n bigint)
--;
insert into mine select count(*) from traces
--;
select n from mine
--# create_temporary_table_that_hides_one
create temporary table traces (trace_id int)
--;
select count(*) from traces
--# create_temporary_table_in_pg_temp
create table pg_temp.api_keys as select count(*) as n from vault.salaries
--;
select n from pg_temp.api_keys
--# create_unlogged_table
create unlogged table public.copied as table feedback
--;
select count(*) from public.copied
--# select_into
select * into public.copied from traces
--;
select count(*) from public.copied
--# select_into_temporary
select namespace into temporary copied from namespaces
--;
select * from copied order by 1
--# select_into_from_a_forbidden_table
select secret into temporary copied from api_keys
--;
select min(secret) from copied
--# create_materialized_view
create materialized view public.copied as select namespace, count(*) as n from traces group by 1
--;
select * from public.copied order by 1
--# create_materialized_view_with_no_data
create materialized view public.copied as select * from api_keys with no data
--;
refresh materialized view public.copied
--;
select count(*) from public.copied
--# create_table_with_a_default_from_a_function
create temporary table mine (n bigint default trace_total('legal'))
--;
insert into mine default values returning n
--# create_table_with_a_check
create temporary table mine (n bigint check (n < trace_total('surgery')))
--;
insert into mine values (1)
--# create_table_with_a_foreign_key_is_an_oracle
create table public.mine (k integer references api_keys)
--;
insert into public.mine values (20)
--# create_table_with_a_generated_column
create temporary table mine (a text, b int generated always as (length(a)) stored)
--;
insert into mine select prompt from traces
--;
select sum(b) from mine
--# create_partition_of
create table public.mine partition of measurements for values from ('2024-01-01') to ('2024-02-01')
--# explain_create_table_as
explain create table public.copied as select * from traces
--# create_view_as_values
create temporary view v as values ((select count(*) from api_keys))
--;
table v
--# create_table_as_copied_out
create temporary table copied as select trace_id, risk from traces
--;
copy copied to stdout
