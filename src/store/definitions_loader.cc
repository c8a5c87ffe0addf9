#include "src/store/definitions_loader.h"

#include <charconv>
#include <optional>
#include <unordered_map>

namespace tracegate::store {
namespace {

using catalog::Oid;

// Everything as text: what is sent is little, and lists of Oids are easier to read so.
// 2281 is internal; the result types are those of triggers and handlers, which SQL cannot call.
constexpr const char* kFunctions = R"sql(
WITH callable AS (
  SELECT p.*, n.nspname, p.oid < 16384 AND n.nspname IN ('pg_catalog', 'information_schema') AS builtin
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE NOT 2281 = ANY (p.proargtypes) AND n.nspname !~ '^pg_temp_'
    AND p.prorettype NOT IN (2279, 3838, 2280, 3115, 325, 269, 3310))
SELECT p.oid, p.nspname, p.proname, p.prokind, p.provolatile, p.proleakproof, p.prosecdef, p.builtin,
  p.provariadic <> 0, p.pronargdefaults, array_to_string(p.proargtypes::oid[], ' '),
  concat_ws(' ', p.prorettype, (SELECT string_agg(type::text, ' ') FROM unnest(p.proallargtypes, p.proargmodes) a(type, mode)
                                WHERE mode IN ('o', 'b', 't'))),
  e.extname, p.oid::regprocedure
FROM callable p
LEFT JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE NOT p.builtin
   OR p.nspname = 'pg_catalog' AND p.proname IN (SELECT proname FROM callable WHERE NOT builtin)
)sql";

constexpr const char* kOperators = R"sql(
SELECT o.oid, n.nspname, o.oprname, o.oprleft, o.oprright, o.oprresult,
  o.oid < 16384 AND n.nspname = 'pg_catalog', p.provolatile, p.prosecdef, e.extname,
  CASE WHEN o.oid < 16384 AND n.nspname = 'pg_catalog' THEN '' ELSE o.oid::regoperator::text END
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
LEFT JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE n.nspname !~ '^pg_temp_'
)sql";

// An array belongs to the extension of its element. Row types of relations are left out, and so are
// arrays of them.
constexpr const char* kTypes = R"sql(
SELECT t.oid, n.nspname, t.typname, t.typtype,
  CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typcategory = 'A' THEN t.typelem
       WHEN t.typtype IN ('r', 'm') THEN coalesce(r.rngsubtype, 0) ELSE 0 END,
  (SELECT string_agg(atttypid::text, ' ') FROM pg_catalog.pg_attribute
   WHERE t.typtype = 'c' AND attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped),
  t.typcategory = 'S' AND t.typispreferred, e.extname
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
LEFT JOIN pg_catalog.pg_class c ON c.oid = coalesce(element.typrelid, t.typrelid)
LEFT JOIN pg_catalog.pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
LEFT JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = coalesce(element.oid, t.oid) AND d.objsubid = 0
     AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE t.typisdefined AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT (t.oid < 16384 AND n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast'))
  AND coalesce(c.relkind, 'c') = 'c'
)sql";

constexpr const char* kLabels = R"sql(
SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum ORDER BY enumtypid, enumsortorder
)sql";

// Without those from a range to its multirange, which come with the type.
constexpr const char* kCasts = R"sql(
SELECT k.castsource, k.casttarget, k.castcontext, k.oid < 16384, n.nspname, p.proname, e.extname, p.prosecdef,
  p.provolatile, CASE WHEN k.oid < 16384 THEN ''
    ELSE concat('cast from ', format_type(k.castsource, NULL), ' to ', format_type(k.casttarget, NULL)) END
FROM pg_catalog.pg_cast k
LEFT JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE (k.oid >= 16384 OR k.castcontext = 'i')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_range r WHERE r.rngtypid = k.castsource AND r.rngmultitypid = k.casttarget)
)sql";

// Reads the columns of a row in order. What cannot be read makes the whole load an error: a
// function that is not known is one whose calls are not refused.
class RowReader {
 public:
  RowReader(const Rows& rows, int row) : rows_(rows), row_(row) {}

