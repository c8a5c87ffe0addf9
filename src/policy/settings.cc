#include "src/policy/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/config/diagnostics.h"
#include "src/policy/names.h"
#include "src/policy/startup_options.h"

namespace tracegate::policy {
namespace {

// Which values a restricted session may give to a setting.
enum class Allowed : std::uint8_t {
  kAny,
  kMessageLevel,  // not log and the debug levels, which tell about the store's inner workings
  kOn,            // pinned
  kUtf8,          // pinned
  kSearchPath,    // pinned to the upstream's
};

struct AllowedSetting {
  std::string_view name;
  Allowed values;
};

// Sorted by name. None of kAny changes what a text means to the parser, who runs it, which
// relations its names stand for, or what code is loaded.
constexpr AllowedSetting kAllowedSettings[] = {
    {"application_name", Allowed::kAny},
    {"bytea_output", Allowed::kAny},
    {"client_encoding", Allowed::kUtf8},
    {"client_min_messages", Allowed::kMessageLevel},
    {"datestyle", Allowed::kAny},
    {"default_transaction_deferrable", Allowed::kAny},
    {"default_transaction_isolation", Allowed::kAny},
    {"default_transaction_read_only", Allowed::kAny},
    {"escape_string_warning", Allowed::kAny},  // only whether a warning is raised
    {"extra_float_digits", Allowed::kAny},
    {"idle_in_transaction_session_timeout", Allowed::kAny},
    {"idle_session_timeout", Allowed::kAny},
    {"intervalstyle", Allowed::kAny},
    {"jit", Allowed::kAny},  // asyncpg's users turn it off
    {"lock_timeout", Allowed::kAny},
    {"row_security", Allowed::kOn},  // off: rows out of scope become errors, which tell of them
    {"search_path", Allowed::kSearchPath},
    {"standard_conforming_strings", Allowed::kOn},
    {"statement_timeout", Allowed::kAny},
    {"timezone", Allowed::kAny},
    {"transaction_deferrable", Allowed::kAny},
    {"transaction_isolation", Allowed::kAny},
    {"transaction_read_only", Allowed::kAny},
};

// What a session may see beyond that: what PostgreSQL reports to every client anyway, or what
// drivers ask for.
constexpr std::string_view kShownSettings[] = {"in_hot_standby",
                                               "integer_datetimes",
                                               "is_superuser",
                                               "lc_collate",
                                               "lc_ctype",
                                               "max_identifier_length",
                                               "role",
                                               "server_encoding",
                                               "server_version",
                                               "server_version_num",
                                               "session_authorization"};

// RESET of these returns to the session's own user, as DISCARD ALL does.
constexpr std::string_view kResetSettings[] = {"role", "session_authorization"};

// SET CONSTRAINTS, which is no setting but reported like one: when constraints are checked changes
// nothing about what is permitted.
constexpr std::string_view kSetConstraints = "constraints";

struct Reserved {
  std::string_view name;
  std::string_view why;
};
constexpr std::string_view kChangesMeaning = "it changes what a statement means";
constexpr std::string_view kChangesUser = "it changes who runs a statement";
constexpr std::string_view kLoadsCode = "it changes what code the store runs";
constexpr std::string_view kTurnsOffChecks = "it turns off checks of the store";
constexpr std::string_view kNoSetting = "it is a start-up parameter, not a setting";
constexpr Reserved kReserved[] = {
    {"allow_system_table_mods", kTurnsOffChecks},
    {"array_nulls", kChangesMeaning},
    {"backslash_quote", kChangesMeaning},
    {"client_encoding", kChangesMeaning},
    {"database", kNoSetting},
    {"dynamic_library_path", kLoadsCode},
    {"extension_destdir", kLoadsCode},
    {"is_superuser", kChangesUser},
    {"jit_provider", kLoadsCode},
    {"lo_compat_privileges", kTurnsOffChecks},
    {"local_preload_libraries", kLoadsCode},
    {"options", kNoSetting},
    {"output_plugin_libraries", kLoadsCode},
    {"plperl.on_init", kLoadsCode},
    {"plperl.on_plperl_init", kLoadsCode},
    {"plperl.on_plperlu_init", kLoadsCode},
    {"pltcl.start_proc", kLoadsCode},
    {"pltclu.start_proc", kLoadsCode},
    {"replication", kNoSetting},
    {"restrict_nonsystem_relation_kind", kTurnsOffChecks},
    {"role", kChangesUser},
    {"row_security", "it changes which rows exist for a statement"},
    {"search_path", kChangesMeaning},
    {"session_authorization", kChangesUser},
    {"session_preload_libraries", kLoadsCode},
    {"session_replication_role", "it turns off triggers and foreign keys"},
    {"shared_preload_libraries", kLoadsCode},
    {"standard_conforming_strings", kChangesMeaning},
    {"transform_null_equals", kChangesMeaning},
    {"user", kNoSetting},
};

const AllowedSetting* find_allowed(std::string_view name) {
  const auto* at = std::find_if(std::begin(kAllowedSettings), std::end(kAllowedSettings),
                                [&](const AllowedSetting& each) { return each.name == name; });
  return at != std::end(kAllowedSettings) ? at : nullptr;
}

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool is_granted(const Role& role, std::string_view name) {
  return std::binary_search(role.settings.begin(), role.settings.end(), name, std::less<>());
}

// parse_bool() of PostgreSQL, as far as it means true: unique beginnings of "true", "yes", and
// "on", "1".
bool means_on(std::string_view value) {
  const std::string word = fold_case(value);
  if (word.empty()) return false;
  return word == "on" || word == "1" || std::string_view("true").starts_with(word) ||
         std::string_view("yes").starts_with(word);
}

// pg_char_to_encoding() ignores everything but letters and digits, and their case.
bool means_utf8(std::string_view value) {
  std::string word;
  for (const char c : fold_case(value))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) word += c;
  return word == "utf8" || word == "unicode";
}

// The elements of a search path given as one text (SplitIdentifierString of PostgreSQL); nothing if
// it has another form.
std::optional<std::vector<std::string>> split_search_path(std::string_view text) {
  const auto trim = [](std::string_view part) {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    const std::size_t from = std::min(part.find_first_not_of(kSpace), part.size());
    return part.substr(from, part.find_last_not_of(kSpace) + 1 - from);
  };
  std::vector<std::string> schemas;
  if (trim(text).empty()) return schemas;
  for (std::size_t at = 0; at <= text.size();) {
    bool inside_quotes = false;
    std::size_t end = at;
    for (; end < text.size() && (inside_quotes || text[end] != ','); ++end)
      if (text[end] == '"') inside_quotes = !inside_quotes;
    Result<std::string> schema = parse_identifier(trim(text.substr(at, end - at)));
    if (!schema) return std::nullopt;
    schemas.push_back(std::move(schema).value());
    at = end + 1;
  }
  return schemas;
}

std::string join_search_path(const std::vector<std::string>& schemas) {
  std::string text;
  for (const std::string& schema : schemas)
    text.append(text.empty() ? "" : ", ").append(catalog::quote_identifier(schema));
  return text;
}

Error refuse_setting(const Role& role, std::string_view name) {
  return Error(
      "42501", fmt::format("permission denied to set parameter {}", config::in_quotes(name)),
      fmt::format("role \"{}\" may not change this setting; ask the operator of this gateway "
                  "to add it to the role's \"settings\"",
                  role.name));
}

Error refuse_value(std::string_view name, std::string_view wanted) {
  return Error("42501",
               fmt::format("permission denied to set parameter {} to another value",
                           config::in_quotes(name)),
               fmt::format("this gateway keeps it at {} in every session of a restricted role",
                           config::in_quotes(wanted)));
}

// `values` as SET gives them, or one text as a start-up parameter does.
std::optional<Error> judge_values(const Upstream& upstream, const AllowedSetting& setting,
                                  const std::vector<std::string>& values, bool one_text) {
  const std::string single = values.size() == 1 ? values.front() : std::string();
  switch (setting.values) {
    case Allowed::kAny:
      return std::nullopt;
    case Allowed::kMessageLevel: {
      const std::string level = fold_case(single);
      if (level != "log" && !level.starts_with("debug")) return std::nullopt;
      return Error("42501",
                   fmt::format("permission denied to set parameter \"{}\" to {}", setting.name,
                               level == "log" ? "log" : "a debug level"),
                   "use info, notice, warning or error");
    }
    case Allowed::kOn:
      if (means_on(single)) return std::nullopt;
      return refuse_value(setting.name, "on");
    case Allowed::kUtf8:
      if (means_utf8(single)) return std::nullopt;
      return refuse_value(setting.name, "UTF8");
    case Allowed::kSearchPath: {
      const std::optional<std::vector<std::string>> schemas =
          one_text ? split_search_path(single) : values;
      if (schemas == upstream.search_path) return std::nullopt;
      return refuse_value(setting.name, join_search_path(upstream.search_path));
    }
  }
  return refuse_value(setting.name, "");  // a kind that nobody listed permits no value
}

}  // namespace

