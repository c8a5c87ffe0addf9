-- The store's own roles: the floor under what the gateway permits. Cluster-wide, so they are made
-- once; the grants are made in each trace store. psql variables: password (one for all: a sample).
set client_min_messages = warning;
set password_encryption = 'scram-sha-256';
create role trace_ingest login password :'password';
create role trace_reader login password :'password';
create role trace_analyst login password :'password';
create role dba login superuser password :'password';
create role tracegate_catalog login password :'password';
create role tracegate_audit login password :'password';