  std::string text() { return std::string(next()); }
  bool boolean() {
    const std::string_view value = next();
    if (value != "t" && value != "f" && !value.empty()) bad_ = true;
    return value == "t";
  }
  template <typename Integer>
  Integer number() {
    return parse<Integer>(next());
  }
  std::vector<Oid> oids() {
    std::vector<Oid> list;
    std::string_view rest = next();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      list.push_back(parse<Oid>(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return list;
  }
  // One of `letters`, as its place among them.
  template <typename Enumeration>
  Enumeration letter(std::string_view letters) {
    const std::string_view value = next();
    const std::size_t at = value.size() == 1 ? letters.find(value) : std::string_view::npos;
    if (at != std::string_view::npos) return static_cast<Enumeration>(at);
    bad_ = true;
    return {};
  }
  [[nodiscard]] bool bad() const { return bad_; }

 private:
  std::string_view next() { return rows_.value(row_, column_++); }
  template <typename Integer>
  Integer parse(std::string_view digits) {
    Integer value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) bad_ = true;
    return value;
  }

  const Rows& rows_;
  int row_;
  int column_ = 0;
  bool bad_ = false;
};

constexpr std::string_view kVolatilities = "isv";  // in the order of catalog::Volatility

void read(RowReader& row, catalog::Function& out) {
  out.oid = row.number<Oid>();
  out.schema = row.text();
  out.name = row.text();
  out.kind = row.letter<catalog::FunctionKind>("fpaw");
  out.volatility = row.letter<catalog::Volatility>(kVolatilities);
  out.leakproof = row.boolean();
  out.security_definer = row.boolean();
  out.is_builtin = row.boolean();
  out.variadic = row.boolean();
  out.default_count = row.number<std::uint16_t>();
  out.arguments = row.oids();
  out.results = row.oids();
  out.extension = row.text();
  out.signature = row.text();
}

void read(RowReader& row, catalog::Operator& out) {
  out.oid = row.number<Oid>();
  out.schema = row.text();
  out.symbol = row.text();
  out.left = row.number<Oid>();
  out.right = row.number<Oid>();
  out.result = row.number<Oid>();
  out.is_builtin = row.boolean();
  out.volatility = row.letter<catalog::Volatility>(kVolatilities);
  out.security_definer = row.boolean();
  out.extension = row.text();
  out.signature = row.text();
}

void read(RowReader& row, catalog::Type& out) {
  out.oid = row.number<Oid>();
  out.schema = row.text();
  out.name = row.text();
  out.kind = row.letter<catalog::TypeKind>("bcdermp");
  out.inner = row.number<Oid>();
  out.fields = row.oids();
  out.attracts_literals = row.boolean();
  out.extension = row.text();
}

struct EnumLabel {
  Oid type = catalog::kNoType;
  std::string label;
};

void read(RowReader& row, EnumLabel& out) {
  out.type = row.number<Oid>();
  out.label = row.text();
}

void read(RowReader& row, catalog::Cast& out) {
  out.source = row.number<Oid>();
  out.target = row.number<Oid>();
  out.context = row.letter<catalog::CastContext>("eai");
  out.is_builtin = row.boolean();
  out.function_schema = row.text();
  out.function_name = row.text();
  out.extension = row.text();
  out.security_definer = row.boolean();
  if (out.function_name.empty())
    row.text();
  else
    out.volatility = row.letter<catalog::Volatility>(kVolatilities);
  out.signature = row.text();
}

template <typename Definition>
Status load(Connection& connection, const char* query, std::vector<Definition>& out) {
  const Result<Rows> rows = connection.run(query);
  if (!rows) return Error(rows.error());
  out.resize(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    RowReader row(*rows, i);
    read(row, out[static_cast<std::size_t>(i)]);
    if (row.bad()) return Error("the catalog has a row that cannot be understood");
  }
  return Ok{};
}

void add_labels(std::vector<EnumLabel> labels, std::vector<catalog::Type>& types) {
  std::unordered_map<Oid, catalog::Type*> by_oid;
  for (catalog::Type& type : types) by_oid.emplace(type.oid, &type);
  for (EnumLabel& each : labels)
    if (const auto type = by_oid.find(each.type); type != by_oid.end())
      type->second->labels.push_back(std::move(each.label));
}

}  // namespace

Result<catalog::Definitions> load_definitions(Connection& connection) {
  catalog::Definitions definitions;
  TG_TRY(load(connection, kFunctions, definitions.functions));
  TG_TRY(load(connection, kOperators, definitions.operators));
  TG_TRY(load(connection, kTypes, definitions.types));
  std::vector<EnumLabel> labels;
  TG_TRY(load(connection, kLabels, labels));
  add_labels(std::move(labels), definitions.types);
  TG_TRY(load(connection, kCasts, definitions.casts));
  return definitions;
}

}  // namespace tracegate::store
