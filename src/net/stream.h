// One TCP connection, plain at first, that can become TLS in the middle (as server or as client).
//
// Bytes come in through StreamHandler::on_data out of one buffer that all streams of a loop share,
// so an idle connection holds no buffer; the handler copies what it does not consume. Bytes go out
// at once if the kernel takes them; only what it does not take is copied and queued. The queue has
// no hard limit: whoever writes looks at queued_bytes() and stops reading from its source above
// high_water until on_drained. Nothing here blocks, nothing is dropped while the stream is open.
//
// Costs in system calls: one read for each readable event (more only if it filled the buffer), one
// write for each write(). pause_reading() and resume_reading() cost none unless bytes arrive while
// paused.
//
// Callbacks are never called from inside a function of Stream; they come from the loop. on_closed
// is called exactly once in the life of a stream, whoever ends it, and nothing is called after it;
// destroying the stream ends its callbacks, and may be done inside any of them. TLS: see tls.h.
//
// Threading: the loop's thread only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/net/loop.h"
#include "src/net/tls.h"

namespace tracegate::net {

class Stream;
class StreamCore;  // the libuv side, known to src/net only

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // `bytes` is never empty and valid during the call only. Decrypted, if the stream is TLS.
  virtual void on_data(Stream& stream, ByteView bytes) = 0;
  // A queue that had reached high_water has fallen to low_water or below.
  virtual void on_drained(Stream& stream) = 0;
  // The stream has ended; `reason` is one line for the log ("closed by peer", "connection reset by
  // peer", what close() was given), without control characters, valid during the call only.
  virtual void on_closed(Stream& stream, std::string_view reason) = 0;
  // The TLS handshake is complete. `info` is valid during the call only.
  virtual void on_tls(Stream& stream, const TlsInfo& info) = 0;
};

struct WriteLimits {
  ByteCount high_water = 256_KiB;
  ByteCount low_water = 64_KiB;
};

class Stream {
 public:
  // Streams come from Listener and connect().
  explicit Stream(StreamCore* core);
  // Drops what is queued and closes. No callback follows.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Who receives the events, from now on; must outlive the stream or be replaced. Reading begins
  // with the first call.
  void set_handler(StreamHandler& handler);

  // Both may be called in any state, any number of times. After pause_reading() has returned, no
  // on_data comes until resume_reading(), a TLS handshake rests, and bytes that have been taken
  // from the socket already (at most one read of 64 KiB) are kept. The end of the connection is
  // still noticed while paused if nothing lies unread before it, and then reported.
  void pause_reading();
  void resume_reading();
  [[nodiscard]] bool reading_paused() const;

  // Sends the pieces in order, as one system call and, under TLS, in as few records as they fit
  // into. The bytes are borrowed for the call only. A failure is reported by on_closed. Ignored
  // once the stream is closing, and while a TLS handshake is under way, when there is no channel
  // that these bytes could be meant for.
  void write(std::span<const ByteView> pieces);
  void write(ByteView bytes) { write({&bytes, 1}); }

  // Bytes that wait for the kernel to take them (as sent: encrypted, if the stream is TLS).
  [[nodiscard]] std::size_t queued_bytes() const;
  void set_write_limits(WriteLimits limits);

  // Closes now; what is queued is dropped. on_closed follows with `reason`.
  void close(std::string_view reason = "closed by the gateway");

  // Sends what is queued (and TLS close_notify), then our FIN, then waits for the peer's, so that a
  // last error message is not lost to a reset; what the peer still sends is discarded. Bounded:
  // kFlushTimeout for the queue and kLingerTimeout for the peer. on_closed follows with `reason`.
  void close_after_flush(std::string_view reason = "closed by the gateway");
  static constexpr Milliseconds kFlushTimeout{5000};
  static constexpr Milliseconds kLingerTimeout{2000};

  // Whether write() still does anything: false from the first sign of the end on.
  [[nodiscard]] bool open() const;

  // The rest of this connection is TLS. What was written before goes out before it, in plain. Then
  // either on_tls or on_closed. At most once in the life of a stream.
  //
  // `initial_bytes` are bytes of the handshake that were read already: the ClientHello of a client
  // that starts with TLS at once; they are copied. TlsInfo::was_direct tells this case, and
  // PostgreSQL requires ALPN for it: the caller checks TlsInfo::alpn. After an SSLRequest it must
  // be empty: a byte that came with the SSLRequest is an injection (CVE-2021-23214) and the
  // caller's to refuse.
  void start_tls_server(std::shared_ptr<const TlsServerContext> context,
                        ByteView initial_bytes = {});
  // `server_name` is the host as configured, a name or an IP address: sent as SNI (names only), and
  // what the certificate must be for under verify-full.
  void start_tls_client(std::shared_ptr<const TlsClientContext> context,
                        std::string_view server_name);

  // "192.0.2.7:5432", "[2001:db8::7]:5432".
  [[nodiscard]] const std::string& peer_address() const;

 private:
  StreamCore* core_;  // frees itself once libuv has let go of it and no Stream refers to it
};

}  // namespace tracegate::net
