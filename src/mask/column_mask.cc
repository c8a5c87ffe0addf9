#include "src/mask/column_mask.h"

#include "src/mask/array_mask.h"
#include "src/mask/hash_mask.h"
#include "src/mask/json_mask.h"
#include "src/mask/redact.h"
#include "src/mask/text_method.h"
#include "src/mask/truncate.h"
#include "src/mask/types.h"

namespace tracegate::mask {
namespace {

Error refusal(Method method, const ColumnType& type, std::string_view reason) {
  return Error(std::string(to_string(method)) + " does not serve " + describe(type) + ": " +
               std::string(reason));
}

bool is_json(TypeClass type) {
  return type == TypeClass::kJson || type == TypeClass::kJsonb;
}
bool is_integer(TypeClass type) {
  return type == TypeClass::kInt2 || type == TypeClass::kInt4 || type == TypeClass::kInt8;
}

// A text can become longer than a name may be.
bool is_name(const ColumnType& type) {
  return type.type_class == TypeClass::kText && scalar_oid(type) == kNameOid;
}

Status check_room(const Spec& spec, const ColumnType& type) {
  if (!type.capacity) return Ok();
  const bool is_text = type.type_class == TypeClass::kText;
  const std::uint32_t needed = is_text ? 2 * kHashTextBytes : kHashNumericDigits;
  if (*type.capacity >= needed) return Ok();
  return refusal(spec.method, type,
                 "a pseudonym has " + std::to_string(needed) +
                     (is_text ? " characters" : " digits") + ", more than the column has room for");
}

Status check_hash_type(const Spec& spec, const ColumnType& type) {
  switch (type.type_class) {
    case TypeClass::kText:
      if (is_citext(type))
        return refusal(spec.method, type, "which values are equal depends on the store's locale");
      return check_room(spec, type);
    case TypeClass::kNumeric:
      return check_room(spec, type);
    case TypeClass::kUuid:
    case TypeClass::kInt8:
    case TypeClass::kBytea:
    case TypeClass::kJson:
    case TypeClass::kJsonb:
      return Ok();
    case TypeClass::kInt2:
    case TypeClass::kInt4:
      return refusal(spec.method, type, "different values could get the same pseudonym");
    case TypeClass::kBoolean:
    case TypeClass::kEnum:
      return refusal(spec.method, type, "there are too few values for pseudonyms");
    case TypeClass::kDate:
    case TypeClass::kTimestamp:
    case TypeClass::kTimestampTz:
    case TypeClass::kComposite:
    case TypeClass::kOther:
      break;
  }
  return refusal(spec.method, type, "a value of it cannot hold a pseudonym");
}

// Whether the method serves the type, or its elements.
Status check_type(const Spec& spec, const ColumnType& type) {
  const TypeClass type_class = type.type_class;
  switch (spec.method) {
    case Method::kRedact:
      return Ok();
    case Method::kPartial:
      if (type_class == TypeClass::kText) return Ok();
      return refusal(spec.method, type, "it is no text");
    case Method::kEmail:
      if (type_class != TypeClass::kText) return refusal(spec.method, type, "it is no text");
      if (is_name(type)) return refusal(spec.method, type, "it could get longer than a name is");
      return Ok();
    case Method::kHash:
      return check_hash_type(spec, type);
    case Method::kTruncate:
      if (is_integer(type_class) || type_class == TypeClass::kNumeric ||
          type_class == TypeClass::kDate || type_class == TypeClass::kTimestamp ||
          type_class == TypeClass::kTimestampTz)
        return Ok();
      return refusal(spec.method, type, "it is neither a time nor a number");
    case Method::kJson:
      if (is_json(type_class)) return Ok();
      return refusal(spec.method, type, "it is no JSON");
    case Method::kDetect:
      if (is_name(type)) return refusal(spec.method, type, "it could get longer than a name is");
      if (type_class == TypeClass::kText || is_json(type_class)) return Ok();
      return refusal(spec.method, type, "it is neither text nor JSON");
  }
  return Ok();
}

// Of a type that is no array and that the method serves.
Result<ColumnMask> mask_values(const Spec& spec, const ColumnType& type, const HashKeyRef& key,
                               const DetectorsRef& detectors) {
  if (type.type_class == TypeClass::kText) {
    Result<TextMethodRef> method = make_text_method(spec, key, detectors);
    if (!method.ok()) return std::move(method).error();
    return mask_text(*std::move(method), type);
  }
  if (spec.method == Method::kHash) return mask_by_hash(spec, type, key);
  if (spec.method == Method::kTruncate) return mask_by_truncation(spec, type);
  if (spec.method == Method::kJson) return mask_json_paths(spec, type, key, detectors);
  TG_CHECK(spec.method == Method::kDetect, "a method that does not serve the type");
  return detect_in_json(type, detectors);
}

Result<ColumnMask> mask_array(const Spec& spec, const ColumnType& type, const HashKeyRef& key,
                              const DetectorsRef& detectors) {
  if (type.type_class != TypeClass::kText && type.type_class != TypeClass::kUuid &&
      !is_integer(type.type_class))
    return refusal(spec.method, type, "it serves arrays of text, uuid and integers only");
  ColumnType element = type;
  element.is_array = false;
  element.wire_type = type.element_type;
  element.element_type = 0;
  element.sql_name.resize(element.sql_name.size() - std::string_view("[]").size());
  Result<ColumnMask> mask = mask_values(spec, element, key, detectors);
  if (!mask.ok()) return std::move(mask).error();
  return mask_elements(*std::move(mask), type);
}

}  // namespace

Result<ColumnMask> make_mask(const Spec& spec, const ColumnType& type, const HashKeyRef& key,
                             const DetectorsRef& detectors) {
  if (type.sql_name.empty())
    return Error("nothing is known of the column's type, so that no mask serves it");
  if (type.sql_name.find(kColumnMark) != std::string::npos)
    return Error("no mask serves a type whose name holds " + std::string(kColumnMark));
  if (spec.method == Method::kRedact) return mask_by_redaction(spec, type);
  TG_TRY(check_type(spec, type));
  return type.is_array ? mask_array(spec, type, key, detectors)
                       : mask_values(spec, type, key, detectors);
}

}  // namespace tracegate::mask
