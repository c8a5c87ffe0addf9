// Streams of messages in a form to compare and to read:
//   "Parse(s1: SELECT 1) Bind(-> s1) Execute() Sync"
//   "ParseComplete BindComplete Row(1) Complete(SELECT 1) Ready(I)"
// A message that is not complete yet stands as "...". A refused statement's replacement stands as
// Parse(<refused>) or Query(<refused>).
#pragma once

#include <string>
#include <string_view>

namespace tracegate::session::testing {

[[nodiscard]] std::string readable_client_stream(std::string_view bytes);
[[nodiscard]] std::string readable_store_stream(std::string_view bytes);

}  // namespace tracegate::session::testing
