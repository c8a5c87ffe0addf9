#include "src/mask/spec.h"

#include <array>
#include <utility>

namespace tracegate::mask {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> kMethods = {{
    {"redact", Method::kRedact},
    {"partial", Method::kPartial},
    {"email", Method::kEmail},
    {"hash", Method::kHash},
    {"truncate", Method::kTruncate},
    {"json", Method::kJson},
    {"detect", Method::kDetect},
}};

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [name, value] : kMethods)
    if (value == method) return name;
  return {};
}

std::optional<Method> method_from_string(std::string_view name) {
  for (const auto& [known, value] : kMethods)
    if (known == name) return value;
  return std::nullopt;
}

}  // namespace tracegate::mask
