// The state of a connection being made. Private to src/net; here for the tests, which give it a
// list of addresses as a resolver would.
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/connect.h"
#include "src/net/loop_core.h"
#include "src/net/socket.h"
#include "src/net/stream_core.h"

namespace tracegate::net {

class Connecting::Core final : public Deferred {
 public:
  Core(Loop& loop, const ConnectOptions& options, OnConnected on_connected);
  ~Core() override;

  // One of these two, once.
  void resolve();
  void try_addresses(std::vector<SocketAddress> addresses);

  void run_deferred() override;

 private:
  struct Lookup;
  struct Attempt;

  void on_resolved(int status, const addrinfo* list);
  void try_next();
  [[nodiscard]] int start_attempt(const SocketAddress& address);
  void on_attempt(int status);
  void on_timeout();
  void drop_lookup();
  void drop_attempt();
  void add_failure(const SocketAddress& address, std::string_view reason);
  void fail_later();
  void finish_failed();
  void finish(Result<std::unique_ptr<Stream>> result);

  Loop& loop_;
  const ConnectOptions options_;
  OnConnected on_connected_;
  const Microseconds deadline_;
  Timer timer_;  // of the look-up or of the attempt under way
  Lookup* lookup_ = nullptr;
  Attempt* attempt_ = nullptr;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  std::string failures_;  // "192.0.2.7:5432: connection refused; ..."
};

}  // namespace tracegate::net
