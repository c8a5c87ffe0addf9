#include "src/mask/redact.h"

#include "src/base/utf8.h"
#include "src/mask/constant.h"
#include "src/mask/json_scan.h"
#include "src/mask/sql_text.h"

namespace tracegate::mask {
namespace {

class NullMask final : public ValueMask {
 public:
  Fate apply(ByteView /*value*/, Format /*format*/, std::string& /*out*/) const override {
    return Fate::kNull;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }
};

class ConstantMask final : public ValueMask {
 public:
  explicit ConstantMask(Constant constant) : constant_(std::move(constant)) {}

  Fate apply(ByteView /*value*/, Format format, std::string& out) const override {
    return apply_to_null(format, out);
  }
  Fate apply_to_null(Format format, std::string& out) const override {
    out += format == Format::kText ? constant_.text : constant_.binary;
    return Fate::kReplaced;
  }

 private:
  Constant constant_;
};

}  // namespace

Result<ColumnMask> mask_by_redaction(const Spec& spec, const ColumnType& type) {
  if (!spec.value) return ColumnMask{std::make_shared<NullMask>(), sql_cast("NULL", type.sql_name)};
  Result<Constant> constant = make_constant(*spec.value, type);
  if (!constant.ok()) return std::move(constant).error();
  ColumnMask mask;
  mask.expression = sql_constant(constant->text, type.sql_name);
  if (!constant->is_store_only) mask.on_rows = std::make_shared<ConstantMask>(*std::move(constant));
  return mask;
}

Result<std::string> redacted_json(const Spec& leaf) {
  if (!leaf.value) return std::string("null");
  if (!is_valid_utf8(*leaf.value) || leaf.value->find('\0') != std::string::npos)
    return Error("the value of redact must be UTF-8 without zero bytes");
  std::string json;
  append_json_string(*leaf.value, json);
  return json;
}

}  // namespace tracegate::mask
