-- What sqlsmith finds when it looks around: a role that may use what the policy permits, and catalogs in which
-- only functions and operators stand that depend on nothing but their arguments. It reads the catalogs
-- unqualified; its search path has schema `generator` before pg_catalog.
create role smith login;
grant select, insert, update, delete on public.namespaces, public.models, public.traces, public.trace_events,
  public.feedback, public.measurements, public.documents, public.contracts, public.reservations to smith;
grant select on public.open_traces to smith;

create schema generator;
grant usage on schema generator to smith;

create view generator.pg_proc as
select * from pg_catalog.pg_proc
where pronamespace = 'pg_catalog'::regnamespace and provolatile = 'i' and not proretset
  and prokind in ('f', 'a')
  and prorettype not in ('internal'::regtype, 'cstring'::regtype)
  and not ('internal'::regtype = any (proargtypes) or 'cstring'::regtype = any (proargtypes))
  -- Their results depend on the order of rows, which PostgreSQL leaves open.
  and not (prokind = 'a' and proname ~ '(agg|first|last)')
  -- Functions that implement types, indexes and estimates are nothing that a client calls.
  and proname !~ '(in|out|recv|send|sel|join|sortsupport|support|_ops|hash.*|_extended|^bt.*|^gin_.*|^gist_.*|^spg_.*|^brin_.*|^pg_.*)$';

create view generator.pg_operator as
select * from pg_catalog.pg_operator
where oprcode::oid in (select oid from pg_catalog.pg_proc where provolatile = 'i');

grant select on all tables in schema generator to smith;
