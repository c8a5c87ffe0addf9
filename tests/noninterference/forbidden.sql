-- What the role may not learn. psql variables: world (a or b), rows (how many forbidden traces).
--
-- In world a forbidden values are of the kind that permitted ones are. In world b they are such that a
-- condition over them fails where it does not over permitted ones (a cast, a division, a pattern), other
-- values are common, keys that are free in world a are taken, and there are more of them.
-- Statements rely on these: trace 100011 is in both worlds, 100017 (surgery) and 100018 (checkout, outside
-- the window) in world b only, 200005 in none; external_ref MRN-5 is in b, 6000005 in a.
set client_min_messages = warning;
select :'world' = 'b' as is_b \gset

insert into public.namespaces (namespace, owner) values ('payroll', 'people team'), ('legal', 'counsel');
\if :is_b
insert into public.namespaces (namespace, owner) values ('surgery', 'clinic');
\endif
update public.namespaces set budget = length(namespace) * (case when :'is_b' then 1000 else 7 end);

-- Every third of these rows is of a permitted namespace, before or after the window of time.
create temporary view forbidden_numbers as
  select n,
         case when n <= 16000 then 100000 + 10 * (n % 2000) + 1 + n / 2000 else 200000 + n end
           + case when :'is_b' and n > 16000 then 1000 else 0 end as trace_id,
         case when n % 3 = 0 then (array['checkout', 'search'])[1 + n % 2]
              when :'is_b' then (array['legal', 'surgery', 'surgery'])[1 + n % 7 % 3]
              else (array['payroll', 'legal', 'payroll'])[1 + n % 5 % 3] end as namespace,
         case when n % 3 = 0 and n % 2 = 0 then timestamptz '2025-02-28 23:59:59.999999+00' - n * interval '1 minute'
              when n % 3 = 0 then timestamptz '2025-06-01 00:00+00' + n * interval '1 minute'
              else timestamptz '2025-03-01 00:00+00' + n % 1900 * interval '1 hour' end as started_at
  from generate_series(1, :rows) as n;

insert into public.traces
  (trace_id, namespace, started_at, service, model, status, title, external_ref, parent_id, input_tokens,
   cost_usd, score, labels, tags, raw, pattern, payload, note)
select trace_id, namespace, started_at, case when :'is_b' then 'kiosk' else 'web' end,
       case when :'is_b' then 'zenith-9' else 'atlas-small' end,
       case when :'is_b' then 'sealed' else (array['ok', 'running'])[1 + n % 2] end,
       case when :'is_b' then 'abcess of patient ' || n % 4 else 'Request ' || n % 3 || ' about refunds' end,
       case when :'is_b' then 'MRN-' || n else (6000000 + n)::text end,
       case when n % 2 = 0 then 100000 + 10 * (n % 2000) end,
       case when :'is_b' then case n % 2 when 0 then 0 else 2000000000 end else 77 end,
       case when :'is_b' then 99999999.5 - n else 0.25 end,
       case when :'is_b' then -1e308 else 1.5 end,
       case when :'is_b' then '{"release": "x", "size": null}' else '{"release": 3, "size": 4}' end::jsonb,
       case when :'is_b' then array['icd-10', null] else array['trial'] end,
       case when :'is_b' then 'not json' else '{"n": 5, "day": "2025-04-09"}' end,
       case when :'is_b' then (array['Req(', 'Request\', '*'])[1 + n % 3] else 'Request 1%' end,
       case when :'is_b' then '\xff00fe'::bytea else 'payload'::bytea end,
       case when :'is_b' then 'seen by dr. no' end
from forbidden_numbers order by n;

-- Forbidden columns, in permitted rows as well.
update public.traces set
  prompt = case when :'is_b' then 'diagnose ' || trace_id % 13 else 'refund ' || trace_id % 5 end,
  user_email = case when :'is_b' then trace_id || '@clinic.example' else 'user' || trace_id % 900 || '@shop.example' end,
  risk = case when :'is_b' then trace_id % 3 else 7 + trace_id % 90 end;
update public.trace_events set arguments = jsonb_build_object(:'world', trace_id % 7);
update public.feedback set reviewer = :'world' || trace_id % 11;

insert into public.trace_events
select trace_id, step, case when :'is_b' then 'scalpel' else 'reasoning' end, 'hidden step ' || :'world',
       started_at, null
from forbidden_numbers, generate_series(1, case when :'is_b' then 2 else 1 end) as step
where n <= 10000 order by n;

insert into public.feedback (feedback_id, trace_id, score, comment, mood, reviewer)
select 100000 + n, trace_id, case when :'is_b' then 1 else 5 end, 'hidden ' || :'world',
       case when :'is_b' then 'bad' else 'good' end::public.mood, 'r'
from forbidden_numbers where n <= 16000 and n % (case when :'is_b' then 3 else 8 end) = 0 order by n;
select setval('public.feedback_feedback_id_seq', case when :'is_b' then 900000 else 400000 end) \g /dev/null
select setval('public.invoice_numbers', case when :'is_b' then 777 else 111 end) \g /dev/null

insert into public.measurements
select namespace, started_at, case when :'is_b' then 'pulse' else 'latency' end,
       case when :'is_b' then -1 else 2 end from forbidden_numbers where n <= 12000 order by n;

insert into public.documents
select 100000 + n, namespace, case when :'is_b' then 'x-ray' else 'document 1' end, started_at
from forbidden_numbers where n % 30 = 1 order by n;
insert into public.contracts
select 200000 + n, namespace, 'hidden contract', started_at, case when :'is_b' then 0 else 3 end, :'world'
from forbidden_numbers where n % 40 = 1 order by n;

insert into public."Prompt Templates"
select 100000 + n, namespace, case when :'is_b' then 'You are a surgeon' else 'You are assistant 1' end, :'world'
from forbidden_numbers where n % 60 = 1 order by n;
update public."Prompt Templates" set "Secret Note" = 'note ' || :'world' where "Secret Note" is null;

insert into public.reservations
select 'legal', int4range(5000000 + 100 * n, 5000000 + 100 * n + 50), :'world'
from generate_series(1, case when :'is_b' then 400 else 50 end) as n;

insert into public.api_keys
select n, 'checkout', md5(:'world' || n) from generate_series(1, case when :'is_b' then 30 else 12 end) as n;
insert into vault.salaries
select 'person ' || n, n * 1000 from generate_series(1, case when :'is_b' then 9 else 4 end) as n;
refresh materialized view public.daily_costs;

-- What exists in one world only: nothing that the role may use has anything to do with it.
\if :is_b
create role surgeon nologin;
create schema hidden;
create table public.patients (patient_id integer primary key, name text);
insert into public.patients values (1, 'hidden');
create table hidden.traces as select 1 as trace_id, 'hidden'::text as title;
create function hidden.reveal() returns integer language sql as $$ select 42 $$;
create function public.reveal() returns integer language sql as $$ select 42 $$;
create type public.diagnosis as enum ('a', 'b');
create sequence public.patient_numbers;
create view public.patient_view as select * from public.patients;
create index api_keys_secret on public.api_keys (secret);
comment on column public.traces.prompt is 'read by the surgeon';
comment on table public.api_keys is 'rotated by the surgeon';
create publication secrets for table public.patients, hidden.traces, public.api_keys;
select lo_from_bytea(990001, 'hidden') \g /dev/null
create rule keep as on delete to public.api_keys do instead nothing;
grant usage on schema hidden to analyst, curator;
grant select on all tables in schema hidden, public to analyst, curator;
\endif
