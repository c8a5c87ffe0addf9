#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "src/base/secret.h"
#include "src/cli/commands.h"
#include "src/identity/scram_verifier.h"

namespace tracegate::cli {
namespace {

// Switches the terminal's echo off for its lifetime; does nothing where there is no terminal.
class NoEcho {
 public:
  NoEcho() : active_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  const bool active_;
};

}  // namespace

int scram() {
  std::string line;
  {
    const NoEcho quiet;
    if (isatty(STDIN_FILENO) == 1) std::fputs("Password: ", stderr);
    std::getline(std::cin, line);
    if (isatty(STDIN_FILENO) == 1) std::fputs("\n", stderr);
  }
  const Secret password(line);
  wipe_memory(line.data(), line.size());
  const auto verifier = identity::make_verifier(password);
  if (!verifier.ok()) {
    std::fprintf(stderr, "%s\n", verifier.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", verifier->to_string().c_str());
  return 0;
}

}  // namespace tracegate::cli
