-- The FunctionCall message runs a function without SQL.

--# calls_a_security_definer
--@ public.trace_total(text) legal
--# calls_a_security_definer_in_scope
--@ public.trace_total(text) checkout
--# calls_query_to_xml
--@ pg_catalog.query_to_xml(text,boolean,boolean,text) table"namespaces" t f x
--# calls_a_pure_function
--@ pg_catalog.abs(integer) -5
--# calls_a_size_function
--@ pg_catalog.pg_relation_size(regclass) traces
--# calls_between_statements
select count(*) from namespaces
--;
--@ public.trace_total(text) surgery
--;
select count(*) from namespaces
