#include "src/config/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "src/config/diagnostics.h"

namespace tracegate::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kDurationUnits[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kSizeUnits[] = {{"B", 1},
                               {"KiB", std::uint64_t{1} << 10},
                               {"MiB", std::uint64_t{1} << 20},
                               {"GiB", std::uint64_t{1} << 30},
                               {"TiB", std::uint64_t{1} << 40}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The whole of `text` as a decimal number without sign.
template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Digits and one of `units` behind them; at most INT64_MAX of the smallest unit.
std::optional<std::uint64_t> quantity(std::string_view text, std::span<const Unit> units) {
  const auto unit_at =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const std::optional<std::uint64_t> count = number<std::uint64_t>(text.substr(0, unit_at));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& each) {
    return each.name == text.substr(unit_at);
  });
  if (!count || unit == units.end()) return std::nullopt;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (*count > kMost / unit->factor) return std::nullopt;
  return *count * unit->factor;
}

std::string in_largest_unit(std::uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0) best = &unit;
  return fmt::format("{}{}", value / best->factor, best->name);
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
  const std::optional<std::uint64_t> value = quantity(text, kDurationUnits);
  if (!value)
    return Error(
        "", in_quotes(text) + " is not a duration",
        "write a whole number and its unit: \"500ms\", \"10s\", \"5min\", \"8h\", \"30d\"");
  return Milliseconds(static_cast<std::int64_t>(*value));
}

Result<ByteCount> parse_size(std::string_view text) {
  const std::optional<std::uint64_t> value = quantity(text, kSizeUnits);
  if (!value)
    return Error("", in_quotes(text) + " is not a size",
                 "write a whole number and its unit: \"512B\", \"64KiB\", \"16MiB\", \"1GiB\"");
  return ByteCount{*value};
}

std::string Endpoint::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

bool Endpoint::is_loopback() const {
  if (host == "localhost" || host == "::1") return true;
  // 127.0.0.0/8 in four parts; anything else that starts so ("127.example.org") is a name.
  if (!host.starts_with("127.") || std::count(host.begin(), host.end(), '.') != 3) return false;
  std::string_view rest = host;
  for (int part = 0; part < 4; ++part) {
    const std::string_view digits = rest.substr(0, rest.find('.'));
    if (!number<std::uint8_t>(digits)) return false;
    rest.remove_prefix(std::min(rest.size(), digits.size() + 1));
  }
  return true;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const Error malformed("", in_quotes(text) + " is not a host and a port",
                        "write \"host:port\", \"127.0.0.1:5432\" or \"[::1]:5432\"");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed;
  std::string_view host = text.substr(0, colon);
  const std::optional<std::uint16_t> port = number<std::uint16_t>(text.substr(colon + 1));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool fits = std::all_of(host.begin(), host.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || is_digit(c) || c == '.' || c == '-' || c == '_' ||
           (bracketed && (c == ':' || c == '%'));
  });
  constexpr std::size_t kLongestHost = 255;  // RFC 1035
  if (host.empty() || host.size() > kLongestHost || !fits || !port) return malformed;
  if (bracketed && host.find(':') == std::string_view::npos) return malformed;
  return Endpoint{std::string(host), *port};
}

std::string to_string(Milliseconds duration) {
  return in_largest_unit(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string to_string(ByteCount size) {
  return in_largest_unit(size.value, kSizeUnits);
}

}  // namespace tracegate::config
