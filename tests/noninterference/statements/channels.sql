-- What sessions share beside rows: notifications, sequences, advisory locks.

--# nextval
select nextval('invoice_numbers')
--# nextval_of_the_identity
select nextval('feedback_feedback_id_seq')
--# nextval_by_oid
select nextval({oid:invoice_numbers}::regclass)
--# nextval_of_a_sequence_that_one_world_has
select nextval('patient_numbers')
--# lastval
select nextval('invoice_numbers') is not null
--;
select lastval()
--# currval
select currval('invoice_numbers')
--# setval
select setval('invoice_numbers', nextval('invoice_numbers'))
--# sequence_last_value
select pg_sequence_last_value('invoice_numbers')
--# identity_in_returning
--# role: curator
insert into feedback (trace_id, score) values (100010, 3) returning feedback_id
--# identity_in_the_row
--# role: curator
insert into feedback (trace_id, score) values (100010, 3) returning *
--# identity_by_lastval
--# role: curator
insert into feedback (trace_id, score) values (100010, 3)
--;
select lastval()
--# identity_in_order
--# role: curator
insert into feedback (trace_id, score, comment) values (100010, 3, 'mine')
--;
select comment from feedback where feedback_id > 500000
--# advisory_lock_that_somebody_holds
select pg_try_advisory_lock(42)
--# advisory_lock_shared
select pg_try_advisory_lock_shared(42), pg_try_advisory_xact_lock(7, 7)
--# advisory_lock_waits
select pg_advisory_xact_lock(42)
--# advisory_unlock
select pg_advisory_unlock(42)
--# advisory_unlock_all
select pg_advisory_unlock_all()
--# listen
listen surgery
--# notify
notify surgery, 'hello'
--# pg_notify
select pg_notify('surgery', (select count(*)::text from traces))
--# listening_channels
select * from pg_listening_channels()
--# notification_queue
select pg_notification_queue_usage() >= 0
--# unlisten
unlisten *
--# row_lock_that_somebody_holds
--# role: curator
select trace_id from traces where namespace = 'surgery' limit 1 for update nowait
--# table_lock_that_somebody_holds
--# role: curator
lock table traces in share mode nowait
--# two_phase
--# alone
begin; select count(*) from traces; prepare transaction 'mine'
--;
rollback prepared 'mine'
--# two_phase_of_another
--# alone
commit prepared 'surgery'
--# temporary_schema
select pg_my_temp_schema() >= 0, pg_is_other_temp_schema(99)
