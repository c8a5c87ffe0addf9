#include "src/sql/builtins.h"

#include <algorithm>
#include <iterator>

#include "src/sql/analysis.h"

namespace tracegate::sql {
namespace {

// What is in pg_proc of PostgreSQL 15 and free of effects: everything of chapter 9 that computes
// from its arguments, aggregates and window functions, the functions behind operators that tools
// call by name (jsonb_exists for ?), hash functions, and what every session may know of itself
// (clock, user, database, version). random() is among them: it tells nothing.
//
// Left out on purpose, although many are read-only by their volatility:
// - what runs SQL given as text or reads relations that an argument names: query_to_xml and its
//   family, cursor_to_xml, ts_stat, ts_rewrite (one form takes a query), currtid2;
// - files and programs (pg_read_file, pg_ls_*, pg_stat_file, pg_current_logfile), large objects;
// - settings: current_setting, set_config, get_current_ts_config, and setseed, which outlives the
//   statement;
// - the text as the store sees it, which says what a role may not see: current_query;
// - sequences; statistics and sizes: pg_stat_*, pg_relation_size, pg_column_compression;
// - definitions, comments and what else reads the system catalogs: pg_get_*, obj_description,
//   format_type, to_reg*, *_is_visible, text search dictionaries by name (ts_lexize, ts_debug);
// - pg_typeof: it returns a regtype, which the literals beside it become (CASE, UNION, VALUES, =);
//   the store then looks their text up among its types, and there is one of each table's name;
// - privileges: has_*_privilege, aclexplode, row_security_active;
// - transactions and their ids: txid_*, pg_current_xact_id, pg_snapshot_*, mxid_age; other sessions
//   and the network: pg_stat_get_activity, pg_backend_pid, inet_client_addr, inet_server_addr;
// - waits and locks: pg_sleep, pg_advisory_*; LISTEN and NOTIFY; administration:
//   pg_terminate_backend, pg_reload_conf, replication and WAL;
// - what takes or returns `internal` or `cstring`, and support functions of types, aggregates and
//   indexes: nobody needs them by name.
// clang-format off
constexpr std::string_view kPureFunctions[] = {
    "abbrev", "abs", "acos", "acosd", "acosh", "age", "area", "array_agg", "array_append",
    "array_cat", "array_dims", "array_fill", "array_length", "array_lower", "array_ndims",
    "array_position", "array_positions", "array_prepend", "array_remove", "array_replace",
    "array_to_json", "array_to_string", "array_to_tsvector", "array_upper", "arraycontained",
    "arraycontains", "arrayoverlap", "ascii", "asin", "asind", "asinh", "atan", "atan2", "atan2d",
    "atand", "atanh", "avg", "bernoulli", "bit_and", "bit_count", "bit_length", "bit_or", "bit_xor",
    "bool_and", "bool_or", "bound_box", "box_intersect", "broadcast", "btrim", "cardinality",
    "cash_words", "cbrt", "ceil", "ceiling", "center", "char_length", "character_length", "chr",
    "clock_timestamp", "concat", "concat_ws", "convert", "convert_from", "convert_to", "corr",
    "cos", "cosd", "cosh", "cot", "cotd", "count", "covar_pop", "covar_samp", "cume_dist",
    "current_database", "current_schema", "current_schemas", "current_user", "date_bin",
    "date_part", "date_trunc", "decode", "degrees", "dense_rank", "diagonal", "diameter", "div",
    "encode", "enum_first", "enum_last", "enum_range", "every", "exp", "extract", "factorial",
    "family", "first_value", "floor", "format", "gcd", "gen_random_uuid", "generate_series",
    "generate_subscripts", "get_bit", "get_byte", "getdatabaseencoding", "hash_array",
    "hash_array_extended", "hash_multirange", "hash_numeric", "hash_numeric_extended", "hash_range",
    "hash_record", "hash_record_extended", "hashbpchar", "hashbpcharextended", "hashfloat4",
    "hashfloat4extended", "hashfloat8", "hashfloat8extended", "hashint2", "hashint2extended",
    "hashint4", "hashint4extended", "hashint8", "hashint8extended", "hashtext", "hashtextextended",
    "height", "host", "hostmask", "inet_merge", "inet_same_family", "initcap", "interval_hash",
    "is_normalized", "isclosed", "isempty", "isfinite", "ishorizontal", "isopen", "isparallel",
    "isperp", "isvertical", "json_agg", "json_array_elements", "json_array_elements_text",
    "json_array_length", "json_build_array", "json_build_object", "json_each", "json_each_text",
    "json_extract_path", "json_extract_path_text", "json_object", "json_object_agg",
    "json_object_keys", "json_populate_record", "json_populate_recordset", "json_strip_nulls",
    "json_to_record", "json_to_recordset", "json_to_tsvector", "json_typeof", "jsonb_agg",
    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array",
    "jsonb_build_object", "jsonb_concat", "jsonb_contained", "jsonb_contains", "jsonb_delete",
    "jsonb_delete_path", "jsonb_each", "jsonb_each_text", "jsonb_exists", "jsonb_exists_all",
    "jsonb_exists_any", "jsonb_extract_path", "jsonb_extract_path_text", "jsonb_hash",
    "jsonb_hash_extended", "jsonb_insert", "jsonb_object", "jsonb_object_agg", "jsonb_object_keys",
    "jsonb_path_exists", "jsonb_path_exists_tz", "jsonb_path_match", "jsonb_path_match_tz",
    "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_array_tz",
    "jsonb_path_query_first", "jsonb_path_query_first_tz", "jsonb_path_query_tz",
    "jsonb_populate_record", "jsonb_populate_recordset", "jsonb_pretty", "jsonb_set",
    "jsonb_set_lax", "jsonb_strip_nulls", "jsonb_to_record", "jsonb_to_recordset",
    "jsonb_to_tsvector", "jsonb_typeof", "justify_days", "justify_hours", "justify_interval", "lag",
    "last_value", "lcm", "lead", "left", "length", "like", "like_escape", "ln", "log", "log10",
    "lower", "lower_inc", "lower_inf", "lpad", "ltrim", "macaddr8_set7bit", "make_date",
    "make_interval", "make_time", "make_timestamp", "make_timestamptz", "masklen", "max", "md5",
    "min", "min_scale", "mod", "mode", "multirange", "netmask", "network", "normalize", "notlike",
    "now", "npoints", "nth_value", "ntile", "num_nonnulls", "num_nulls", "numnode", "octet_length",
    "overlaps", "overlay", "parse_ident", "pclose", "percent_rank", "percentile_cont",
    "percentile_disc", "pg_char_to_encoding", "pg_client_encoding", "pg_collation_for",
    "pg_column_size", "pg_encoding_to_char", "pg_size_bytes", "pg_size_pretty",
    "phraseto_tsquery", "pi", "plainto_tsquery", "popen", "position", "pow", "power", "querytree",
    "quote_ident", "quote_literal", "quote_nullable", "radians", "radius", "random", "range_agg",
    "range_intersect_agg", "range_merge", "rank", "regexp_count", "regexp_instr", "regexp_like",
    "regexp_match", "regexp_matches", "regexp_replace", "regexp_split_to_array",
    "regexp_split_to_table", "regexp_substr", "regr_avgx", "regr_avgy", "regr_count",
    "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "repeat",
    "replace", "reverse", "right", "round", "row_number", "row_to_json", "rpad", "rtrim", "scale",
    "session_user", "set_bit", "set_byte", "set_masklen", "setweight", "sha224", "sha256", "sha384",
    "sha512", "sign", "similar_escape", "similar_to_escape", "sin", "sind", "sinh", "slope",
    "split_part", "sqrt", "starts_with", "statement_timestamp", "stddev", "stddev_pop",
    "stddev_samp", "string_agg", "string_to_array", "string_to_table", "strip", "strpos", "substr",
    "substring", "sum", "system", "tan", "tand", "tanh", "textcat", "textlen", "time_hash",
    "timeofday", "timestamp_hash", "timezone", "to_ascii", "to_char", "to_date", "to_hex",
    "to_json", "to_jsonb", "to_number", "to_timestamp", "to_tsquery", "to_tsvector",
    "transaction_timestamp", "translate", "trim_array", "trim_scale", "trunc", "ts_delete",
    "ts_filter", "ts_headline", "ts_parse", "ts_rank", "ts_rank_cd", "ts_token_type",
    "tsquery_phrase", "tsvector_to_array", "unistr", "unnest", "upper", "upper_inc", "upper_inf",
    "uuid_hash", "uuid_hash_extended", "var_pop", "var_samp", "variance", "version",
    "websearch_to_tsquery", "width", "width_bucket", "xml_is_well_formed",
    "xml_is_well_formed_content", "xml_is_well_formed_document", "xmlagg", "xmlcomment",
    "xmlexists", "xpath", "xpath_exists"};
// clang-format on
static_assert(std::is_sorted(std::begin(kPureFunctions), std::end(kPureFunctions)));

// With their Oids, which never change (include/catalog/pg_type.dat).
struct BuiltinType {
  std::string_view name;
  catalog::Oid oid;
};
// clang-format off
constexpr BuiltinType kTypes[] = {
    {"bit", 1560}, {"bool", 16}, {"box", 603}, {"bpchar", 1042}, {"bytea", 17}, {"char", 18},
    {"cid", 29}, {"cidr", 650}, {"circle", 718}, {"date", 1082}, {"datemultirange", 4535},
    {"daterange", 3912}, {"float4", 700}, {"float8", 701}, {"inet", 869}, {"int2", 21},
    {"int2vector", 22}, {"int4", 23}, {"int4multirange", 4451}, {"int4range", 3904}, {"int8", 20},
    {"int8multirange", 4536}, {"int8range", 3926}, {"interval", 1186}, {"json", 114},
    {"jsonb", 3802}, {"jsonpath", 4072}, {"line", 628}, {"lseg", 601}, {"macaddr", 829},
    {"macaddr8", 774}, {"money", 790}, {"name", 19}, {"numeric", 1700}, {"nummultirange", 4532},
    {"numrange", 3906}, {"oid", 26}, {"oidvector", 30}, {"path", 602}, {"pg_lsn", 3220},
    {"pg_snapshot", 5038}, {"point", 600}, {"polygon", 604}, {"record", 2249}, {"refcursor", 1790},
    {"text", 25}, {"tid", 27}, {"time", 1083}, {"timestamp", 1114}, {"timestamptz", 1184},
    {"timetz", 1266}, {"tsmultirange", 4533}, {"tsquery", 3615}, {"tsrange", 3908},
    {"tstzmultirange", 4534}, {"tstzrange", 3910}, {"tsvector", 3614}, {"txid_snapshot", 2970},
    {"uuid", 2950}, {"varbit", 1562}, {"varchar", 1043}, {"xid8", 5069}, {"xml", 142}};
// clang-format on
constexpr bool by_name(const BuiltinType& a, const BuiltinType& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(std::begin(kTypes), std::end(kTypes), by_name));

const BuiltinType* find_type(std::string_view name) {
  const auto found =
      std::lower_bound(std::begin(kTypes), std::end(kTypes), BuiltinType{name, 0}, by_name);
  return found != std::end(kTypes) && found->name == name ? found : nullptr;
}

// clang-format off
constexpr std::string_view kOperators[] = {
    "!!", "!~", "!~*", "!~~", "!~~*", "#", "##", "#-", "#>", "#>>", "%", "&", "&&", "&<", "&<|",
    "&>", "*", "*<", "*<=", "*<>", "*=", "*>", "*>=", "+", "-", "->", "->>", "-|-", "/", "<", "<->",
    "<<", "<<=", "<<|", "<=", "<>", "<@", "<^", "=", ">", ">=", ">>", ">>=", ">^", "?", "?#", "?&",
    "?-", "?-|", "?|", "?||", "@", "@-@", "@>", "@?", "@@", "@@@", "^", "^@", "|", "|&>", "|/",
    "|>>", "||", "||/", "~", "~*", "~<=~", "~<~", "~=", "~>=~", "~>~", "~~", "~~*"};
// clang-format on
static_assert(std::is_sorted(std::begin(kOperators), std::end(kOperators)));

constexpr std::string_view kSystemColumns[] = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"};
static_assert(std::is_sorted(std::begin(kSystemColumns), std::end(kSystemColumns)));

struct ResultColumns {
  std::string_view function;
  std::span<const std::string_view> columns;
};
constexpr std::string_view kKeyValue[] = {"key", "value"};
constexpr std::string_view kValue[] = {"value"};
constexpr std::string_view kTokens[] = {"tokid", "token"};
constexpr std::string_view kTokenTypes[] = {"tokid", "alias", "description"};
constexpr ResultColumns kResultColumns[] = {{"json_array_elements", kValue},
                                            {"json_array_elements_text", kValue},
                                            {"json_each", kKeyValue},
                                            {"json_each_text", kKeyValue},
                                            {"jsonb_array_elements", kValue},
                                            {"jsonb_array_elements_text", kValue},
                                            {"jsonb_each", kKeyValue},
                                            {"jsonb_each_text", kKeyValue},
                                            {"ts_parse", kTokens},
                                            {"ts_token_type", kTokenTypes}};

// Pure functions that return rows, or may do so for some argument.
constexpr std::string_view kMayReturnRows[] = {"json_populate_record",
                                               "json_populate_recordset",
                                               "json_to_record",
                                               "json_to_recordset",
                                               "jsonb_populate_record",
                                               "jsonb_populate_recordset",
                                               "jsonb_to_record",
                                               "jsonb_to_recordset",
                                               "record",
                                               "unnest"};
static_assert(std::is_sorted(std::begin(kMayReturnRows), std::end(kMayReturnRows)));

// Most names are asked for without their schema; "pg_catalog." names the same object.
std::string_view without_system_schema(std::string_view name) {
  constexpr std::string_view kPrefix = "pg_catalog.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return name;
}

template <std::size_t size>
bool contains(const std::string_view (&sorted)[size], std::string_view name) {
  return std::binary_search(std::begin(sorted), std::end(sorted), name);
}

}  // namespace

bool is_pure_function(std::string_view name) {
  const std::string_view bare = without_system_schema(name);
  // A type's name in front of parentheses is a cast: int4(x), uuid('...').
  return contains(kPureFunctions, bare) || find_type(bare) != nullptr;
}

bool is_builtin_type(std::string_view name) {
  return builtin_type(name) != catalog::kNoType;
}

catalog::Oid builtin_type(std::string_view name) {
  const BuiltinType* type = find_type(without_system_schema(name));
  return type == nullptr ? catalog::kNoType : type->oid;
}

bool is_plain_type(catalog::Oid type) {
  constexpr catalog::Oid kInt2Vector = 22, kOidVector = 30, kRecord = 2249;
  return type != kInt2Vector && type != kOidVector && type != kRecord &&
         std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](const BuiltinType& each) { return each.oid == type; });
}

bool is_builtin_operator(std::string_view name) {
  return contains(kOperators, without_system_schema(name));
}

std::span<const std::string_view> result_columns(std::string_view name) {
  const std::string_view bare = without_system_schema(name);
  for (const ResultColumns& entry : kResultColumns)
    if (entry.function == bare) return entry.columns;
  return {};
}

bool returns_one_value(std::string_view name) {
  return is_pure_function(name) && result_columns(name).empty() &&
         !contains(kMayReturnRows, without_system_schema(name));
}

bool is_system_column(std::string_view name) {
  // Every one of them starts with c, t or x: most columns are told apart by one byte.
  if (name.empty() || (name[0] != 'c' && name[0] != 't' && name[0] != 'x')) return false;
  return contains(kSystemColumns, name);
}

}  // namespace tracegate::sql
