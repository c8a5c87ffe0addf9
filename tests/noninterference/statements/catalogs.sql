-- The catalogs tell which objects exist: those that the role may not use must not show.

--# tables
select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1
--# all_relations
select count(*) from pg_class
--# relations_by_kind
select relkind, count(*) from pg_class group by 1 order by 1
--# relation_by_name
select relname, relkind from pg_catalog.pg_class where relname = 'patients'
--# forbidden_relation_by_name
select relname, relkind, relnatts from pg_class where relname = 'api_keys'
--# highest_oid
select max(oid)::text from pg_class
--# columns
select attname from pg_attribute where attrelid = 'traces'::regclass and attnum > 0 order by attnum
--# columns_of_everything
select count(*) from pg_attribute
--# forbidden_columns
select attname from pg_attribute where attname in ('prompt', 'patient_id') order by 1
--# schemas
select nspname from pg_namespace order by 1
--# types
select typname from pg_type where typnamespace = 'public'::regnamespace order by 1
--# type_by_name
select typname from pg_type where typname = 'diagnosis'
--# enum_labels
select enumlabel from pg_enum order by 1
--# functions
select proname from pg_proc where pronamespace = 'public'::regnamespace order by 1
--# function_sources
select prosrc from pg_proc where proname = 'reveal'
--# constraints
select conname from pg_constraint where connamespace = 'public'::regnamespace order by 1
--# indexes
select indexrelid::regclass::text from pg_index where indrelid in ('traces'::regclass, 'api_keys'::regclass) order by 1
--# index_definitions
select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1
--# views
select viewname, definition from pg_views where schemaname = 'public' order by 1
--# rules
select rulename from pg_rules order by 1
--# triggers
select count(*) from pg_trigger
--# sequences
select sequencename from pg_sequences order by 1
--# tables_view
select schemaname, tablename, hasrules from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2
--# materialized_views
select matviewname, ispopulated from pg_matviews
--# roles
select rolname from pg_roles where rolname !~ '^pg_' order by 1
--# users
select usename from pg_user order by 1
--# role_secrets
select rolname, rolpassword from pg_authid
--# role_members
select count(*) from pg_auth_members
--# databases
select datname from pg_database order by 1
--# extensions
select extname from pg_extension order by 1
--# descriptions
select description from pg_description where objoid = 'public.traces'::regclass or description like '%surgeon%' order by 1
--# object_comments
select count(*) from pg_description
--# dependencies
select count(*) from pg_depend
--# shared_dependencies
select count(*) from pg_shdepend
--# defaults
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'traces'::regclass order by 1
--# inheritance
select inhrelid::regclass::text from pg_inherits order by 1
--# partitions
select partrelid::regclass::text from pg_partitioned_table
--# publications
select pubname from pg_publication
--# publication_tables
select tablename from pg_publication_tables order by 1
--# policies
select count(*) from pg_policies
--# statistics_objects
select stxname from pg_statistic_ext order by 1
--# operators
select count(*) from pg_operator
--# casts
select count(*) from pg_cast
--# collations
select count(*) from pg_collation
--# languages
select lanname from pg_language order by 1
--# foreign_servers
select count(*) from pg_foreign_server
--# available_extensions
select count(*) from pg_available_extensions
--# default_privileges
select count(*) from pg_default_acl
--# privileges_of_a_table
select relacl::text from pg_class where relname = 'patients'
--# time_zones
select count(*) > 100 from pg_timezone_names
--# information_schema_tables
select table_name from information_schema.tables where table_schema = 'public' order by 1
--# information_schema_columns
select table_name, column_name from information_schema.columns where table_schema in ('public', 'vault') order by 1, 2
--# information_schema_views
select table_name, view_definition from information_schema.views where table_schema = 'public' order by 1
--# information_schema_routines
select routine_name from information_schema.routines where routine_schema = 'public' order by 1
--# information_schema_schemata
select schema_name from information_schema.schemata order by 1
--# information_schema_sequences
select sequence_name from information_schema.sequences order by 1
--# information_schema_constraints
select constraint_name from information_schema.table_constraints where table_schema = 'public' order by 1
--# information_schema_privileges
select table_name, privilege_type from information_schema.role_table_grants where table_schema = 'public' order by 1, 2
--# information_schema_key_columns
select table_name, column_name from information_schema.key_column_usage order by 1, 2
--# whole_row_of_a_catalog
select c::text from pg_class c where relname = 'patients'
--# catalog_joined_with_data
select c.relname, (select count(*) from traces) from pg_class c where c.relname in ('traces', 'api_keys', 'patients') order by 1
--# catalog_updated
update pg_class set reltuples = 0 where relname = 'traces'
--# catalog_settings_updated
update pg_settings set setting = 'hidden' where name = 'search_path'
--# toast_table
select reltoastrelid <> 0 from pg_class where relname = 'traces'
--# toast_table_read
select count(*) from pg_toast.pg_toast_1255
--# table_by_oid
select relname from pg_class where oid = {oid:api_keys}
--# row_type_by_oid
select format_type(reltype, null) from pg_class where oid = {oid:vault.salaries}
--# table_visible
select pg_table_is_visible(oid) from pg_class where relname in ('patients', 'traces') order by 1
