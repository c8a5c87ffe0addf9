#include "src/session/login/startup_parameters.h"

#include "src/base/utf8.h"

namespace tracegate::session {

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_length(text);
    if (size == 0) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x20 || byte(0) == 0x7f || (byte(0) == 0xc2 && byte(1) < 0xa0)) return false;
    text.remove_prefix(size);
  }
  return true;
}

Status check_startup_parameters(std::span<const proto::StartupParameter> parameters) {
  std::vector<std::string_view> names;
  names.reserve(parameters.size());
  for (const proto::StartupParameter& parameter : parameters) {
    if (!is_clean_text(parameter.name) || !is_clean_text(parameter.value)) {
      return Error("08P01", "a startup parameter is not valid UTF-8 or has control characters",
                   "Send names and values in UTF-8, without line breaks.");
    }
    names.push_back(parameter.name);
  }
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    return Error("08P01", "a startup parameter stands twice");
  return Ok{};
}

bool asks_for_replication(std::string_view value) {
  std::string lower(value);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "0") return false;
  // parse_bool() takes any prefix; of "off" and "on" only unambiguous ones.
  for (const std::string_view spelling : {"false", "no"})
    if (!lower.empty() && spelling.starts_with(lower)) return false;
  return lower != "of" && lower != "off";
}

}  // namespace tracegate::session
