// Accepts TCP connections on one address.
//
// Accepted streams have TCP_NODELAY set and are closed on exec. Running out of descriptors or
// memory is survived: it is logged, and accepting rests for kAcceptPause while clients wait in the
// backlog.
//
// Threading: the loop's thread. With ReusePort::kYes each worker has a listener of its own on the
// same address, and the kernel spreads the clients over them.
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

enum class ReusePort { kNo, kYes };

struct ListenOptions {
  std::string address = {};  // numeric IPv4 or IPv6, without brackets; "::" does not include IPv4
  std::uint16_t port = 0;    // 0: the system picks one, see bound_port()
  ReusePort reuse_port = ReusePort::kNo;
  // Probe silent peers after so long; one that never answers is closed after three times that.
  std::optional<std::chrono::seconds> keepalive = std::nullopt;
};

class Listener {
 public:
  // The stream has no handler yet and reads nothing until it gets one; dropping it closes it.
  using OnAccept = std::function<void(std::unique_ptr<Stream>)>;

  [[nodiscard]] static Result<std::unique_ptr<Listener>> listen(Loop& loop,
                                                                const ListenOptions& options,
                                                                OnAccept on_accept);
  // Stops listening; accepted streams are not concerned. May happen inside `on_accept`.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint16_t bound_port() const;

  static constexpr int kBacklog = 512;
  static constexpr Milliseconds kAcceptPause{100};

  class Core;

 private:
  explicit Listener(Core* core) : core_(core) {}
  Core* core_;  // frees itself once libuv has let go of it
};

}  // namespace tracegate::net
