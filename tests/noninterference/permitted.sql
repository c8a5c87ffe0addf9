-- The rows that the role may see: the same in every world, each value computed from the row's number.
--
-- Within a table the order of the rows, of their primary keys and of (namespace, started_at) agree, so
-- that whichever way PostgreSQL takes through it, rows come in one order.
set client_min_messages = warning;

insert into public.models values
  ('atlas-large', 'atlas', 200000), ('atlas-small', 'atlas', 32000), ('meridian-2', 'meridian', 128000);

insert into public.namespaces (namespace, owner) values ('checkout', 'payments team'), ('search', 'discovery team');

create temporary view numbers as
  select n, 100000 + 10 * n as trace_id, case when n < 1000 then 'checkout' else 'search' end as namespace,
         timestamptz '2025-03-01 00:00+00' + (n % 1000) * interval '2 hours' as started_at
  from generate_series(0, 1999) as n;

insert into public.traces
  (trace_id, namespace, started_at, service, model, status, title, external_ref, parent_id, input_tokens,
   cost_usd, score, labels, tags, raw, pattern, payload, note)
select trace_id, namespace, started_at,
       (array['web', 'mail', 'batch'])[1 + n % 3],
       (array['atlas-large', 'atlas-small', 'meridian-2'])[1 + n % 7 % 3],
       (array['ok', 'ok', 'ok', 'error', 'running'])[1 + n % 5],
       'Request ' || n % 50 || ' about ' || (array['refunds', 'ranking', 'latency', 'copy'])[1 + n % 4],
       (5000000 + n)::text,
       case when n % 10 <> 0 then 100000 + 10 * (n - 1) end,
       10 + n * 37 % 4000, (n * 37 % 4000) / 1000.0, (n % 101) / 4.0,
       jsonb_build_object('release', n % 12, 'size', n % 40, 'canary', n % 20 = 0),
       case when n % 3 = 0 then array['vip', 'eu'] else array['trial'] end,
       '{"n": ' || n % 17 || ', "day": "2025-04-' || lpad((1 + n % 28)::text, 2, '0') || '"}',
       'Request ' || n % 10 || '%',
       convert_to('payload ' || n % 23, 'UTF8'),
       case when n % 4 = 0 then 'checked by ' || (array['ana', 'bo'])[1 + n % 2] end
from numbers order by n;

insert into public.trace_events (trace_id, step, kind, content, created_at)
select trace_id, step, (array['reasoning', 'tool_call', 'output'])[step],
       'step ' || step || ' of ' || n, started_at + step * interval '1 second'
from numbers, generate_series(1, 3) as step order by n, step;

insert into public.feedback (feedback_id, trace_id, score, comment, mood)
select 10 * n, trace_id, 1 + n % 5, case when n % 3 = 0 then 'fine ' || n % 9 end,
       (array['bad', 'fair', 'good'])[1 + n % 3]::public.mood
from numbers where n % 4 = 0 order by n;

insert into public.measurements
select namespace, started_at, (array['latency', 'tokens'])[1 + n % 2], n % 97 / 8.0 from numbers order by n;

insert into public.documents
select 10 * n, namespace, 'document ' || n % 30, started_at from numbers where n % 20 = 0 order by n;
insert into public.contracts
select 10 * n, namespace, 'contract ' || n % 30, started_at, n % 9, 'party ' || n % 5
from numbers where n % 20 = 10 order by n;

insert into public."Prompt Templates" ("Template Id", "Name Space", "Body Text")
select 10 * n, namespace, 'You are assistant ' || n % 12 from numbers where n % 25 = 0 order by n;

insert into public.reservations
select namespace, int4range(1000 * n, 1000 * n + 10), 'holder ' || n % 3 from numbers where n % 100 = 0 order by n;
