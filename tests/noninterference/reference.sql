-- Makes the store that the role believes in: permitted.sql has filled it, and what the role may not use
-- goes. Made from the same schema, so that what is left has the OIDs and column numbers of the worlds.
set client_min_messages = warning;
alter table public.namespaces drop column budget;
alter table public.traces drop column prompt, drop column user_email, drop column risk;
alter table public.trace_events drop column arguments;
alter table public.feedback drop column feedback_id, drop column reviewer;
alter table public."Prompt Templates" drop column "Secret Note";
drop materialized view public.daily_costs;
drop table public.api_keys, vault.salaries;
drop sequence public.invoice_numbers;
drop function public.trace_total, public.noisy;
drop procedure public.close_traces;
drop schema vault cascade;
drop extension dblink;
analyze;