std::vector<Parameter> pinned_settings(const Role& role, const Upstream& upstream) {
  if (role.unrestricted) return {};
  std::vector<Parameter> pinned;
  for (const AllowedSetting& setting : kAllowedSettings) {
    switch (setting.values) {
      case Allowed::kAny:
      case Allowed::kMessageLevel:
        break;
      case Allowed::kOn:
        pinned.push_back({std::string(setting.name), "on"});
        break;
      case Allowed::kUtf8:
        pinned.push_back({std::string(setting.name), "UTF8"});
        break;
      case Allowed::kSearchPath:
        pinned.push_back({std::string(setting.name), join_search_path(upstream.search_path)});
        break;
    }
  }
  return pinned;
}

std::optional<Error> judge_setting(const Role& role, const Upstream& upstream,
                                   const sql::SettingChange& change) {
  const std::string name = fold_case(change.name);
  if (role.unrestricted || name.empty()) return std::nullopt;
  if (name == kSetConstraints) return std::nullopt;
  const AllowedSetting* setting = find_allowed(name);
  const bool granted = is_granted(role, name);
  if (change.reset) {
    if (setting || granted || contains(kResetSettings, name)) return std::nullopt;
    return refuse_setting(role, name);
  }
  if (setting) return judge_values(upstream, *setting, change.values, /*one_text=*/false);
  if (granted) return std::nullopt;
  return refuse_setting(role, name);
}

