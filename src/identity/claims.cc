#include "src/identity/claims.h"

#include "src/base/utf8.h"

namespace tracegate::identity {
namespace {

std::optional<std::string> claim_value(const Json& value, ClaimTypes types) {
  if (types == ClaimTypes::kTexts && value.text() == nullptr) return std::nullopt;
  std::optional<std::string> text = value.scalar();
  if (!text || !is_claim_text(*text)) return std::nullopt;
  return text;
}

}  // namespace

Result<ClaimPath> parse_claim_path(std::string_view dotted) {
  ClaimPath path;
  while (true) {
    const std::size_t dot = dotted.find('.');
    const std::string_view name = dotted.substr(0, dot);
    if (name.empty()) return Error("a claim path is names with a dot between each two");
    path.emplace_back(name);
    if (dot == std::string_view::npos) return path;
    dotted.remove_prefix(dot + 1);
  }
}

std::string to_string(const ClaimPath& path) {
  std::string out;
  for (const std::string& name : path) {
    if (!out.empty()) out += '.';
    out += name;
  }
  return out;
}

const Json* find_claim(const Json& payload, const ClaimPath& path) {
  if (path.empty()) return nullptr;
  const Json* at = &payload;
  for (const std::string& name : path) {
    at = at->find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool is_claim_text(std::string_view text) {
  if (text.empty() || text.size() > kMaxClaimText) return false;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    if (is_invisible(utf8_code_point(text.substr(0, length)))) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<std::vector<std::string>> claim_values(const Json& claim, ClaimTypes types) {
  std::vector<std::string> values;
  const Json::List* list = claim.list();
  if (list == nullptr) {
    auto value = claim_value(claim, types);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
    return values;
  }
  if (list->size() > kMaxClaimValues) return std::nullopt;
  values.reserve(list->size());
  for (const Json& each : *list) {
    auto value = claim_value(each, types);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

}  // namespace tracegate::identity
