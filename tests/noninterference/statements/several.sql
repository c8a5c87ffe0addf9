-- Several statements in one text; prepared statements; names that are prepared again.

--# two_statements
select count(*) from models; select count(*) from traces
--# forbidden_one_behind_a_permitted_one
select count(*) from models; select count(*) from api_keys
--# permitted_one_behind_a_forbidden_one
select count(*) from api_keys; select count(*) from traces
--# empty_statements_between
;; select count(*) from traces ;; ; select min(trace_id) from traces ;
--# error_stops_the_rest
select count(*) from traces; select 1 / (count(*) - 22000) from traces; select 'survived'
--# statement_hidden_behind_a_comment
select 1 -- ' ; select 2
; select count(*) from namespaces
--# transaction_inside
--# alone
begin; select count(*) from traces; savepoint s; select count(*) from feedback; rollback
--# commit_inside
--# alone
select count(*) from traces; commit; select count(*) from namespaces
--# setting_and_statement
set local search_path = hidden, public; select count(*) from traces
--# role_and_statement
set local role keeper; select count(*) from vault.salaries
--# prepare_and_execute_in_one_text
prepare p as select count(*) from traces; execute p; deallocate p
--# prepare_the_same_name_again
prepare p as select count(*) from models
--;
deallocate p
--;
prepare p as select count(*) from traces
--;
execute p
--# prepare_a_taken_name
prepare p as select count(*) from models
--;
prepare p as select count(*) from traces
--# prepare_with_types
prepare p (traces) as select $1.title
--# prepare_with_a_forbidden_type
prepare p (patients) as select $1
--# prepare_a_write
--# role: curator
prepare p (text) as update traces set note = $1 where status = 'error'
--;
execute p ('x')
--# execute_with_a_sub_select
prepare p (bigint) as select $1
--;
execute p ((select count(*) from traces))
--# execute_what_is_not_prepared
execute nothing
--# prepare_behind_a_search_path
prepare p as select count(*) from traces
--;
set local search_path = hidden, public
--;
execute p
--# cursor_and_fetch_in_one_text
declare c cursor for select trace_id from traces order by 1; fetch 20 from c; close c
--# cursor_over_several_statements
declare c cursor for select trace_id from traces order by trace_id; move 1999 in c; fetch 3 from c
--# write_and_read_in_one_text
--# role: curator
update feedback set comment = 'new'; select count(*) from feedback where comment = 'new'
--# write_out_of_scope_and_read
--# role: curator
delete from traces where namespace = 'surgery'; select count(*) from namespaces
--# copy_between_statements
select count(*) from models; copy (select count(*) from traces) to stdout; select count(*) from namespaces
--# parameters_and_several
select count(*) from traces where namespace = $1; select 1
--$ legal
--# savepoints_and_errors
savepoint a; select count(*) from feedback
--;
select 1 / 0
--;
rollback to a
--;
select count(*) from traces
--# deallocate_all
prepare p as select count(*) from traces
--;
deallocate all
--;
execute p
--# explain_and_select
explain select * from traces; select count(*) from traces