std::optional<Error> judge_show(const Role& role, std::string_view setting) {
  const std::string name = fold_case(setting);
  if (role.unrestricted || find_allowed(name) || is_granted(role, name) ||
      contains(kShownSettings, name))
    return std::nullopt;
  return Error(
      "42501", fmt::format("permission denied to examine {}", config::in_quotes(name)),
      fmt::format("role \"{}\" may only see settings that it may change, and a few more; ask "
                  "the operator of this gateway",
                  role.name));
}

std::string_view why_not_grantable(std::string_view setting) {
  const std::string name = fold_case(setting);
  for (const Reserved& reserved : kReserved)
    if (reserved.name == name) return reserved.why;
  if (name.starts_with("tracegate.")) return "it is the gateway's own, such as the key of masks";
  return name.starts_with("_pq_.") ? kNoSetting : std::string_view();
}

namespace {

// Names as PostgreSQL knows them: letters, digits, "_", "$", and "." in those of extensions.
bool is_setting_name(std::string_view name) {
  return !name.empty() && name.size() <= 2 * kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
                  c == '.';
         });
}

bool is_plain_text(std::string_view value) {
  return is_valid_utf8(value) && std::none_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::optional<Error> judge_parameter(const Role& role, const Upstream& upstream,
                                     const Parameter& parameter) {
  const std::string_view name = parameter.name;
  if (!is_setting_name(name))
    return Error("42704", "unrecognized configuration parameter " + config::in_quotes(name));
  if (!is_plain_text(parameter.value))
    return Error("22023", fmt::format("invalid value for parameter \"{}\"", name),
                 "a start-up value must be UTF-8 without control characters");
  // For every role: as a parameter of its own, what `options` calls "user" or "replication" would
  // become the real thing.
  if (why_not_grantable(name) == kNoSetting) return refuse_setting(role, name);
  if (role.unrestricted) return std::nullopt;
  if (const AllowedSetting* setting = find_allowed(name))
    return judge_values(upstream, *setting, {parameter.value}, /*one_text=*/true);
  if (is_granted(role, name)) return std::nullopt;
  return refuse_setting(role, name);
}

void put(std::vector<Parameter>& parameters, Parameter parameter) {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& each) { return each.name == parameter.name; });
  if (at != parameters.end())
    at->value = std::move(parameter.value);
  else
    parameters.push_back(std::move(parameter));
}

}  // namespace

Result<std::vector<Parameter>> judge_startup_parameters(const Role& role, const Upstream& upstream,
                                                        std::span<const Parameter> asked) {
  std::vector<Parameter> in_order;  // those of `options` first: explicit ones win over them
  for (const Parameter& each : asked) {
    if (each.name != "options") continue;
    Result<std::vector<Parameter>> settings = parse_options(each.value);
    if (!settings) return std::move(settings).error();
    std::move(settings->begin(), settings->end(), std::back_inserter(in_order));
  }
  for (const Parameter& each : asked)
    if (each.name != "options") in_order.push_back(each);

  std::vector<Parameter> result;
  // Compiling the conditions of its views takes a hundred times as long as evaluating them.
  if (role.is_scoped()) result.push_back({"jit", "off"});
  for (Parameter& each : in_order) {
    each.name = fold_case(each.name);
    if (std::optional<Error> refusal = judge_parameter(role, upstream, each))
      return *std::move(refusal);
    put(result, std::move(each));
  }
  for (Parameter& pinned : pinned_settings(role, upstream)) put(result, std::move(pinned));
  return result;
}

}  // namespace tracegate::policy
