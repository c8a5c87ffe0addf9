#include "tests/mask/masks.h"

#include "src/mask/hex.h"

namespace tracegate::mask {
namespace {

using catalog::Oid;
using catalog::TypeKind;

enum OwnType : Oid {
  kCitext = 20'000,
  kCitextArray,
  kMood,
  kMoodArray,
  kPair,
  kShort,
  kShortArray,
  kAges,
  kShorter,
};

catalog::Type own_type(Oid oid, std::string name, TypeKind kind, Oid inner = 0) {
  catalog::Type type;
  type.oid = oid;
  type.schema = "app";
  type.name = std::move(name);
  type.kind = kind;
  type.inner = inner;
  return type;
}

const catalog::Catalog& test_catalog() {
  static const auto made = [] {
    constexpr Oid kText = 25;
    constexpr Oid kInt4Array = 1007;
    catalog::Definitions definitions;
    definitions.types = {own_type(kCitext, "citext", TypeKind::kBase),
                         own_type(kCitextArray, "_citext", TypeKind::kBase, kCitext),
                         own_type(kMood, "mood", TypeKind::kEnum),
                         own_type(kMoodArray, "_mood", TypeKind::kBase, kMood),
                         own_type(kPair, "pair", TypeKind::kComposite),
                         own_type(kShort, "short", TypeKind::kDomain, kText),
                         own_type(kShorter, "shorter", TypeKind::kDomain, kShort),
                         own_type(kShortArray, "_short", TypeKind::kBase, kShort),
                         own_type(kAges, "ages", TypeKind::kDomain, kInt4Array)};
    definitions.types[0].extension = "citext";
    definitions.types[2].labels = {"sad", "so so", "happy"};
    return catalog::Catalog::build(1, {}, std::move(definitions));
  }();
  return *made;
}

const std::map<std::string, Oid>& known_types() {
  static const std::map<std::string, Oid> known = {
      {"boolean", 16},
      {"bytea", 17},
      {"name", 19},
      {"bigint", 20},
      {"smallint", 21},
      {"integer", 23},
      {"text", 25},
      {"json", 114},
      {"json[]", 199},
      {"point", 600},
      {"smallint[]", 1005},
      {"integer[]", 1007},
      {"text[]", 1009},
      {"character[]", 1014},
      {"character varying[]", 1015},
      {"bigint[]", 1016},
      {"character", 1042},
      {"character varying", 1043},
      {"date", 1082},
      {"timestamp without time zone", 1114},
      {"date[]", 1182},
      {"timestamp with time zone", 1184},
      {"numeric[]", 1231},
      {"numeric", 1700},
      {"uuid", 2950},
      {"uuid[]", 2951},
      {"jsonb", 3802},
      {"app.citext", kCitext},
      {"app.citext[]", kCitextArray},
      {"app.mood", kMood},
      {"app.mood[]", kMoodArray},
      {"app.pair", kPair},
      {"app.short", kShort},
      {"app.shorter", kShorter},
      {"app.short[]", kShortArray},
      {"app.ages", kAges},
      {"app.traces", 29'999},  // the row type of a table, which catalogs leave out
  };
  return known;
}

std::string shown(Fate fate, const std::string& out) {
  constexpr std::string_view kBefore = "before";
  EXPECT_TRUE(out.starts_with(kBefore));
  const std::string appended = out.substr(kBefore.size());
  if (fate == Fate::kReplaced) return appended;
  EXPECT_EQ(appended, "");
  return fate == Fate::kNull ? kNullValue : kKeptValue;
}

}  // namespace

ColumnType type_named(const std::string& type_name) {
  std::string name = type_name;
  const std::size_t open = name.find('(');
  if (open != std::string::npos) name.erase(open, name.find(')') + 1 - open);
  catalog::Column column;
  column.name = "c";
  column.type_oid = known_types().at(name);
  column.type_name = type_name;
  return type_of(column, test_catalog());
}

HashKeyRef test_key() {
  static const HashKeyRef key = *HashKey::make(Secret(std::string(32, 'k')));
  return key;
}

DetectorsRef test_detectors() {
  static const DetectorsRef made = [] {
    const std::vector<CustomDetector> custom = {{"found", "secret"}};
    return *Detectors::make({}, custom);
  }();
  return made;
}

Spec redact(std::optional<std::string> value) {
  Spec spec;
  spec.method = Method::kRedact;
  spec.value = std::move(value);
  return spec;
}

Spec partial(std::uint32_t first, std::uint32_t last) {
  Spec spec;
  spec.method = Method::kPartial;
  spec.keep_first = first;
  spec.keep_last = last;
  return spec;
}

Spec email() {
  Spec spec;
  spec.method = Method::kEmail;
  return spec;
}

Spec hash(std::string domain) {
  Spec spec;
  spec.method = Method::kHash;
  spec.domain = std::move(domain);
  return spec;
}

Spec truncate(TimeUnit unit) {
  Spec spec;
  spec.method = Method::kTruncate;
  spec.unit = unit;
  return spec;
}

Spec buckets(std::int64_t width) {
  Spec spec;
  spec.method = Method::kTruncate;
  spec.bucket = width;
  return spec;
}

Spec json(const std::vector<std::pair<std::string, Spec>>& paths) {
  Spec spec;
  spec.method = Method::kJson;
  for (const auto& [path, leaf] : paths) {
    auto steps = parse_json_path(path);
    TG_CHECK(steps.has_value(), "no path: " + path);
    spec.paths.push_back({*std::move(steps), leaf});
  }
  return spec;
}

Spec detect() {
  Spec spec;
  spec.method = Method::kDetect;
  return spec;
}

ColumnMask mask_of(const Spec& spec, const std::string& type_name) {
  Result<ColumnMask> mask = make_mask(spec, type_named(type_name), test_key(), test_detectors());
  TG_CHECK(mask.ok(), mask.error().message);
  return *std::move(mask);
}

std::string refusal_of(const Spec& spec, const std::string& type_name) {
  const Result<ColumnMask> mask =
      make_mask(spec, type_named(type_name), test_key(), test_detectors());
  return mask.ok() ? "" : mask.error().message;
}

std::string masked(const ValueMask& mask, std::string_view value, Format format) {
  std::string out = "before";
  const Fate fate = mask.apply(as_bytes(value), format, out);
  return shown(fate, out);
}

std::string masked(const ColumnMask& mask, std::string_view value, Format format) {
  TG_CHECK(mask.on_rows != nullptr, "only the store has this mask");
  return masked(*mask.on_rows, value, format);
}

std::string masked_null(const ColumnMask& mask, Format format) {
  std::string out = "before";
  const Fate fate = mask.on_rows->apply_to_null(format, out);
  return shown(fate, out);
}

std::string bytes(std::string_view hexadecimal) {
  std::string digits(hexadecimal);
  std::erase(digits, ' ');
  std::string out;
  TG_CHECK(append_unhexed(digits, out), "no hexadecimal digits");
  return out;
}

}  // namespace tracegate::mask
