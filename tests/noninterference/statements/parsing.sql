-- Texts that two parsers may read differently.

--# strings_with_backslashes
set standard_conforming_strings = off
--;
select title, 'a\'' from traces where namespace = 'x\' or namespace <> ' or 1 = 1 order by trace_id limit 3 -- '
--# encoding_sjis
set client_encoding = 'SJIS'
--;
select count(*) from traces
--# encoding_big5
set client_encoding = 'BIG5'
--;
select count(*) from traces
--# encoding_latin1
set client_encoding = 'LATIN1'
--;
select max(title) from traces
--# backslash_quote
set backslash_quote = on
--;
select E'\'', count(*) from traces
--# unicode_escape_strings
select count(*) from traces where namespace = U&'\0073urgery'
--# unicode_escape_identifiers
select count(*) from U&"\0061pi_keys"
--# unicode_escape_with_another_character
select count(*) from U&"!0061pi_keys" uescape '!'
--# escape_strings
select count(*) from traces where namespace = E'\x73urgery'
--# dollar_quotes
select count(*) from traces where namespace = $x$surgery$x$
--# dollar_quotes_in_dollar_quotes
select count(*), $a$ $b$ ' $a$ from traces
--# national_strings
select count(*) from traces where namespace = N'surgery'
--# continued_strings
select count(*) from traces where namespace = 'sur'
'gery'
--# nested_comments
select /* /* */ ' */ count(*) from /* " */ traces -- ; drop
--# comment_that_looks_like_an_end
select count(*) from traces /* ; */ where /*'*/ namespace /*'*/ = /*"*/ 'legal'
--# comment_between_names
select count(*) from public/**/./**/api_keys
--# long_identifier
select count(*) from traces as aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
--# long_identifier_truncated_to_a_name
select count(*) as bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb from traces
--# upper_case
SELECT COUNT(*) FROM TRACES
--# mixed_quotes
select count(*) from "public"."traces"
--# quoted_upper_case
select count(*) from "TRACES"
--# keywords_as_names
select count(*) as "select" from traces as "from"
--# no_space
select(count(*))from"traces"
--# many_parentheses
select count(*) from ((((select * from traces)))) as t
--# unicode_spaces
select count(*) from traces
--# non_ascii_before_an_error
select 'żółć', count(*) from traces where nothing = 1
--# only_a_comment_behind
select count(*) from traces --
--# operators_that_look_like_comments
select count(*) from traces where trace_id - -100000 > 0
--# positional_parameter_without_value
select count(*) from traces where trace_id > $1
--# numbers_with_exponents
select count(*) from traces where trace_id > 1e5
--# cast_forms
select count(*) from traces where int8 '100000' < trace_id and cast('1' as int) = '1'::int
--# catalog_qualified
select count(*) from traces.public.traces
--# other_database
select count(*) from postgres.public.traces
--# newer_syntax
select any_value(namespace) from traces
--# newer_json_syntax
select json_object('a': count(*)) from traces
--# not_sql
selec count(*) from traces
--# incomplete
select count(*) from traces where (
--# table_function_alias
select * from rows from (generate_series(1, (select count(*)::int / 5000 from traces))) as g (n) order by 1
--# at_signs_in_operators
select count(*) from traces where tags @> '{trial}' and @ input_tokens > 0
--# identifiers_with_dollar
select count(*) as a$b from traces as t$
