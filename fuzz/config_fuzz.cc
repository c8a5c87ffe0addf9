// A policy file of arbitrary bytes: it is read or refused, always the same way, every complaint has
// its place, and what is read without an error is a policy that can be looked things up in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/config/document.h"
#include "src/config/table.h"
#include "src/policy/load_parts.h"

namespace {

using tracegate::config::Diagnostic;
using tracegate::config::Diagnostics;

struct Reading {
  std::vector<std::string> complaints;
  bool has_errors = false;
};

void check_lookups(const tracegate::policy::Snapshot& policy) {
  for (const auto& upstream : policy.upstreams)
    TG_CHECK(policy.find_upstream(upstream.name) == &upstream, "an upstream is not found by name");
  for (const auto& role : policy.roles) {
    TG_CHECK(policy.find_role(role.name) == &role, "a role is not found by name");
    TG_CHECK(!role.upstreams.empty(), "a role has no upstream");
    TG_CHECK(!role.unrestricted || role.rules.empty(), "an unrestricted role has rules");
  }
  for (const auto& user : policy.users)
    TG_CHECK(policy.find_role(user.role) != nullptr, "a user's role does not exist");
}

Reading read(std::string_view text) {
  Diagnostics diagnostics;
  const tracegate::config::Value value =
      tracegate::config::parse_document(text, "policy.toml", diagnostics);
  if (!diagnostics.has_errors()) {
    tracegate::config::Table root(value, "", diagnostics);
    const auto snapshot = tracegate::policy::read_policy(root, "/nonexistent");
    if (!diagnostics.has_errors()) check_lookups(*snapshot);
  }
  diagnostics.sort();
  Reading reading{{}, diagnostics.has_errors()};
  for (const Diagnostic& each : diagnostics.list()) {
    TG_CHECK(!each.message.empty(), "a complaint says nothing");
    reading.complaints.push_back(each.to_string());
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Paths stay inside a folder that does not exist: a fuzzer must not open the machine's files.
  if (text.find('/') != std::string_view::npos || text.find("\\u") != std::string_view::npos ||
      text.find("\\U") != std::string_view::npos)
    return -1;
  const Reading first = read(text);
  TG_CHECK(first.complaints == read(text).complaints, "two readings of one text differ");
  return 0;
}
