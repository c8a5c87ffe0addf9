// The operational log: one line an event on standard error. It is not the audit record (that is
// src/journal) and never carries statement text, row data or secrets; text from peers goes through
// printable(), so that no control character reaches a terminal or splits a line.
// Thread-safe. Sole user of spdlog together with log.cc.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tracegate::log {

enum class Level { kDebug, kInfo, kWarn, kError };

void set_level(Level level);
[[nodiscard]] bool enabled(Level level);
void write(Level level, std::string_view line);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug))
    write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarn)) write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError))
    write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

// `text` with every character that is_invisible() (utf8.h), and every byte that is not part of
// valid UTF-8, written as \xNN, cut to `limit` bytes with "..." behind.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace tracegate::log
