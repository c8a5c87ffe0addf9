// Passes one cancel request on to the store: a connection of its own, as the protocol has it
// (55.2.7), through TLS where the store is reached through TLS, so that the key never travels in
// the clear. Nobody waits for it: it ends by itself, whatever becomes of it. Threading: one loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/net/connect.h"
#include "src/net/stream.h"

namespace tracegate::relay {

class Canceller final : private net::StreamHandler {
 public:
  // `tls` may be null: the store is reached without. `done` is called once, from the loop, and may
  // destroy this object.
  Canceller(net::Loop& loop, const net::ConnectOptions& store,
            std::shared_ptr<const net::TlsClientContext> tls, std::int32_t process_id, Bytes key,
            std::function<void()> done);
  ~Canceller() override;

 private:
  void on_connected(Result<std::unique_ptr<net::Stream>> stream);
  void send_request();
  void on_data(net::Stream& stream, ByteView bytes) override;
  void on_drained(net::Stream& stream) override;
  void on_closed(net::Stream& stream, std::string_view reason) override;
  void on_tls(net::Stream& stream, const net::TlsInfo& info) override;

  const std::string host_;
  const std::shared_ptr<const net::TlsClientContext> tls_;
  const std::int32_t process_id_;
  Bytes key_;
  std::function<void()> done_;
  std::unique_ptr<net::Connecting> connecting_;
  std::unique_ptr<net::Stream> stream_;
  bool asked_for_tls_ = false;
  net::Timer timeout_;
};

}  // namespace tracegate::relay
