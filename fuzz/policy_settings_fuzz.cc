// Start-up parameters of arbitrary bytes (name NUL value NUL ...): whatever goes to the store keeps
// the pinned settings at their values and never carries one of the protocol's own parameters.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/settings.h"

namespace {

using tracegate::policy::Parameter;

std::vector<Parameter> split(std::string_view text) {
  std::vector<Parameter> parameters;
  bool is_name = true;
  while (true) {
    const std::string_view part = text.substr(0, text.find('\0'));
    if (is_name)
      parameters.push_back({std::string(part), {}});
    else
      parameters.back().value = part;
    is_name = !is_name;
    if (part.size() == text.size()) return parameters;
    text.remove_prefix(part.size() + 1);
  }
}

void check(const tracegate::policy::Role& role, const tracegate::policy::Upstream& upstream,
           const std::vector<Parameter>& asked) {
  const auto result = tracegate::policy::judge_startup_parameters(role, upstream, asked);
  if (!result) {
    TG_CHECK(result.error().sqlstate.size() == 5, "a refusal has no SQLSTATE");
    return;
  }
  for (const Parameter& each : *result)
    for (const std::string_view own : {"user", "database", "replication", "options"})
      TG_CHECK(each.name != own, "a parameter of the protocol goes to the store");
  for (const Parameter& pin : tracegate::policy::pinned_settings(role, upstream))
    TG_CHECK(std::count(result->begin(), result->end(), pin) == 1, "a pinned setting was moved");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Parameter> asked = split({reinterpret_cast<const char*>(data), size});
  tracegate::policy::Upstream upstream;
  upstream.search_path = {"public", "My Schema"};
  tracegate::policy::Role role;
  role.settings = {"myapp.tenant", "work_mem"};
  check(role, upstream, asked);
  role.unrestricted = true;
  check(role, upstream, asked);
  return 0;
}
