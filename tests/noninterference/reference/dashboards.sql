-- What dashboards send (Grafana, Metabase, Superset): generated, with aliases in quotes and buckets of time.

--# grafana_time_series
SELECT floor(extract(epoch from "started_at")/86400)*86400 AS "time", "service" AS "metric", count(*) AS "value"
FROM traces WHERE "started_at" BETWEEN '2025-03-01T00:00:00Z' AND '2025-03-20T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
--# grafana_gauge
SELECT sum(cost_usd) AS "value" FROM traces WHERE started_at >= '2025-04-01T00:00:00Z' AND started_at <= '2025-04-30T00:00:00Z'
--# grafana_variable
SELECT DISTINCT namespace FROM traces ORDER BY 1
--# grafana_variable_with_labels
SELECT namespace AS __value, owner AS __text FROM namespaces ORDER BY 2
--# grafana_table
SELECT t.started_at AS "time", t.service, t.status, f.score FROM traces t LEFT JOIN feedback f ON f.trace_id = t.trace_id
WHERE t.namespace IN ('checkout','search') AND t.started_at > '2025-05-20' ORDER BY 1, 2, 3 LIMIT 100
--# grafana_heat_map
SELECT date_trunc('hour', started_at) AS "time", width_bucket(input_tokens, 0, 4100, 10) AS bucket, count(*) FROM traces
WHERE started_at < '2025-03-03' GROUP BY 1, 2 ORDER BY 1, 2
--# grafana_rate
SELECT "time", value - lag(value) OVER (ORDER BY "time") AS rate FROM (SELECT date_trunc('day', at) AS "time", sum(value) AS value
FROM measurements WHERE metric = 'latency' GROUP BY 1) q ORDER BY 1
--# grafana_percentiles
SELECT date_trunc('week', started_at) AS "time", percentile_disc(0.95) WITHIN GROUP (ORDER BY input_tokens) AS p95 FROM traces GROUP BY 1 ORDER BY 1
--# metabase_count
SELECT COUNT(*) AS "count" FROM "public"."traces"
--# metabase_rows
SELECT "public"."traces"."trace_id" AS "trace_id", "public"."traces"."namespace" AS "namespace", "public"."traces"."started_at" AS "started_at",
"public"."traces"."title" AS "title" FROM "public"."traces" ORDER BY "public"."traces"."trace_id" ASC LIMIT 2000
--# metabase_by_month
SELECT DATE_TRUNC('month', "public"."traces"."started_at") AS "started_at", SUM("public"."traces"."cost_usd") AS "sum" FROM "public"."traces"
GROUP BY DATE_TRUNC('month', "public"."traces"."started_at") ORDER BY DATE_TRUNC('month', "public"."traces"."started_at") ASC
--# metabase_filter
SELECT "public"."traces"."model" AS "model", COUNT(*) AS "count" FROM "public"."traces" WHERE ("public"."traces"."status" = 'error')
AND ("public"."traces"."started_at" >= timestamp with time zone '2025-03-05 00:00:00.000Z') GROUP BY "public"."traces"."model" ORDER BY "count" DESC, "public"."traces"."model" ASC
--# metabase_join
SELECT "Feedback"."score" AS "Feedback__score", COUNT(*) AS "count" FROM "public"."traces" LEFT JOIN "public"."feedback" AS "Feedback"
ON "public"."traces"."trace_id" = "Feedback"."trace_id" GROUP BY "Feedback"."score" ORDER BY "Feedback"."score" ASC
--# metabase_nested
SELECT "source"."model" AS "model", AVG("source"."count") AS "avg" FROM (SELECT "public"."traces"."model" AS "model",
CAST("public"."traces"."started_at" AS date) AS "started_at", COUNT(*) AS "count" FROM "public"."traces" GROUP BY "public"."traces"."model",
CAST("public"."traces"."started_at" AS date)) AS "source" GROUP BY "source"."model" ORDER BY "source"."model" ASC
--# metabase_fingerprint
SELECT SUBSTRING("public"."traces"."title", 1, 1234) AS "substring1", "public"."traces"."input_tokens" AS "input_tokens" FROM "public"."traces" ORDER BY "public"."traces"."trace_id" LIMIT 10000
--# metabase_distinct_values
SELECT "public"."traces"."service" AS "service" FROM "public"."traces" GROUP BY "public"."traces"."service" ORDER BY "public"."traces"."service" ASC LIMIT 1000
--# metabase_case
SELECT COUNT(CASE WHEN "public"."traces"."status" = 'error' THEN 1 END) * 1.0 / NULLIF(COUNT(*), 0) AS "share" FROM "public"."traces"
--# metabase_lower_like
SELECT COUNT(*) AS "count" FROM "public"."traces" WHERE (LOWER("public"."traces"."title") LIKE '%ranking%')
--# superset_table
SELECT service AS service, COUNT(*) AS count, SUM(input_tokens) AS "SUM(input_tokens)" FROM public.traces
WHERE started_at >= TO_TIMESTAMP('2025-03-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND
started_at < TO_TIMESTAMP('2025-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY service ORDER BY count DESC, service LIMIT 1000
--# superset_series
SELECT DATE_TRUNC('day', started_at) AS __timestamp, model AS model, COUNT(*) AS count FROM public.traces GROUP BY DATE_TRUNC('day', started_at), model
ORDER BY 1, 2 LIMIT 200
--# superset_series_limit
SELECT DATE_TRUNC('week', started_at) AS __timestamp, t.model, COUNT(*) AS count FROM public.traces t JOIN (SELECT model AS model__, COUNT(*) AS mme_inner__
FROM public.traces GROUP BY model ORDER BY mme_inner__ DESC, model LIMIT 2) AS anon_1 ON t.model = model__ GROUP BY 1, 2 ORDER BY 1, 2
--# superset_virtual_dataset
SELECT day, sum(n) FROM (SELECT date_trunc('day', started_at) AS day, count(*) n FROM traces GROUP BY 1) AS virtual_table GROUP BY day ORDER BY day LIMIT 30
--# redash_parameters
SELECT namespace, count(*) FROM traces WHERE started_at::date = '2025-03-07' GROUP BY 1 ORDER BY 1
--# looker_measures
SELECT (DATE(traces.started_at )) AS "traces.started_date", COUNT(*) AS "traces.count", COALESCE(SUM(traces.cost_usd ), 0) AS "traces.cost"
FROM public.traces AS traces WHERE ((( traces.started_at ) >= (TIMESTAMP '2025-03-05') AND ( traces.started_at ) < (TIMESTAMP '2025-03-12')))
GROUP BY (DATE(traces.started_at )) ORDER BY 1 DESC LIMIT 500
--# looker_symmetric_aggregate
SELECT traces.service, COUNT(DISTINCT traces.trace_id) AS "traces.count", COALESCE(SUM(feedback.score), 0) FROM public.traces AS traces
LEFT JOIN public.feedback AS feedback ON traces.trace_id = feedback.trace_id GROUP BY 1 ORDER BY 1
--# tableau_star_in_a_sub_select
SELECT SUM(1) AS "cnt:traces", "t"."model" AS "model" FROM (SELECT * FROM "public"."traces") "t" GROUP BY 2 ORDER BY 2
--# tableau_top
SELECT "traces"."title" AS "title" FROM "public"."traces" "traces" GROUP BY 1 ORDER BY SUM("traces"."input_tokens") DESC, 1 LIMIT 5
--# power_bi_paging
select "_"."trace_id", "_"."title" from (select "trace_id", "title", "status" from "public"."traces" "$Table") "_" where "_"."status" = 'running' order by "_"."trace_id" limit 1000
--# health_check
SELECT 1
--# health_check_with_a_version
SELECT version() LIKE 'PostgreSQL 15%'
--# session_settings
SELECT current_database(), current_schema(), current_setting('server_version_num')::int >= 150000
--# cost_forecast
SELECT regr_slope(day_cost, day)::numeric(12, 6) FROM (SELECT extract(doy from started_at)::int AS day, sum(cost_usd)::float8 AS day_cost FROM traces GROUP BY 1) d
--# funnel
SELECT count(*) AS started, count(e2.trace_id) AS called, count(e3.trace_id) AS answered FROM traces t
LEFT JOIN trace_events e2 ON e2.trace_id = t.trace_id AND e2.kind = 'tool_call' LEFT JOIN trace_events e3 ON e3.trace_id = t.trace_id AND e3.kind = 'output'
--# pivot
SELECT service, sum(CASE WHEN status = 'ok' THEN 1 ELSE 0 END) AS ok, sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) AS error FROM traces GROUP BY service ORDER BY service
--# moving_average
SELECT day, avg(n) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)::numeric(10, 3) FROM
(SELECT date_trunc('day', started_at) AS day, count(*) AS n FROM traces GROUP BY 1) d ORDER BY day
--# local_time
SELECT extract(hour from started_at AT TIME ZONE 'Europe/Berlin') AS hour, count(*) FROM traces GROUP BY 1 ORDER BY 1
--# gap_filling
SELECT g.day::date, COALESCE(c.n, 0) FROM generate_series('2025-05-20'::timestamptz, '2025-06-05'::timestamptz, '1 day') AS g(day)
LEFT JOIN (SELECT date_trunc('day', started_at) AS day, count(*) n FROM traces GROUP BY 1) c ON c.day = g.day ORDER BY 1
