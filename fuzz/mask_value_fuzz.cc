// Arbitrary bytes as values of masked columns, in both formats: whatever they are, a mask appends
// only what it says that it appended, and what it makes is a value of the type, which it can read
// itself. The first byte picks the mask and the second the format; the rest is the value, and a
// path of JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/mask/column_mask.h"

namespace {

using namespace tracegate;
using namespace tracegate::mask;

Spec make_spec(Method method) {
  Spec spec;
  spec.method = method;
  spec.keep_first = 2;
  spec.keep_last = 1;
  spec.domain = "d";
  spec.bucket = 1000;
  return spec;
}

Spec json_spec() {
  Spec spec = make_spec(Method::kJson);
  const auto add = [&](std::string_view path, Method method) {
    spec.paths.push_back({*parse_json_path(path), make_spec(method)});
  };
  add("a.a", Method::kRedact);
  add("a[*].b", Method::kPartial);
  add("*.*", Method::kHash);
  add("[*].a", Method::kDetect);
  add("b", Method::kEmail);
  return spec;
}

std::vector<std::shared_ptr<const ValueMask>> make_masks() {
  const HashKeyRef key = *HashKey::make(Secret(std::string(32, 'k')));
  const std::vector<CustomDetector> custom = {{"found", "secret"}};
  const DetectorsRef detectors = *Detectors::make({}, custom);
  // OIDs and names of PostgreSQL's own types, and their arrays.
  const std::vector<catalog::Oid> types = {16,   17,   19,   20,   21,   23,   25,   114,  1042,
                                           1700, 2950, 3802, 1005, 1007, 1009, 1014, 1016, 2951};
  std::vector<std::shared_ptr<const ValueMask>> masks;
  for (const catalog::Oid type : types) {
    catalog::Column column;
    column.type_oid = type;
    for (const Method method : {Method::kRedact, Method::kPartial, Method::kEmail, Method::kHash,
                                Method::kTruncate, Method::kDetect, Method::kJson}) {
      const Spec spec = method == Method::kJson ? json_spec() : make_spec(method);
      const auto made = make_mask(spec, type_of(column, catalog::Catalog()), key, detectors);
      if (made.ok() && made->on_rows != nullptr) masks.push_back(made->on_rows);
    }
  }
  return masks;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto masks = make_masks();
  if (size < 2) return 0;
  const ValueMask& mask = *masks[data[0] % masks.size()];
  const Format format = data[1] % 2 == 0 ? Format::kText : Format::kBinary;
  const ByteView value(data + 2, size - 2);
  static_cast<void>(parse_json_path(as_text(value)));

  std::string out = "before";
  const Fate fate = mask.apply(value, format, out);
  TG_CHECK(out.starts_with("before"), "what was there has changed");
  const std::string made = out.substr(6);
  TG_CHECK(fate == Fate::kReplaced || made.empty(), "something was appended and not used");
  if (fate != Fate::kReplaced) return 0;
  out.clear();
  TG_CHECK(mask.apply(as_bytes(made), format, out) != Fate::kNull, "made what it cannot read");
  return 0;
}
