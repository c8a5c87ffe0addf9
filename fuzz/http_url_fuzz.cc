// A URL that is taken must lead to the same place when libcurl reads the text.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/http_url.h"

namespace {

using tracegate::HttpUrl;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  for (char& c : copy)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return copy;
}

// An IPv6 address may be written in several ways.
std::string canonical(std::string host) {
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  in6_addr address{};
  if (::inet_pton(AF_INET6, host.c_str(), &address) != 1) return host;
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET6, &address, text.data(), text.size());
}

void compare_with_libcurl(const std::string& text, const HttpUrl& url) {
  const std::unique_ptr<CURLU, FreeUrl> theirs(curl_url());
  TG_CHECK(curl_url_set(theirs.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK,
           "a URL that libcurl refuses");
  TG_CHECK(canonical(part_of(theirs.get(), CURLUPART_HOST)) == canonical(url.host),
           "another host to libcurl");
  TG_CHECK(part_of(theirs.get(), CURLUPART_PORT) == std::to_string(url.port),
           "another port to libcurl");
  TG_CHECK(part_of(theirs.get(), CURLUPART_SCHEME) ==
               (url.scheme == HttpUrl::Scheme::kHttps ? "https" : "http"),
           "another scheme to libcurl");
  TG_CHECK(part_of(theirs.get(), CURLUPART_USER).empty(), "a user to libcurl");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto url = HttpUrl::parse(text);
  if (!url) return 0;
  TG_CHECK(!url->host.empty() && url->port != 0, "a URL that leads nowhere");
  TG_CHECK(url->path.empty() || url->path.front() == '/', "a path that is none");
  compare_with_libcurl(text, *url);
  // Written anew it is the same again.
  const std::string anew = url->origin() + url->path + (url->query ? "?" + *url->query : "");
  const auto again = HttpUrl::parse(anew);
  TG_CHECK(again.ok(), "a URL that cannot be read again");
  TG_CHECK(again->origin() == url->origin() && again->path == url->path &&
               again->query == url->query && again->is_loopback() == url->is_loopback(),
           "a URL that changes when it is read again");
  return 0;
}
