#include "src/net/stream.h"

#include "src/net/stream_core.h"

namespace tracegate::net {

Stream::Stream(StreamCore* core) : core_(core) {
  core_->attach(*this);
}
Stream::~Stream() {
  core_->abandon();
}

void Stream::set_handler(StreamHandler& handler) {
  core_->set_handler(handler);
}
void Stream::pause_reading() {
  core_->pause();
}
void Stream::resume_reading() {
  core_->resume();
}
bool Stream::reading_paused() const {
  return core_->paused();
}
void Stream::write(std::span<const ByteView> pieces) {
  core_->write(pieces);
}
std::size_t Stream::queued_bytes() const {
  return core_->queued_bytes();
}
void Stream::set_write_limits(WriteLimits limits) {
  core_->set_write_limits(limits);
}
void Stream::close(std::string_view reason) {
  core_->close(reason);
}
void Stream::close_after_flush(std::string_view reason) {
  core_->close_after_flush(reason);
}
bool Stream::open() const {
  return core_->open();
}
const std::string& Stream::peer_address() const {
  return core_->peer();
}

void Stream::start_tls_server(std::shared_ptr<const TlsServerContext> context,
                              ByteView initial_bytes) {
  core_->start_tls(TlsChannel::server(*context), initial_bytes);
}

void Stream::start_tls_client(std::shared_ptr<const TlsClientContext> context,
                              std::string_view server_name) {
  core_->start_tls(TlsChannel::client(*context, std::string(server_name)), {});
}

}  // namespace tracegate::net
