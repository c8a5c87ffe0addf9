// How the rows of a COPY stand in its CopyData messages, by the options of the statement.
// Source: PostgreSQL manual, COPY, "File Formats".
// Threading: plain values.
#pragma once

#include <cstdint>
#include <string>

namespace tracegate::proto {

struct CopyFormat {
  enum class Kind : std::uint8_t { kText, kCsv, kBinary };
  Kind kind = Kind::kText;
  char delimiter = '\t';     // kText and kCsv; ',' is the default of kCsv
  std::string null = "\\N";  // how NULL is written, likewise; "" is the default of kCsv
  bool header = false;       // likewise: the first line has the names of the columns
  char quote = '"';          // kCsv
  char escape = '"';         // kCsv
  bool operator==(const CopyFormat&) const = default;
};

}  // namespace tracegate::proto
