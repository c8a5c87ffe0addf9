// One request and its answer on a handle of libcurl. Private to src/http.
// Threading: made on any thread, then the client's only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "src/base/http_url.h"
#include "src/http/client.h"

namespace tracegate::http {

// What is to be sent, found to be well formed.
struct Order {
  Request request = {};
  HttpUrl url = {};
  std::optional<RequestBody> body = std::nullopt;  // a POST

  [[nodiscard]] static Result<Order> make(Request request, std::optional<RequestBody> body);
};

// Before the first use of libcurl; any number of times, from any thread.
void initialise_libcurl();

class Transfer {
 public:
  // `time_left`: for all of it, at least 1 ms.
  Transfer(Order order, Milliseconds time_left);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_; }
  // `code` is how libcurl says it ended. Called once.
  [[nodiscard]] Result<Response> finish(CURLcode code);

 private:
  static std::size_t on_header(char* bytes, std::size_t one, std::size_t size, void* self);
  static std::size_t on_body(char* bytes, std::size_t one, std::size_t size, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  template <typename T>
  void set(CURLoption option, T value);
  void set_reach();
  void set_limits(Milliseconds time_left);
  void set_callbacks();
  void set_headers();
  void add_header(const std::string& line);
  // The first reason counts.
  void refuse(std::string reason);

  const Order order_;
  CURL* const handle_;
  curl_slist* header_lines_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> curl_error_{};
  std::string refusal_;  // why we ended it ourselves
  HeaderReader header_;
  std::string body_;
};

// "https://host:port: what happened", printable.
[[nodiscard]] Error error_at(const HttpUrl& url, std::string_view what);

}  // namespace tracegate::http
