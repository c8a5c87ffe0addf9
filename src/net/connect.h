// Makes an outgoing TCP connection without blocking: resolves the host, then tries its addresses
// one after the other until one answers.
//
// Threading: the loop's thread; names are resolved on libuv's resolver threads, numeric addresses
// at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/net/stream.h"

namespace tracegate::net {

struct ConnectOptions {
  std::string host = {};  // a name or a numeric address, without brackets
  std::uint16_t port = 0;
  // For everything together. Each address gets an equal share of what is left when its turn comes,
  // so that one which never answers does not keep the next from being tried.
  Milliseconds timeout{5000};
  std::optional<std::chrono::seconds> keepalive = std::nullopt;  // see ListenOptions
};

// A connection being made. Destroying it gives up: the callback does not come any more.
class Connecting {
 public:
  class Core;
  explicit Connecting(std::unique_ptr<Core> core);
  ~Connecting();
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;

 private:
  std::unique_ptr<Core> core_;
};

// The error names each address that was tried and why it failed. SQLSTATE 08001.
using OnConnected = std::function<void(Result<std::unique_ptr<Stream>>)>;

// `on_connected` is called once, from the loop, never from inside connect(); it may destroy the
// Connecting.
[[nodiscard]] std::unique_ptr<Connecting> connect(Loop& loop, const ConnectOptions& options,
                                                  OnConnected on_connected);

}  // namespace tracegate::net
