// Asks HTTP servers, from one thread of its own: the documents of identity providers, and messages
// to web hooks. Sole user of libcurl, which does not show here.
//
// What a request may reach
//   - https with the certificate's chain, its name and its dates verified, always; TLS 1.2 or later
//     with forward secret AEAD ciphers, as src/net. There is no setting that turns it off.
//     Revocation is not checked.
//   - plain http only where the request says PlainHttp::kLoopback, and only to this machine: the
//     address that is connected to must be of the loopback, whatever the name resolves to.
//   - nothing else: other schemes, user names in URLs and malformed URLs are refused before
//     anything is sent (src/base/http_url.h). Redirects are not followed: a 3xx is an answer like
//     any other. No proxy, .netrc, cookie, HSTS or alt-svc store is used, whatever the environment
//     says.
//   - each request has a connection of its own: no connection and no TLS session of one request
//     serves another.
//
// What an answer may be
//   HTTP/1.x with a body of at most max_body bytes, counted while it is read, whose end the server
//   says: by Content-Length or by chunks, not by closing the connection, which a cut looks like,
//   too. Without Content-Encoding, as none is offered: what is compressed could be of any size. Any
//   status is an answer. See response_headers.h for what the header may be.
//
// Time: the callback comes at most total_timeout after get() or post(), waiting in the queue, name
// look-up and a server that sends a byte a second included. A look-up that hangs is left behind:
// the resolver cannot be interrupted, its thread ends by itself.
//
// Bounds: at most max_under_way requests at a time, others wait in order, at most max_waiting;
// beyond that get() and post() fail at once.
//
// Errors are one printable line, "https://host:port: what happened". They never hold the path or
// the query of a URL (a web hook's is a secret), a header or a body, of either side.
//
// Threading: get(), post() and the destructor of a Call from any thread. Callbacks run on the
// client's thread, one at a time, never inside get() or post(), and must be short and not throw:
// other requests rest meanwhile. A callback may start requests and destroy any Call, its own
// included; never the client.
//
// Lifetime: every Call is destroyed before its HttpClient (checked: the destructor terminates
// otherwise).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/http/response_headers.h"

namespace tracegate::http {

enum class PlainHttp { kRefused, kLoopback };

struct RequestHeader {
  std::string name;
  // Printable ASCII, not empty. A Secret as it may be one (Authorization); libcurl's copies, which
  // last as long as the request, are not wiped.
  Secret value;
};

struct Request {
  std::string url = {};
  // PEM. Only these authorities vouch for the server, in place of the system's: who names one means
  // that one, and no other. An intermediate authority is trusted as it stands. Empty: the system's
  // trust store.
  std::string ca_file = {};
  PlainHttp plain_http = PlainHttp::kRefused;
  Milliseconds total_timeout{10'000};
  // For name look-up, TCP and TLS together.
  Milliseconds connect_timeout{5'000};
  ByteCount max_body = 256_KiB;
  // Not those that frame the message: Host, Content-Length, Transfer-Encoding, Connection, and what
  // belongs to them. Content-Type is post()'s.
  std::vector<RequestHeader> headers = {};
};

struct RequestBody {
  std::string content_type = {};  // printable ASCII, not empty
  std::string bytes = {};
};

struct Response {
  int status = 0;  // 200 to 599
  ResponseHeaders headers = {};
  std::string body = {};
};

struct ClientLimits {
  std::size_t max_under_way = 16;  // at least 1
  std::size_t max_waiting = 256;
};

using OnResponse = std::function<void(Result<Response>)>;

// A request that was taken. Destroying it gives the request up: once the destructor has returned,
// the callback does not run any more, does not run just now, and what it captured is gone. (If the
// callback is running on the client's thread, the destructor waits for it, unless it is the
// callback that destroys it. So whoever destroys it holds no lock that the callback takes.)
class Call {
 public:
  class Core;
  explicit Call(std::unique_ptr<Core> core);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  std::unique_ptr<Core> core_;
};

class HttpClient {
 public:
  explicit HttpClient(ClientLimits limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // An error: the request is not one that may be sent, or too many wait; `on_response` is dropped
  // and never runs. Otherwise it runs exactly once, unless the Call is destroyed before.
  [[nodiscard]] Result<std::unique_ptr<Call>> get(Request request, OnResponse on_response);
  [[nodiscard]] Result<std::unique_ptr<Call>> post(Request request, RequestBody body,
                                                   OnResponse on_response);

  class Core;

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace tracegate::http
