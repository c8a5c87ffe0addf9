#include "src/sql/comparisons.h"

#include "src/sql/meanings.h"

namespace tracegate::sql {
namespace {

constexpr Oid kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kFloat4 = 700, kFloat8 = 701,
              kNumeric = 1700;

struct ArrayType {
  Oid array;
  Oid element;
};
constexpr ArrayType kArrays[] = {{1000, 16},   {1005, 21},   {1007, 23},   {1009, 25},
                                 {1014, 1042}, {1015, 1043}, {1016, 20},   {1021, 700},
                                 {1022, 701},  {1028, 26},   {1115, 1114}, {1182, 1082},
                                 {1185, 1184}, {1231, 1700}, {2951, 2950}};

}  // namespace

bool compares_safely(Oid type) {
  constexpr Oid kSafe[] = {16,   20,   21,   23,   25,   26,   700, 701,
                           1042, 1043, 1082, 1114, 1184, 1700, 2950};
  for (const Oid each : kSafe)
    if (each == type) return true;
  return false;
}

bool converts_safely(Oid column, Oid other, Origin origin) {
  if (other == kUnknownType || other == kUndecidedType || other == column) return true;
  const bool is_parameter = origin == Origin::kParameter;
  switch (column) {
    case kInt8:
      return other != kOid && other != kAnyType;
    case kNumeric:
      return other == kInt2 || other == kInt4 || other == kInt8;
    case kOid:
      return other != kAnyType && !(is_parameter && other == kInt8);
    case kFloat4:
    case kFloat8:
      return other != kAnyType && !(is_parameter && other == kNumeric);
    default:
      return true;
  }
}

bool compare_safely(std::span<const Oid> columns) {
  for (const Oid one : columns)
    for (const Oid other : columns)
      if (!converts_safely(one, other, Origin::kColumn)) return false;
  return !columns.empty();
}

Oid element_of(Oid array) {
  for (const ArrayType& each : kArrays)
    if (each.array == array) return each.element;
  return kAnyType;
}

}  // namespace tracegate::sql
