#include "src/relay/canceller.h"

#include "proto_pg/startup.h"
#include "src/base/log.h"
#include "src/base/secret.h"

namespace tracegate::relay {
namespace {

constexpr Milliseconds kTimeout{10'000};

}  // namespace

Canceller::Canceller(net::Loop& loop, const net::ConnectOptions& store,
                     std::shared_ptr<const net::TlsClientContext> tls, std::int32_t process_id,
                     Bytes key, std::function<void()> done)
    : host_(store.host),
      tls_(std::move(tls)),
      process_id_(process_id),
      key_(std::move(key)),
      done_(std::move(done)),
      timeout_(loop, [this] { done_(); }) {
  timeout_.start_once(kTimeout);
  connecting_ = net::connect(loop, store, [this](Result<std::unique_ptr<net::Stream>> stream) {
    on_connected(std::move(stream));
  });
}

Canceller::~Canceller() {
  wipe_memory(key_.data(), key_.size());
}

void Canceller::on_connected(Result<std::unique_ptr<net::Stream>> stream) {
  if (!stream.ok()) {
    log::warn("a cancel request did not reach the store: {}", stream.error().message);
    done_();
    return;
  }
  stream_ = *std::move(stream);
  stream_->set_handler(*this);
  if (!tls_) {
    send_request();
    return;
  }
  asked_for_tls_ = true;
  std::string request;
  proto::encode_ssl_request(request);
  stream_->write(as_bytes(request));
}

void Canceller::send_request() {
  std::string request;
  proto::encode(proto::CancelRequest{.process_id = process_id_, .key = key_}, request);
  stream_->write(as_bytes(request));
  wipe_memory(request.data(), request.size());
  stream_->close_after_flush("cancel request sent");  // the store answers nothing and closes
}

void Canceller::on_data(net::Stream& stream, ByteView bytes) {
  if (asked_for_tls_ && bytes.size() == 1 && bytes[0] == 'S') {
    asked_for_tls_ = false;
    stream.start_tls_client(tls_, host_);
    return;
  }
  stream.close("the store did not accept TLS for a cancel request");
}

void Canceller::on_drained(net::Stream& /*stream*/) {}

void Canceller::on_tls(net::Stream& /*stream*/, const net::TlsInfo& /*info*/) {
  send_request();
}

void Canceller::on_closed(net::Stream& /*stream*/, std::string_view /*reason*/) {
  done_();
}

}  // namespace tracegate::relay
