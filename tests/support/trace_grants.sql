-- Grants within one trace store. They are wider than the gateway's policies on purpose: what a test
-- sees refused was refused by the gateway.
grant select, insert, update, delete, truncate on all tables in schema public
  to trace_ingest, trace_reader, trace_analyst;
grant usage on all sequences in schema public to trace_ingest, trace_reader, trace_analyst;
