#include "src/net/stream_core.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/log.h"

namespace tracegate::net {
namespace {

constexpr std::size_t kKeptQueueMemory = 64 * 1024;

uv_stream_t* as_stream(uv_tcp_t* tcp) {
  return reinterpret_cast<uv_stream_t*>(tcp);
}
uv_handle_t* as_handle(uv_tcp_t* tcp) {
  return reinterpret_cast<uv_handle_t*>(tcp);
}
StreamCore* core_of(const uv_handle_t* handle) {
  return static_cast<StreamCore*>(handle->data);
}

}  // namespace

StreamCore::StreamCore(Loop& loop) : loop_(loop.core()) {
  TG_CHECK(uv_tcp_init(loop_.uv(), &tcp_) == 0, "tcp handle");
  tcp_.data = this;
}

int StreamCore::fd() const {
  uv_os_fd_t fd = -1;
  return uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &fd) == 0 ? fd : -1;
}

int StreamCore::adopt(int fd, const SocketAddress& peer) {
  const int code = uv_tcp_open(&tcp_, fd);
  if (code != 0) ::close(fd);
  set_peer(peer);
  return code;
}

void StreamCore::abandon() {
  owner_ = nullptr;
  handler_ = nullptr;
  if (phase_ != Phase::kClosed) return begin_close({});
  loop_.cancel(*this);
  delete this;
}

void StreamCore::set_handler(StreamHandler& handler) {
  handler_ = &handler;
  if (phase_ == Phase::kOpen && !paused_) start_reading();
  if (phase_ == Phase::kClosed || undelivered_) loop_.defer(*this);
}

void StreamCore::run_deferred() {
  if (phase_ == Phase::kClosed) return tell_closed();
  if (tls_) pump();
}

// ---- reading ----

void StreamCore::start_reading() {
  if (reading_) return;
  const auto give_buffer = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    StreamCore& core = *core_of(handle);
    const std::span<std::uint8_t> shared = core.loop_.read_buffer();
    // With no buffer libuv does not read: pausing costs no system call until bytes arrive.
    *buffer = core.wants_bytes() ? uv_buf_init(reinterpret_cast<char*>(shared.data()),
                                               static_cast<unsigned>(shared.size()))
                                 : uv_buf_init(nullptr, 0);
  };
  const int code = uv_read_start(as_stream(&tcp_), give_buffer,
                                 [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
                                   static_cast<StreamCore*>(stream->data)->on_read(size, *buffer);
                                 });
  if (code != 0) return fail(uv_reason(code));
  reading_ = true;
}

void StreamCore::stop_reading() {
  uv_read_stop(as_stream(&tcp_));
  reading_ = false;
}

bool StreamCore::wants_bytes() const {
  switch (phase_) {
    case Phase::kOpen:
      return !paused_ && !undelivered_;
    case Phase::kFlushing:
    case Phase::kLingering:
      return true;
    case Phase::kClosing:
    case Phase::kClosed:
      return false;
  }
  return false;
}

void StreamCore::on_read(ssize_t size, const uv_buf_t& buffer) {
  if (size == 0) return;  // nothing to read after all
  if (size == UV_ENOBUFS) return on_unwanted_bytes();
  if (size < 0) return on_end(static_cast<int>(size));
  if (phase_ != Phase::kOpen) return;  // flushing or lingering: discarded
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(buffer.base),
                       static_cast<std::size_t>(size));
  if (tls_)
    decrypt(bytes);
  else
    handler_->on_data(*owner_, bytes);
}

// The socket is readable, but its bytes are not wanted now. Either decrypted bytes come first, then
// the next turn asks again, or the stream is paused: do not poll until resume(). An end of the
// connection with nothing before it is worth knowing at once: the client of a statement that is
// held has left.
void StreamCore::on_unwanted_bytes() {
  if (phase_ == Phase::kOpen && !paused_) return;
  stop_reading();
  if (phase_ != Phase::kOpen || undelivered_) return;
  char byte = 0;
  const ssize_t n = ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n == 0) return on_end(UV_EOF);
  if (n < 0 && errno != EAGAIN && errno != EINTR) on_end(uv_translate_sys_error(errno));
}

void StreamCore::on_end(int code) {
  reading_ = false;
  if (phase_ == Phase::kFlushing && code == UV_EOF) {
    peer_done_ = true;  // has sent all it wanted to; may still read what we flush
    return;
  }
  if (phase_ == Phase::kLingering) return begin_close(close_reason_);
  fail(end_reason(code));
}

std::string StreamCore::end_reason(int code) const {
  if (code != UV_EOF) return uv_reason(code);
  if (!tls_) return "closed by peer";
  // Many clients end like this. Harmless: the lengths of PostgreSQL's messages tell a truncation.
  return tls_->established() ? "closed by peer without TLS close_notify"
                             : "closed by peer during the TLS handshake";
}

void StreamCore::pause() {
  paused_ = true;
}

void StreamCore::resume() {
  if (!paused_) return;
  paused_ = false;
  if (phase_ != Phase::kOpen || handler_ == nullptr) return;
  if (undelivered_) loop_.defer(*this);
  start_reading();
}

// ---- writing ----

void StreamCore::write(std::span<const ByteView> pieces) {
  if (phase_ != Phase::kOpen) return;
  if (!tls_) return send(pieces);
  if (tls_->established()) encrypt(pieces);
}

