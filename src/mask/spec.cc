#include "src/mask/spec.h"

namespace tracegate::mask {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::kRedact:
      return "redact";
    case Method::kPartial:
      return "partial";
    case Method::kEmail:
      return "email";
    case Method::kHash:
      return "hash";
    case Method::kTruncate:
      return "truncate";
    case Method::kJson:
      return "json";
    case Method::kDetect:
      return "detect";
  }
  return {};
}

}  // namespace tracegate::mask
