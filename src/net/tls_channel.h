// One end of a TLS connection as a filter of bytes: encrypted bytes in, plain bytes out, and the
// other way. Knows no sockets. Private to src/net.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/net/tls.h"
#include "src/net/tls_files.h"

namespace tracegate::net {

class TlsContextCore {
 public:
  explicit TlsContextCore(SslCtxPtr context) : context_(std::move(context)) {}
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

  TlsVerify verify = TlsVerify::kRequire;  // client side only

 private:
  SslCtxPtr context_;
};

enum class TlsStep {
  kDone,        // did what was asked
  kNeedsInput,  // all input is used up and more is needed
  kClosed,      // the peer has sent close_notify
  kFailed,      // see failure(); the channel is of no further use
};

class TlsChannel {
 public:
  // Null if out of memory or if `server_name` cannot be one.
  [[nodiscard]] static std::unique_ptr<TlsChannel> server(const TlsServerContext& context);
  [[nodiscard]] static std::unique_ptr<TlsChannel> client(const TlsClientContext& context,
                                                          const std::string& server_name);
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // What the next steps read; borrowed until it is used up or taken back.
  void set_input(ByteView cipher) { input_ = cipher; }
  [[nodiscard]] ByteView take_input() { return std::exchange(input_, {}); }

  // Each appends what has to be sent to `out`, also when it fails (the alert).
  [[nodiscard]] TlsStep handshake(Bytes& out);
  // Fills `plain` as far as the input goes; kDone: `plain` is full. `size` counts in every case.
  [[nodiscard]] TlsStep read(std::span<std::uint8_t> plain, std::size_t& size, Bytes& out);
  [[nodiscard]] TlsStep write(ByteView plain, Bytes& out);
  void close_notify(Bytes& out);

  [[nodiscard]] bool established() const;
  [[nodiscard]] TlsInfo info() const;
  // One line, of OpenSSL's reason and nothing that the peer could word.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  // For the BIO.
  [[nodiscard]] int feed(char* into, int size);
  void emit(const char* data, int size);

 private:
  explicit TlsChannel(SSL_CTX* context);
  [[nodiscard]] bool check_name(const std::string& name, TlsVerify verify);
  [[nodiscard]] TlsStep judge(int result);

  SslPtr ssl_;
  ByteView input_;
  Bytes* out_ = nullptr;
  std::string failure_;
};

}  // namespace tracegate::net
