-- What sqlsmith finds when it looks around, in a copy of the reference database: a role that may use what the
-- policy permits, and catalogs in which only functions and operators stand that depend on nothing but their
-- arguments. It reads these catalogs unqualified; its search path has schema `generator` before pg_catalog.
create role smith login;
grant select, insert, update, delete on public.namespaces, public.models, public.traces, public.trace_events,
  public.feedback, public.measurements, public.documents, public.contracts to smith;
grant select on public.open_traces to smith;

create schema generator;
grant usage on schema generator to smith;

-- The types of the store's columns and their like: functions and operators of others have nothing to work on.
create view generator.types as
select * from pg_catalog.pg_type
where oid in ('bool'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype,
              'float8'::regtype, 'text'::regtype, 'timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype,
              'interval'::regtype, 'jsonb'::regtype, 'bytea'::regtype, 'int4range'::regtype, 'text[]'::regtype,
              'public.mood'::regtype);

-- Functions that implement types, indexes and estimates are nothing that a client calls; those whose results
-- depend on the order of rows are left out.
create view generator.pg_proc as
select * from pg_catalog.pg_proc p
where pronamespace = 'pg_catalog'::regnamespace and provolatile = 'i' and not proretset
  and prokind in ('f', 'a') and not (prokind = 'a' and proname ~ '(agg|first|last)')
  and prorettype in (select oid from generator.types)
  and not exists (select from unnest(proargtypes) as argument
                  where argument not in (select oid from generator.types))
  and oid not in (select oprcode from pg_catalog.pg_operator) and oid not in (select castfunc from pg_catalog.pg_cast)
  and proname !~ '(recv|send|support|_extended|_ops|larger|smaller|statefunc|_accum|int2up)$'
  and proname !~ '^(hash|bt|gin_|gist_|brin_|pg_|in_range|pi$|to_ascii$)';

-- Operators it reads with their schema. The store has no values of these types.
set allow_system_table_mods = on;
delete from pg_catalog.pg_operator
where exists (select from pg_catalog.pg_type t
              where t.oid in (oprleft, oprright)
                and (t.typcategory in ('G', 'I', 'R', 'V') or t.typtype in ('m', 'r')
                     or t.typname ~ '^(any|macaddr|ts|pg_|txid|xid|tid|cid|acl|time|money|bpchar|record|uuid|oidvector)'
                        and t.typname not like 'timestamp%'));
reset allow_system_table_mods;

grant select on all tables in schema generator to smith;

-- sqlsmith takes every relation from here; it must not write statements over the two above.
create or replace view information_schema.tables as
select current_database()::information_schema.sql_identifier as table_catalog,
       relnamespace::regnamespace::text::information_schema.sql_identifier as table_schema,
       relname::information_schema.sql_identifier as table_name,
       case relkind when 'v' then 'VIEW' else 'BASE TABLE' end::information_schema.character_data as table_type,
       null::information_schema.sql_identifier as self_referencing_column_name,
       null::information_schema.character_data as reference_generation,
       null::information_schema.sql_identifier as user_defined_type_catalog,
       null::information_schema.sql_identifier as user_defined_type_schema,
       null::information_schema.sql_identifier as user_defined_type_name,
       case relkind when 'v' then 'NO' else 'YES' end::information_schema.yes_or_no as is_insertable_into,
       'NO'::information_schema.yes_or_no as is_typed,
       null::information_schema.character_data as commit_action
from pg_catalog.pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and has_table_privilege(oid, 'select');
