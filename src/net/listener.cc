#include "src/net/listener.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/base/log.h"
#include "src/net/socket.h"
#include "src/net/stream_core.h"

namespace tracegate::net {

// Polls the socket itself instead of using uv_listen, which closes waiting clients when descriptors
// run out, calls back without end on other errors, and does not tell the peer's address.
class Listener::Core {
 public:
  Core(Loop& loop, int fd, OnAccept on_accept)
      : loop_(loop), fd_(fd), on_accept_(std::move(on_accept)) {
    retry_.emplace(loop, [this] { poll(); });
    TG_CHECK(uv_poll_init(loop.core().uv(), &poll_, fd) == 0, "poll handle");
    poll_.data = this;
    poll();
  }

  void close() {
    closed_ = true;
    retry_.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
             [](uv_handle_t* handle) { delete static_cast<Core*>(handle->data); });
    ::close(fd_);
  }

  [[nodiscard]] std::uint16_t port() const { return local_address(fd_).port(); }

 private:
  // How many clients one turn of the loop takes, so that others get a turn between.
  static constexpr int kMostAtOnce = 16;
  enum class Accepted { kOne, kNone, kFailed };

  void poll() {
    uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
      static_cast<Core*>(handle->data)->accept_waiting();
    });
  }

  void accept_waiting() {
    for (int i = 0; i < kMostAtOnce && !closed_; ++i) {
      const Accepted accepted = accept_one();
      if (accepted == Accepted::kNone) return;
      if (accepted == Accepted::kFailed) return rest();
    }
  }

  Accepted accept_one() {
    SocketAddress peer;
    socklen_t size = sizeof peer.storage;
    const int fd = ::accept4(fd_, peer.get(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return judge(errno);
    auto* core = new StreamCore(loop_);
    const int code = core->adopt(fd, peer);
    if (code != 0) {
      core->abandon();
      log::warn("cannot take a connection over: {}", uv_reason(code));
      return Accepted::kFailed;
    }
    on_accept_(std::make_unique<Stream>(core));
    return Accepted::kOne;
  }

  // Most errors of accept(2) are those of one connection, which is gone: the next may be fine.
  static Accepted judge(int error) {
    switch (error) {
      case EAGAIN:
        return Accepted::kNone;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
        log::error("cannot accept connections: {}; trying again in {} ms",
                   std::generic_category().message(error), kAcceptPause.count());
        return Accepted::kFailed;
      default:
        return Accepted::kOne;
    }
  }

  void rest() {
    if (closed_) return;
    uv_poll_stop(&poll_);
    retry_->start_once(kAcceptPause);
  }

  Loop& loop_;
  const int fd_;
  OnAccept on_accept_;
  std::optional<Timer> retry_;  // empty once closed
  uv_poll_t poll_{};
  bool closed_ = false;
};

namespace {

Error listen_error(const ListenOptions& options, int error) {
  return Error(fmt::format("cannot listen on {} port {}: {}", options.address, options.port,
                           std::generic_category().message(error)));
}

// Accepted sockets inherit these from the listening one, which saves a system call for each.
void set_inherited_options(int fd, const ListenOptions& options) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.keepalive) set_keepalive(fd, *options.keepalive);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::listen(Loop& loop, const ListenOptions& options,
                                                   OnAccept on_accept) {
  const std::optional<SocketAddress> address = parse_numeric(options.address, options.port);
  if (!address)
    return Error({}, fmt::format("cannot listen on \"{}\"", options.address),
                 "The address must be a numeric IPv4 or IPv6 address.");
  const int fd = ::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return listen_error(options, errno);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.reuse_port == ReusePort::kYes) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (address->family() == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  set_inherited_options(fd, options);
  if (::bind(fd, address->get(), address->size()) != 0 || ::listen(fd, kBacklog) != 0) {
    const int error = errno;
    ::close(fd);
    return listen_error(options, error);
  }
  return std::unique_ptr<Listener>(new Listener(new Core(loop, fd, std::move(on_accept))));
}

Listener::~Listener() {
  core_->close();
}
std::uint16_t Listener::bound_port() const {
  return core_->port();
}

}  // namespace tracegate::net
