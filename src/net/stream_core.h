// The libuv side of Stream. Private to src/net.
//
// A core outlives its Stream until libuv's close callback, so every function may go on using its
// members after a callback into the handler; it asks phase_ whether there is anything left to do.
#pragma once

#include <uv.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "src/net/loop_core.h"
#include "src/net/socket.h"
#include "src/net/stream.h"
#include "src/net/tls_channel.h"

namespace tracegate::net {

class StreamCore final : public Deferred {
 public:
  // Frees itself, see abandon().
  explicit StreamCore(Loop& loop);

  [[nodiscard]] uv_tcp_t* uv() { return &tcp_; }
  [[nodiscard]] int fd() const;
  // Takes a connected socket over, also if it fails: then it is closed with the core.
  [[nodiscard]] int adopt(int fd, const SocketAddress& peer);
  void set_peer(const SocketAddress& peer) { peer_ = peer.to_string(); }

  void attach(Stream& owner) { owner_ = &owner; }
  // Nobody refers to the core any more: closes it, then frees it. No callback follows.
  void abandon();

  void set_handler(StreamHandler& handler);
  void pause();
  void resume();
  void write(std::span<const ByteView> pieces);
  void close(std::string_view reason);
  void close_after_flush(std::string_view reason);
  void start_tls(std::unique_ptr<TlsChannel> channel, ByteView initial_bytes);

  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] bool open() const { return phase_ == Phase::kOpen; }
  [[nodiscard]] std::size_t queued_bytes() const;
  void set_write_limits(WriteLimits limits) { limits_ = limits; }
  [[nodiscard]] const std::string& peer() const { return peer_; }

  void run_deferred() override;

 private:
  enum class Phase {
    kOpen,
    kFlushing,   // sends its queue, discards what comes in
    kLingering,  // has sent its FIN, discards what comes in until the peer's
    kClosing,    // waits for libuv's close callback
    kClosed,     // only waits for its Stream to go, after telling the handler
  };

  ~StreamCore() override = default;

  // Reading, stream_core.cc.
  void start_reading();
  void stop_reading();
  [[nodiscard]] bool wants_bytes() const;
  void on_read(ssize_t size, const uv_buf_t& buffer);
  void on_unwanted_bytes();
  void on_end(int code);
  [[nodiscard]] std::string end_reason(int code) const;

  // Writing, stream_core.cc. Both send in plain what they are given.
  void send(std::span<const ByteView> pieces);
  void queue(ByteView bytes);
  void write_queue();
  void on_written(int status);
  void check_drained();

  // Closing, stream_core.cc.
  void begin_close(std::string_view reason);
  void fail(std::string_view why);
  void begin_linger();
  void on_deadline();
  void on_uv_closed();
  void tell_closed();

  // TLS, stream_tls.cc.
  [[nodiscard]] bool may_decrypt() const;
  void decrypt(ByteView cipher);
  void pump();
  [[nodiscard]] TlsStep pump_handshake();
  [[nodiscard]] TlsStep pump_records();
  void encrypt(std::span<const ByteView> pieces);
  [[nodiscard]] bool encrypt_some(ByteView plain);
  void send_cipher();
  void fail_tls(std::string_view what);

  LoopCore& loop_;
  uv_tcp_t tcp_{};
  Stream* owner_ = nullptr;
  StreamHandler* handler_ = nullptr;
  Phase phase_ = Phase::kOpen;
  bool paused_ = false;
  bool reading_ = false;    // libuv polls for input
  bool peer_done_ = false;  // the peer's FIN came while flushing
  bool told_closed_ = false;

  // At most one uv_write at a time, of in_flight_; what comes meanwhile collects in waiting_.
  uv_write_t write_request_{};
  Bytes in_flight_;
  Bytes waiting_;
  bool above_high_water_ = false;
  WriteLimits limits_;

  std::unique_ptr<TlsChannel> tls_;
  bool tls_direct_ = false;
  bool tls_failed_ = false;   // nothing can be encrypted any more, not even a close_notify
  bool undelivered_ = false;  // tls_ or held_ has bytes for the handler that it could not take yet
  Bytes held_;                // encrypted

  std::unique_ptr<Timer> deadline_;  // of close_after_flush
  std::string close_reason_;
  std::string peer_;
};

}  // namespace tracegate::net
