#include "src/http/transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <type_traits>

#include "src/base/log.h"
#include "src/http/text.h"

namespace tracegate::http {
namespace {

// For TLS 1.2, as in src/net; the suites of 1.3 are all of this kind.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::size_t kMaxErrorText = 300;

// They say where the message ends or to whom it goes, which is libcurl's to say, or ask for what
// the client does not do.
constexpr std::array<std::string_view, 12> kOurHeaders = {"accept-encoding",
                                                          "connection",
                                                          "content-encoding",
                                                          "content-length",
                                                          "content-type",
                                                          "expect",
                                                          "host",
                                                          "keep-alive",
                                                          "te",
                                                          "trailer",
                                                          "transfer-encoding",
                                                          "upgrade"};

bool is_printable_ascii(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return address.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

Status check_headers(const Request& request) {
  for (const RequestHeader& header : request.headers) {
    const auto is_name = [&](std::string_view name) {
      return equal_ignoring_case(name, header.name);
    };
    if (!is_token(header.name)) return Error("a request header's name is malformed");
    if (std::any_of(kOurHeaders.begin(), kOurHeaders.end(), is_name))
      return Error("a request may not set the header " + header.name);
    // With white space alone libcurl would leave the header out.
    if (!is_printable_ascii(trimmed(header.value.reveal())))
      return Error("the value of the request header " + header.name + " is not printable ASCII");
  }
  return Ok{};
}

}  // namespace

Error error_at(const HttpUrl& url, std::string_view what) {
  return Error(url.origin() + ": " + log::printable(what, kMaxErrorText));
}

Result<Order> Order::make(Request request, std::optional<RequestBody> body) {
  Result<HttpUrl> url = HttpUrl::parse(request.url);
  if (!url) return std::move(url).error();
  if (url->scheme == HttpUrl::Scheme::kHttp &&
      (request.plain_http == PlainHttp::kRefused || !url->is_loopback()))
    return error_at(*url, request.plain_http == PlainHttp::kRefused
                              ? "plain http is refused, https is required"
                              : "plain http is for addresses of this machine only");
  if (request.total_timeout < Milliseconds{1} || request.connect_timeout < Milliseconds{1})
    return error_at(*url, "a time limit is below one millisecond");
  if (body && !is_printable_ascii(body->content_type))
    return error_at(*url, "the content type of a request is not printable ASCII");
  if (Status checked = check_headers(request); !checked)
    return error_at(*url, checked.error().message);
  return Order{std::move(request), std::move(url).value(), std::move(body)};
}

void initialise_libcurl() {
  // Never undone: OpenSSL, which it initialises, is in use by others.
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  TG_CHECK(code == CURLE_OK, "libcurl cannot be initialised");
}

Transfer::Transfer(Order order, Milliseconds time_left)
    : order_(std::move(order)), handle_(curl_easy_init()) {
  TG_CHECK(handle_ != nullptr, "no memory for a request");
  set_reach();
  set_limits(time_left);
  set_callbacks();
  set_headers();
}

Transfer::~Transfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(header_lines_);
}

// A setting that libcurl does not take would leave a protection out: not to be survived.
template <typename T>
void Transfer::set(CURLoption option, T value) {
  static_assert(std::is_same_v<T, long> || std::is_same_v<T, curl_off_t> || std::is_pointer_v<T>,
                "libcurl reads the value as a long, a curl_off_t or a pointer");
  const CURLcode code = curl_easy_setopt(handle_, option, value);
  TG_CHECK(code == CURLE_OK, curl_easy_strerror(code));
}

void Transfer::set_reach() {
  set(CURLOPT_URL, order_.request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, order_.url.scheme == HttpUrl::Scheme::kHttps ? "https" : "http");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_HTTP09_ALLOWED, 0L);

  // An empty name is no proxy, whatever https_proxy and others say.
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);

  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(CURLOPT_SSL_CIPHER_LIST, kCiphers);
  if (order_.request.ca_file.empty()) return;
  set(CURLOPT_CAINFO, order_.request.ca_file.c_str());
  // Debian's libcurl has a folder of authorities by default, beside which a file would only be one
  // more.
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void Transfer::set_limits(Milliseconds time_left) {
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(time_left.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(time_left, order_.request.connect_timeout).count()));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(order_.request.max_body.value));
  // No SIGALRM; and a look-up that hangs is left to its thread rather than waited for.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
}

void Transfer::set_callbacks() {
  set(CURLOPT_ERRORBUFFER, curl_error_.data());
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
}

void Transfer::set_headers() {
  add_header("User-Agent: tracegate");
  if (order_.body) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, order_.body->bytes.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(order_.body->bytes.size()));
    add_header("Content-Type: " + order_.body->content_type);
    add_header("Expect:");  // a body of more than 1 MB would else wait for a 100
  }
  for (const RequestHeader& header : order_.request.headers)
    add_header(header.name + ": " + std::string(header.value.reveal()));
  set(CURLOPT_HTTPHEADER, header_lines_);
}

void Transfer::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(header_lines_, line.c_str());
  TG_CHECK(longer != nullptr, "no memory for a request");
  header_lines_ = longer;
}

void Transfer::refuse(std::string reason) {
  if (refusal_.empty()) refusal_ = std::move(reason);
}

std::size_t Transfer::on_header(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const Status added = transfer.header_.add({bytes, size});
  if (added) return size;
  transfer.refuse(added.error().message);
  return 0;
}

std::size_t Transfer::on_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::uint64_t limit = transfer.order_.request.max_body.value;
  if (!transfer.header_.delimited()) {
    transfer.refuse("the answer does not say where its body ends");
  } else if (size > limit - transfer.body_.size()) {
    transfer.refuse("the answer is larger than " + std::to_string(limit) + " bytes");
  } else {
    transfer.body_.append(bytes, size);
    return size;
  }
  return 0;
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.order_.url.scheme == HttpUrl::Scheme::kHttp && !is_loopback(address->addr)) {
    transfer.refuse("plain http is for addresses of this machine only");
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Result<Response> Transfer::finish(CURLcode code) {
  if (!refusal_.empty()) return error_at(order_.url, refusal_);
  if (code == CURLE_FILESIZE_EXCEEDED)
    return error_at(order_.url, "the answer is larger than " +
                                    std::to_string(order_.request.max_body.value) + " bytes");
  if (code != CURLE_OK)
    return error_at(order_.url,
                    curl_error_.front() != '\0' ? curl_error_.data() : curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 599)
    return error_at(order_.url, "the answer has the status " + std::to_string(status));
  return Response{static_cast<int>(status), header_.headers(), std::move(body_)};
}

}  // namespace tracegate::http
