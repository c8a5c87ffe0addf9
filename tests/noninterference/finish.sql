-- Puts the rows of each table in the order of their keys, whatever wrote them, and takes statistics.
-- No table has more rows than ANALYZE samples, so that what it finds does not depend on chance.
cluster public.traces using traces_pkey;
cluster public.trace_events using trace_events_pkey;
cluster public.feedback using feedback_pkey;
cluster public.documents using documents_pkey;
cluster public."Prompt Templates" using "Prompt Templates_pkey";
vacuum (full) public.contracts, public.measurements, public.reservations, public.namespaces;
vacuum (freeze, analyze);
