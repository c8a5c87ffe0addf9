// Which settings (PostgreSQL's "GUC" variables) a restricted session may give at start-up, SET and
// SHOW, and to which values. An allow-list: a setting can change what a text means
// (standard_conforming_strings, client_encoding, search_path), who runs it (role) or what code runs
// with it (session_preload_libraries); a role's `settings` adds names, but never one of those.
//
// Pinned settings have exactly one value for restricted sessions. The gateway sends it at start-up,
// which makes it the value that RESET, RESET ALL and DISCARD ALL return to; SET to that same value
// is allowed, because drivers do it (SET client_encoding TO 'UTF8'), to any other refused.
//
// Names are compared without letter case, as PostgreSQL does. Unrestricted roles may set anything.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/policy.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

// A start-up parameter, or a setting with its value.
struct Parameter {
  std::string name;
  std::string value;
  auto operator<=>(const Parameter&) const = default;
};

// What the gateway sends at start-up for a restricted role whatever the client asks; the session
// also watches ParameterStatus for those that PostgreSQL reports. Empty for an unrestricted role.
[[nodiscard]] std::vector<Parameter> pinned_settings(const Role& role, const Upstream& upstream);

// The parameters to send to the store in place of what the client sent, settings only: the caller
// takes `user`, `database`, `replication` and the `_pq_.` options out before, and adds its own.
// `options` is split as PostgreSQL splits it (-c name=value, -cname=value, --name=value, backslash
// escapes, "-" in names read as "_"), and each setting of it is judged and becomes a parameter of
// its own. As in PostgreSQL an explicit parameter wins over one in `options`, and a later over an
// earlier. Sessions of a scoped role begin with jit = off unless the client says otherwise. Errors:
// 42501 for a setting that may not be given, 22023 for a pinned one with another
// value or for text that is not UTF-8 or has control characters, 42601 for `options` that cannot be
// read.
[[nodiscard]] Result<std::vector<Parameter>> judge_startup_parameters(
    const Role& role, const Upstream& upstream, std::span<const Parameter> asked);

// Nothing: permitted. Otherwise what the client is told (42501).
[[nodiscard]] std::optional<Error> judge_setting(const Role& role, const Upstream& upstream,
                                                 const sql::SettingChange& change);
[[nodiscard]] std::optional<Error> judge_show(const Role& role, std::string_view setting);

// Why a role's `settings` may not name this setting; empty if it may.
[[nodiscard]] std::string_view why_not_grantable(std::string_view setting);

}  // namespace tracegate::policy
