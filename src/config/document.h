// TOML files (TOML 1.0, https://toml.io/en/v1.0.0) as plain values that know where they were
// written, and a folder of such files as one document.
//
// document.cc is the only user of toml++; it turns its exceptions and nodes into what stands here.
// What is refused before parsing: files over 1 MiB, lines over 4 KiB (deep dotted keys make the
// parser recurse), text that is not UTF-8.
//
// Threading: plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "src/config/diagnostics.h"

namespace tracegate::config {

enum class Kind : std::uint8_t { kString, kInteger, kFloat, kBoolean, kDateTime, kArray, kTable };
// "a string", "an integer", ..., as messages say it.
[[nodiscard]] std::string_view describe(Kind kind);

struct Member;

struct Value {
  Kind kind = Kind::kTable;
  Place place;                  // of the value; of its header for a table that has one
  std::string text;             // kString: the string; other scalars: as they would be written
  std::int64_t integer = 0;     // kInteger
  bool boolean = false;         // kBoolean
  std::vector<Value> elements;  // kArray
  std::vector<Member> members;  // kTable, in order of key

  [[nodiscard]] const Member* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Place key_place;
  Value value;
};

// One file's text as a table; `file` is the name used in places. What is wrong goes to `out`, and
// then the table is empty.
[[nodiscard]] Value parse_document(std::string_view text, const std::string& file,
                                   Diagnostics& out);

// Every *.toml of `folder`, in order of name, as one table: arrays of tables ([[listener]]) are
// joined, tables of tables (role.reader, role.writer) united; anything else that two files define
// is an error that names both places. Hidden files are skipped, symbolic links followed.
[[nodiscard]] Value read_folder(const std::filesystem::path& folder, Diagnostics& out);

inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxLineBytes = 4096;
inline constexpr std::size_t kMaxFiles = 1000;

}  // namespace tracegate::config
