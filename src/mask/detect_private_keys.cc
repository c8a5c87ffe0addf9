#include "src/mask/detect_private_keys.h"

#include <algorithm>
#include <array>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::string_view kName = "PRIVATE KEY";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::size_t kLongestBlock = 64 * 1024;
constexpr std::array<char, 2> kSeparators = {kBehindKey, kBehindValue};
constexpr std::size_t kLine = 40;  // lines of a key are longer, but for the last

// The size of the text if it is not there.
std::size_t find_part(std::string_view text, std::string_view part, std::size_t from) {
  return std::min(text.find(part, from), text.size());
}

// Where the line begins that has the name at `name`, if it begins with `keyword`; else the size.
std::size_t line_with(std::string_view text, std::size_t name, std::string_view keyword) {
  constexpr std::size_t kLongestType = 24;  // "ENCRYPTED ", "OPENSSH ", "PGP "
  std::size_t at = name;                    // then that of the letters behind the dashes
  while (at > 0 && name - at < kLongestType &&
         (is(text[at - 1], kUpper | kDigit) || text[at - 1] == ' '))
    --at;
  const std::size_t farthest = at > kDashes.size() ? at - kDashes.size() : 0;
  return has_at(text, farthest, keyword) ? farthest : text.size();
}

// Line ends, escaped ones, quotes and commas of code: what stands between the lines of a key.
bool is_between_lines(char c) {
  return std::string_view(" \t\r\n\\\"',").find(c) != std::string_view::npos;
}
bool is_base64(char c) {
  return is(c, kToken) || c == '=';
}

// Headers of a block (RFC 1421: "DEK-Info: ...") and the empty line behind them.
std::size_t behind_headers(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongestHeader = 200;
  constexpr int kMostHeaders = 8;
  for (int headers = 0; headers < kMostHeaders; ++headers) {
    const std::string_view near = text.substr(at, kLongestHeader);
    const std::size_t line = near.find_first_not_of(" \t\r\n\\\"");
    if (line == std::string_view::npos) return at;
    const std::size_t colon = near.find(": ", line);
    const std::size_t line_end = std::min(near.find('\n', line), near.find("\\n", line));
    if (colon == std::string_view::npos || colon > line_end) return at;
    const std::string_view header = near.substr(line, line_end - line);
    if (header.find_first_of({kSeparators.data(), kSeparators.size()}) != std::string_view::npos)
      return at;
    at += line_end == std::string_view::npos ? near.size() : line_end;
  }
  return at;
}

// A block without an end: as far as it looks like the lines of a key, and one shorter line.
std::size_t end_of_cut_block(std::string_view text, std::size_t body) {
  std::size_t end = behind_headers(text, body);
  for (std::size_t at = end; at < text.size();) {
    while (at < text.size() && is_between_lines(text[at])) ++at;
    const std::size_t line = at;
    while (at < text.size() && is_base64(text[at])) ++at;
    if (at == line) break;
    if (at - line == 1) continue;  // of an escape
    end = at;
    if (at - line < kLine) break;
  }
  return end;
}

// Likewise backwards from the END of a block that has no begin.
std::size_t begin_of_cut_block(std::string_view text, std::size_t farthest, std::size_t last_line) {
  std::size_t begin = last_line;
  bool first = true;
  for (std::size_t at = begin; at > farthest;) {
    while (at > farthest && is_between_lines(text[at - 1])) --at;
    const std::size_t line_end = at;
    while (at > farthest && is_base64(text[at - 1])) --at;
    const std::size_t size = line_end - at;
    if (size == 0) break;
    if (size == 1) continue;
    if (size < kLine && !first && at != farthest) break;
    begin = at;
    first = false;
  }
  return begin;
}

std::size_t line_end(std::string_view text, std::size_t name) {
  std::size_t at = name + kName.size();
  if (has_at(text, at, " BLOCK")) at += 6;
  return has_at(text, at, kDashes) ? at + kDashes.size() : 0;
}

}  // namespace

void find_private_keys(Search& search) {
  const std::string_view text = search.text;
  if (!search.wanted.has(Kind::kPrivateKey)) return;
  std::size_t from = 0;  // behind the last that was found
  for (std::size_t name = find_part(text, kName, 0); name < text.size();
       name = find_part(text, kName, std::max(from, name + kName.size()))) {
    const std::size_t body = line_end(text, name);
    if (body == 0) continue;
    std::size_t begin = line_with(text, name, kBegin);
    std::size_t end = body;
    if (begin < text.size()) {
      const std::size_t dashes = find_part(text, kDashes, body);
      const bool ends = has_at(text, dashes, kEnd) && dashes - body <= kLongestBlock;
      const std::size_t close = ends ? find_part(text, kDashes, dashes + kEnd.size()) : text.size();
      const bool closes = close < text.size() && close - dashes < 80;
      end = closes ? close + kDashes.size() : end_of_cut_block(text, body);
    } else {
      const std::size_t last_line = line_with(text, name, kEnd);
      if (last_line >= text.size() || last_line < from) continue;
      const std::size_t window = last_line > kLongestBlock ? last_line - kLongestBlock : 0;
      begin = begin_of_cut_block(text, std::max(from, window), last_line);
    }
    search.add(Kind::kPrivateKey, begin, end);
    from = end;
  }
}

}  // namespace tracegate::mask::detect
