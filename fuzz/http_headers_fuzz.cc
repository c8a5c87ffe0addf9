// The header of an HTTP answer, as lines, and what it says of when to ask again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/http/freshness.h"
#include "src/http/response_headers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tracegate::http;  // NOLINT
  std::string_view text(reinterpret_cast<const char*>(data), size);
  HeaderReader reader;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == text.npos ? text.npos : end + 1);
    text.remove_prefix(line.size());
    if (!reader.add(line)) return 0;
  }
  const auto fresh = fresh_for(reader.headers());
  TG_CHECK(!fresh || (fresh->count() >= 0 && *fresh <= kLongestDelta), "fresh for an odd time");
  TG_CHECK(!fresh || reader.headers().cache_control, "fresh without Cache-Control");
  const auto pause = retry_after(reader.headers());
  TG_CHECK(!pause || (pause->count() >= 0 && *pause <= kLongestDelta), "an odd pause");
  return 0;
}
