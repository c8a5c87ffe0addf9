#include "src/net/connect.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>

#include "src/base/log.h"
#include "src/net/connect_core.h"

namespace tracegate::net {

// A look-up or an attempt lives until libuv calls back; `core` is null once nobody waits for it.
struct Connecting::Core::Lookup {
  uv_getaddrinfo_t request{};
  Core* core = nullptr;
};
struct Connecting::Core::Attempt {
  uv_connect_t request{};
  Core* core = nullptr;
  StreamCore* stream = nullptr;
};

Connecting::Core::Core(Loop& loop, const ConnectOptions& options, OnConnected on_connected)
    : loop_(loop),
      options_(options),
      on_connected_(std::move(on_connected)),
      deadline_(loop.now() + options.timeout),
      timer_(loop, [this] { on_timeout(); }) {}

Connecting::Core::~Core() {
  loop_.core().cancel(*this);
  drop_lookup();
  drop_attempt();
}

void Connecting::Core::drop_lookup() {
  if (lookup_ == nullptr) return;
  lookup_->core = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&lookup_->request));
  lookup_ = nullptr;
}

// Closing the handle makes libuv call the attempt back, which frees it.
void Connecting::Core::drop_attempt() {
  if (attempt_ == nullptr) return;
  attempt_->core = nullptr;
  attempt_->stream->abandon();
  attempt_ = nullptr;
}

void Connecting::Core::resolve() {
  if (const std::optional<SocketAddress> numeric = parse_numeric(options_.host, options_.port))
    return try_addresses({*numeric});
  timer_.start_once(options_.timeout);
  lookup_ = new Lookup;
  lookup_->core = this;
  lookup_->request.data = lookup_;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  const int code = uv_getaddrinfo(
      loop_.core().uv(), &lookup_->request,
      [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
        const std::unique_ptr<Lookup> lookup(static_cast<Lookup*>(request->data));
        const std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)> owned(list, uv_freeaddrinfo);
        if (lookup->core != nullptr) lookup->core->on_resolved(status, list);
      },
      options_.host.c_str(), nullptr, &hints);
  if (code == 0) return;
  delete std::exchange(lookup_, nullptr);
  failures_ = uv_reason(code);
  fail_later();
}

void Connecting::Core::on_resolved(int status, const addrinfo* list) {
  lookup_ = nullptr;
  if (status != 0) {
    failures_ = uv_reason(status);
    return finish_failed();
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    if (each->ai_family == AF_INET6)
      reinterpret_cast<sockaddr_in6*>(address.get())->sin6_port = htons(options_.port);
    else
      reinterpret_cast<sockaddr_in*>(address.get())->sin_port = htons(options_.port);
  }
  try_addresses(std::move(addresses));
}

void Connecting::Core::try_addresses(std::vector<SocketAddress> addresses) {
  addresses_ = std::move(addresses);
  next_ = 0;
  try_next();
}

void Connecting::Core::try_next() {
  while (next_ < addresses_.size()) {
    const SocketAddress& address = addresses_[next_];
    const auto addresses_left = static_cast<Milliseconds::rep>(addresses_.size() - next_);
    const auto left = std::chrono::ceil<Milliseconds>(deadline_ - Loop::now());
    if (left <= Milliseconds{0}) {
      add_failure(address, "not tried, out of time");
      return fail_later();
    }
    ++next_;
    timer_.start_once(std::max(left / addresses_left, Milliseconds{1}));
    const int code = start_attempt(address);
    if (code == 0) return;
    add_failure(address, uv_reason(code));
  }
  fail_later();
}

int Connecting::Core::start_attempt(const SocketAddress& address) {
  attempt_ = new Attempt;
  attempt_->core = this;
  attempt_->stream = new StreamCore(loop_);
  attempt_->stream->set_peer(address);
  attempt_->request.data = attempt_;
  const int code =
      uv_tcp_connect(&attempt_->request, attempt_->stream->uv(), address.get(),
                     [](uv_connect_t* request, int status) {
                       const std::unique_ptr<Attempt> attempt(static_cast<Attempt*>(request->data));
                       if (attempt->core != nullptr) attempt->core->on_attempt(status);
                     });
  if (code != 0) {
    attempt_->stream->abandon();
    delete std::exchange(attempt_, nullptr);
  }
  return code;
}

void Connecting::Core::on_attempt(int status) {
  StreamCore* stream = std::exchange(attempt_, nullptr)->stream;
  if (status != 0) {
    stream->abandon();
    add_failure(addresses_[next_ - 1], uv_reason(status));
    return try_next();
  }
  timer_.stop();
  set_option(stream->fd(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (options_.keepalive) set_keepalive(stream->fd(), *options_.keepalive);
  finish(std::make_unique<Stream>(stream));
}

void Connecting::Core::on_timeout() {
  if (lookup_ != nullptr) {
    drop_lookup();
    failures_ = "timed out while resolving the name";
    return finish_failed();
  }
  drop_attempt();
  add_failure(addresses_[next_ - 1], "timed out");
  try_next();
}

void Connecting::Core::add_failure(const SocketAddress& address, std::string_view reason) {
  if (!failures_.empty()) failures_ += "; ";
  failures_ += fmt::format("{}: {}", address.to_string(), reason);
}

// The callback must not come from inside connect().
void Connecting::Core::fail_later() {
  timer_.stop();
  loop_.core().defer(*this);
}

void Connecting::Core::run_deferred() {
  finish_failed();
}

void Connecting::Core::finish_failed() {
  timer_.stop();
  finish(Error("08001", fmt::format("cannot connect to {} port {}: {}",
                                    log::printable(options_.host), options_.port, failures_)));
}

void Connecting::Core::finish(Result<std::unique_ptr<Stream>> result) {
  const OnConnected on_connected = std::move(on_connected_);
  on_connected(std::move(result));  // may destroy the Connecting, and this with it
}

Connecting::Connecting(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Connecting::~Connecting() = default;

std::unique_ptr<Connecting> connect(Loop& loop, const ConnectOptions& options,
                                    OnConnected on_connected) {
  auto core = std::make_unique<Connecting::Core>(loop, options, std::move(on_connected));
  core->resolve();
  return std::make_unique<Connecting>(std::move(core));
}

}  // namespace tracegate::net
