// Our login at an arbitrary store. Input: one byte of choices (TLS, trust, certificate), one byte
// that says how many bytes arrive at a time, then the store's bytes; TLS is taken off them already.
// The text kNoncePlace in them stands for the nonce that we sent, which a real store would repeat.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/session/login/store_login.h"

namespace {

using namespace tracegate;  // NOLINT
using session::StoreLogin;
using session::StoreLoginStep;

constexpr std::string_view kNoncePlace = "<nonce-of-24-characters>";

// Replaces the place holders once we know the nonce, which is as long.
void put_nonce(std::string_view sent, std::string& stream) {
  const std::size_t at = sent.find(",r=");
  if (at == std::string_view::npos || sent.size() < at + 3 + kNoncePlace.size()) return;
  const std::string_view nonce = sent.substr(at + 3, kNoncePlace.size());
  for (std::size_t place = stream.find(kNoncePlace); place != std::string::npos;
       place = stream.find(kNoncePlace))
    stream.replace(place, kNoncePlace.size(), nonce);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned choices = data[0];
  const std::size_t pace = std::max<std::size_t>(1, data[1]);
  std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);

  const bool trust = (choices & 1) != 0;
  session::StoreLoginSetup setup;
  setup.tls = (choices & 2) != 0 ? session::StoreTls::kOn : session::StoreTls::kOff;
  setup.authentication =
      trust ? session::StoreAuthentication::kTrust : session::StoreAuthentication::kScram;
  setup.user = "trace_reader";
  setup.database = "traces";
  setup.credential = std::make_shared<identity::ScramCredential>(Secret("pencil"));
  setup.scram = {.min_iterations = 1, .max_iterations = 10000};

  StoreLogin login(std::move(setup));
  static_cast<void>(login.start());
  std::size_t from = 0;
  std::size_t to = 0;
  while (to < stream.size()) {
    to = std::min(stream.size(), to + pace);
    StoreLoginStep step = login.on_bytes(as_bytes(stream).subspan(from, to - from));
    TG_CHECK(step.consumed <= to - from, "more consumed than there was");
    from += step.consumed;
    put_nonce(step.send, stream);
    if (step.next == StoreLoginStep::Next::kStartTls)
      step = login.on_tls((choices & 4) != 0 ? Bytes(32, 1) : Bytes());
    while (step.next == StoreLoginStep::Next::kWorkMore) step = login.work();
    TG_CHECK(step.next != StoreLoginStep::Next::kReady || trust, "no store proved itself");
    if (step.next == StoreLoginStep::Next::kFailed)
      TG_CHECK(login.failure().error.message.size() <= 1024, "an error text is too long");
    if (step.next != StoreLoginStep::Next::kReadMore) break;
    TG_CHECK(to - from <= (32U << 10) + 5 + 255, "input is hoarded");
  }
  return 0;
}