void StreamCore::send(std::span<const ByteView> pieces) {
  constexpr std::size_t kMostAtOnce = 64;
  std::array<uv_buf_t, kMostAtOnce> buffers;  // NOLINT: filled before use
  while (!pieces.empty() && in_flight_.empty()) {
    const std::span<const ByteView> now = pieces.first(std::min(pieces.size(), kMostAtOnce));
    std::size_t count = 0;
    for (const ByteView piece : now)
      if (!piece.empty())
        buffers[count++] = {const_cast<char*>(as_text(piece).data()), piece.size()};
    pieces = pieces.subspan(now.size());
    if (count == 0) continue;

    const int sent = uv_try_write(as_stream(&tcp_), buffers.data(), static_cast<unsigned>(count));
    if (sent < 0 && sent != UV_EAGAIN) return fail(uv_reason(sent));
    std::size_t skip = static_cast<std::size_t>(std::max(sent, 0));
    for (const ByteView piece : now) {
      if (skip < piece.size()) queue(piece.subspan(skip));
      skip -= std::min(skip, piece.size());
    }
    if (!waiting_.empty()) break;
  }
  for (const ByteView piece : pieces) queue(piece);
  if (waiting_.empty() && in_flight_.empty()) return;
  if (in_flight_.empty()) write_queue();
  if (queued_bytes() >= limits_.high_water.value) above_high_water_ = true;
}

void StreamCore::queue(ByteView bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
}

void StreamCore::write_queue() {
  in_flight_.swap(waiting_);
  const uv_buf_t buffer = {reinterpret_cast<char*>(in_flight_.data()), in_flight_.size()};
  write_request_.data = this;
  const int code =
      uv_write(&write_request_, as_stream(&tcp_), &buffer, 1, [](uv_write_t* request, int status) {
        static_cast<StreamCore*>(request->data)->on_written(status);
      });
  if (code != 0) fail(uv_reason(code));
}

void StreamCore::on_written(int status) {
  in_flight_.clear();
  if (phase_ == Phase::kClosing) return;  // cancelled by uv_close
  if (status != 0) return fail(uv_reason(status));
  if (in_flight_.capacity() > kKeptQueueMemory) in_flight_ = {};
  if (!waiting_.empty())
    write_queue();
  else if (phase_ == Phase::kFlushing)
    return begin_linger();
  check_drained();
}

void StreamCore::check_drained() {
  if (!above_high_water_ || phase_ != Phase::kOpen) return;
  if (queued_bytes() > limits_.low_water.value) return;
  above_high_water_ = false;
  if (handler_ != nullptr) handler_->on_drained(*owner_);
}

std::size_t StreamCore::queued_bytes() const {
  return uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_)) +
         waiting_.size();
}

// ---- closing ----

void StreamCore::close(std::string_view reason) {
  begin_close(log::printable(reason));
}

void StreamCore::close_after_flush(std::string_view reason) {
  if (phase_ != Phase::kOpen) return;
  if (tls_ && tls_->established() && !tls_failed_) {
    loop_.cipher_out().clear();
    tls_->close_notify(loop_.cipher_out());
    send_cipher();
    if (phase_ != Phase::kOpen) return;
  }
  close_reason_ = log::printable(reason);
  phase_ = Phase::kFlushing;
  deadline_ = std::make_unique<Timer>(loop_.owner(), [this] { on_deadline(); });
  deadline_->start_once(Stream::kFlushTimeout);
  // A peer that is busy sending may not read before it is rid of its bytes.
  start_reading();
  if (phase_ == Phase::kFlushing && in_flight_.empty()) begin_linger();
}

// Closing a socket with bytes unread makes the kernel send a reset, which can overtake what was
// flushed. So: say that we are done, and let the peer be the first to close.
void StreamCore::begin_linger() {
  if (peer_done_) return begin_close(close_reason_);
  phase_ = Phase::kLingering;
  ::shutdown(fd(), SHUT_WR);
  deadline_->start_once(Stream::kLingerTimeout);
}

void StreamCore::on_deadline() {
  if (phase_ == Phase::kFlushing)
    fail(fmt::format("{} bytes not taken by the peer", queued_bytes()));
  else
    begin_close(close_reason_);
}

// What went wrong is the reason, unless the end had been decided on before.
void StreamCore::fail(std::string_view why) {
  begin_close(phase_ == Phase::kFlushing ? fmt::format("{} ({})", close_reason_, why)
                                         : std::string(why));
}

void StreamCore::begin_close(std::string_view reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;
  std::string kept(reason);  // may be close_reason_ itself
  close_reason_.swap(kept);
  phase_ = Phase::kClosing;
  deadline_.reset();
  uv_close(as_handle(&tcp_), [](uv_handle_t* handle) { core_of(handle)->on_uv_closed(); });
}

void StreamCore::on_uv_closed() {
  loop_.cancel(*this);
  if (owner_ == nullptr) {
    delete this;
    return;
  }
  phase_ = Phase::kClosed;
  tls_.reset();
  waiting_ = {};
  held_ = {};
  tell_closed();
}

void StreamCore::tell_closed() {
  if (told_closed_ || handler_ == nullptr) return;
  told_closed_ = true;
  const std::string reason = std::move(close_reason_);
  handler_->on_closed(*owner_, reason);  // may destroy the stream, and this with it
}

}  // namespace tracegate::net
