// The TLS part of StreamCore: pumps bytes between the socket and the TLS channel.
#include <fmt/format.h>

#include "src/net/stream_core.h"

namespace tracegate::net {

void StreamCore::start_tls(std::unique_ptr<TlsChannel> channel, ByteView initial_bytes) {
  if (phase_ != Phase::kOpen) return;
  TG_CHECK(!tls_, "start_tls twice on one stream");
  if (!channel) return begin_close("TLS: cannot set up a connection for this server name");
  tls_ = std::move(channel);
  tls_direct_ = !initial_bytes.empty();
  held_.assign(initial_bytes.begin(), initial_bytes.end());
  undelivered_ = true;
  loop_.defer(*this);
}

bool StreamCore::may_decrypt() const {
  return phase_ == Phase::kOpen && !paused_ && handler_ != nullptr;
}

void StreamCore::decrypt(ByteView cipher) {
  tls_->set_input(cipher);
  pump();
}

void StreamCore::pump() {
  if (!may_decrypt()) return;  // resume() or set_handler() comes back to it
  Bytes held;
  if (undelivered_) {
    held.swap(held_);
    tls_->set_input(held);
    undelivered_ = false;
  }
  TlsStep step = TlsStep::kDone;
  while (step == TlsStep::kDone && may_decrypt())
    step = tls_->established() ? pump_records() : pump_handshake();
  const ByteView rest = tls_->take_input();
  if (step != TlsStep::kDone || phase_ != Phase::kOpen) return;
  undelivered_ = true;
  held_.assign(rest.begin(), rest.end());
}

TlsStep StreamCore::pump_handshake() {
  loop_.cipher_out().clear();
  const TlsStep step = tls_->handshake(loop_.cipher_out());
  send_cipher();
  if (step == TlsStep::kFailed || step == TlsStep::kClosed) {
    fail_tls("TLS handshake failed");
  } else if (step == TlsStep::kDone && phase_ == Phase::kOpen) {
    TlsInfo info = tls_->info();
    info.was_direct = tls_direct_;
    handler_->on_tls(*owner_, info);
  }
  return step;
}

TlsStep StreamCore::pump_records() {
  const std::span<std::uint8_t> plain = loop_.plain_buffer();
  std::size_t size = 0;
  loop_.cipher_out().clear();
  const TlsStep step = tls_->read(plain, size, loop_.cipher_out());
  send_cipher();
  if (size > 0 && phase_ == Phase::kOpen) handler_->on_data(*owner_, plain.first(size));
  if (phase_ != Phase::kOpen) return step;
  if (step == TlsStep::kClosed) begin_close("closed by peer");
  if (step == TlsStep::kFailed) fail_tls("TLS failed");
  return step;
}

// The alert that says why is on its way to the peer; let it arrive.
void StreamCore::fail_tls(std::string_view what) {
  if (phase_ != Phase::kOpen) return;
  const std::string reason = fmt::format("{}: {}", what, tls_->failure());
  tls_failed_ = true;
  close_after_flush(reason);
}

// Gathers small pieces, so that they share a record and are encrypted in one go; large ones are
// encrypted where they lie.
void StreamCore::encrypt(std::span<const ByteView> pieces) {
  constexpr std::size_t kRecord = LoopCore::kRecordSize;
  Bytes& record = loop_.record();
  record.clear();
  loop_.cipher_out().clear();
  for (ByteView piece : pieces) {
    while (!piece.empty()) {
      const bool whole_records = record.empty() && piece.size() >= kRecord;
      const std::size_t n = std::min(piece.size(), kRecord - record.size());
      const ByteView part = piece.first(n);
      piece = piece.subspan(n);
      if (!whole_records) record.insert(record.end(), part.begin(), part.end());
      if (!whole_records && record.size() < kRecord) continue;
      if (!encrypt_some(whole_records ? part : ByteView(record))) return;
      if (!whole_records) record.clear();
    }
  }
  if (!record.empty() && !encrypt_some(record)) return;
  send_cipher();
}

bool StreamCore::encrypt_some(ByteView plain) {
  if (tls_->write(plain, loop_.cipher_out()) != TlsStep::kDone) {
    begin_close(fmt::format("TLS failed: {}", tls_->failure()));
    return false;
  }
  if (loop_.cipher_out().size() >= LoopCore::kReadSize) {
    send_cipher();
    loop_.cipher_out().clear();
  }
  return phase_ == Phase::kOpen;
}

void StreamCore::send_cipher() {
  const ByteView cipher = loop_.cipher_out();
  if (!cipher.empty()) send({&cipher, 1});
}

}  // namespace tracegate::net
