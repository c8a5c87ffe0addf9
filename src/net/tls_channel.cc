#include "src/net/tls_channel.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "src/net/socket.h"

namespace tracegate::net {
namespace {

TlsChannel& channel_of(BIO* bio) {
  return *static_cast<TlsChannel*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const int n = channel_of(bio).feed(into, size);
  if (n > 0) return n;
  BIO_set_retry_read(bio);
  return -1;
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  channel_of(bio).emit(data, size);
  return size;
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// libssl reads and writes through this straight from and into the stream's own buffers; a pair of
// memory BIOs would copy everything once more.
const BIO_METHOD* channel_bio() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tracegate stream");
    TG_CHECK(made != nullptr, "out of memory");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

TlsChannel::TlsChannel(SSL_CTX* context) : ssl_(SSL_new(context)) {
  BIO* bio = ssl_ ? BIO_new(channel_bio()) : nullptr;
  if (bio == nullptr) {
    ssl_.reset();
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

std::unique_ptr<TlsChannel> TlsChannel::server(const TlsServerContext& context) {
  std::unique_ptr<TlsChannel> channel(new TlsChannel(context.core().get()));
  if (!channel->ssl_) return nullptr;
  SSL_set_accept_state(channel->ssl_.get());
  return channel;
}

std::unique_ptr<TlsChannel> TlsChannel::client(const TlsClientContext& context,
                                               const std::string& server_name) {
  std::unique_ptr<TlsChannel> channel(new TlsChannel(context.core().get()));
  if (!channel->ssl_ || !channel->check_name(server_name, context.core().verify)) return nullptr;
  SSL_set_connect_state(channel->ssl_.get());
  return channel;
}

bool TlsChannel::check_name(const std::string& name, TlsVerify verify) {
  const bool is_address = parse_numeric(name, 0).has_value();
  // RFC 6066 section 3: no addresses in server_name. This is SSL_set_tlsext_host_name, a macro with
  // a cast that our warnings refuse; it copies the name.
  if (!is_address && !name.empty() &&
      SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(name.c_str())) != 1)
    return false;
  if (verify != TlsVerify::kVerifyFull) return true;
  if (name.empty()) return false;
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1
                    : X509_VERIFY_PARAM_set1_host(param, name.c_str(), name.size()) == 1;
}

int TlsChannel::feed(char* into, int size) {
  const std::size_t n = std::min(static_cast<std::size_t>(size), input_.size());
  if (n == 0) return 0;
  std::memcpy(into, input_.data(), n);
  input_ = input_.subspan(n);
  return static_cast<int>(n);
}

void TlsChannel::emit(const char* data, int size) {
  if (out_ != nullptr) out_->insert(out_->end(), data, data + size);
}

TlsStep TlsChannel::judge(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_NONE) return TlsStep::kDone;
  if (error == SSL_ERROR_WANT_READ) return TlsStep::kNeedsInput;
  if (error == SSL_ERROR_ZERO_RETURN) return TlsStep::kClosed;
  failure_ = openssl_reason();
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE)
    failure_ = std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
  return TlsStep::kFailed;
}

TlsStep TlsChannel::handshake(Bytes& out) {
  out_ = &out;
  ERR_clear_error();
  const TlsStep step = judge(SSL_do_handshake(ssl_.get()));
  out_ = nullptr;
  return step;
}

TlsStep TlsChannel::read(std::span<std::uint8_t> plain, std::size_t& size, Bytes& out) {
  out_ = &out;
  ERR_clear_error();
  TlsStep step = TlsStep::kDone;
  size = 0;
  while (size < plain.size() && step == TlsStep::kDone) {
    std::size_t n = 0;  // one call gives one record at most
    step = judge(SSL_read_ex(ssl_.get(), plain.data() + size, plain.size() - size, &n));
    if (step == TlsStep::kDone) size += n;
  }
  out_ = nullptr;
  return step;
}

TlsStep TlsChannel::write(ByteView plain, Bytes& out) {
  out_ = &out;
  ERR_clear_error();
  std::size_t n = 0;
  const TlsStep step = judge(SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &n));
  out_ = nullptr;
  return step;
}

void TlsChannel::close_notify(Bytes& out) {
  out_ = &out;
  ERR_clear_error();
  // The result tells whether the peer's close_notify was seen too, which nobody waits for.
  static_cast<void>(SSL_shutdown(ssl_.get()));
  ERR_clear_error();
  out_ = nullptr;
}

bool TlsChannel::established() const {
  return SSL_is_init_finished(ssl_.get()) == 1;
}

TlsInfo TlsChannel::info() const {
  TlsInfo info;
  info.version = SSL_get_version(ssl_.get());
  info.cipher = SSL_get_cipher_name(ssl_.get());
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &alpn_size);
  info.alpn = as_text({alpn, alpn_size});
  if (X509* certificate = SSL_get0_peer_certificate(ssl_.get()))
    info.peer_certificate_der = to_der(certificate);
  return info;
}

}  // namespace tracegate::net
