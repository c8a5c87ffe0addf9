#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "src/base/log.h"
#include "src/cli/commands.h"
#include "src/server/server.h"

namespace tracegate::cli {
namespace {

// The signals that the main thread waits for; blocked in every thread, so that no handler ever
// runs.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGQUIT}) sigaddset(&signals, signal);
  return signals;
}

// The process holds passwords and rows: neither a core file nor another process of the same user
// may show them.
void keep_memory_private() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

void announce(const server::Server& server, std::optional<int> ready_fd) {
  std::string lines;
  for (const std::string& address : server.addresses()) lines += "listening on " + address + "\n";
  std::fputs(lines.c_str(), stdout);
  std::fflush(stdout);
  if (!ready_fd) return;
  if (::write(*ready_fd, lines.data(), lines.size()) < 0)
    log::warn("--ready-fd {} cannot be written", *ready_fd);
  ::close(*ready_fd);
}

// Waits for a signal, at most `seconds`; 0 if none came.
int wait_signal(const sigset_t& signals, std::chrono::milliseconds limit) {
  const timespec timeout{limit.count() / 1000, (limit.count() % 1000) * 1'000'000};
  const int signal = sigtimedwait(&signals, nullptr, &timeout);
  return signal < 0 ? 0 : signal;
}

// Sessions come to rest, or the grace is over, or a second signal says that it is.
void drain(server::Server& server, const sigset_t& signals, int grace_seconds) {
  log::info("stopping: no new clients; sessions have {} s to come to rest", grace_seconds);
  server.drain();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(grace_seconds);
  while (!server.drained() && std::chrono::steady_clock::now() < until) {
    const int signal = wait_signal(signals, std::chrono::milliseconds(50));
    if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) return;
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  keep_memory_private();
  auto started = server::Server::start(options.policies);
  if (!started.ok()) {
    log::error("{}", started.error().message);
    return 1;
  }
  server::Server& server = **started;
  announce(server, options.ready_fd);
  bool failure_logged = false;
  for (;;) {
    const int signal = wait_signal(signals, std::chrono::milliseconds(500));
    if (server.failed() && !failure_logged) {
      log::error("the journal has failed ({}); nothing is served until a restart",
                 server.failure());
      failure_logged = true;
    }
    if (signal == SIGHUP) server.reload();
    if (signal == SIGTERM || signal == SIGINT) {
      drain(server, signals, options.grace_seconds);
      return failure_logged ? 1 : 0;
    }
    if (signal == SIGQUIT) return failure_logged ? 1 : 0;
  }
}

}  // namespace tracegate::cli
