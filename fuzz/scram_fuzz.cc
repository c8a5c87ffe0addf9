// Both ends of a SCRAM exchange against an arbitrary peer. Input: one byte of choices, then the
// peer's messages, separated by line feeds.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/identity/scram_client.h"
#include "src/identity/scram_server.h"

namespace {

using tracegate::Bytes;
using tracegate::Secret;
using namespace tracegate::identity;  // NOLINT

using Verdict = ScramServer::Reply::Verdict;

// RFC 7677's, so that seeds can hold its whole exchange.
constexpr std::string_view kVerifier =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
constexpr std::string_view kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kClientNonce = "rOprNGfwEbeRWgbNEkqO";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find('\n');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

void serve(unsigned choices, const std::vector<std::string_view>& messages) {
  static const ScramMock mock(Secret("mock secret"));
  static const ScramVerifier verifier = ScramVerifier::parse(kVerifier).value();
  const bool known = (choices & 2) != 0;
  const bool plus = (choices & 4) != 0;
  const bool initial = (choices & 8) != 0;
  ScramServer server(known ? &verifier : nullptr, mock.verifier_for("user", {}),
                     plus ? Bytes(32, 1) : Bytes(), std::string(kServerNonce));
  std::optional<std::string_view> first;
  if (initial) first = messages[0];
  auto reply = server.start(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256", first);
  for (std::size_t i = initial ? 1 : 0; i < messages.size(); ++i) {
    const bool over = reply.verdict != Verdict::kContinue;
    reply = server.on_message(messages[i]);
    TG_CHECK(!over || reply.verdict == Verdict::kRefused, "an exchange went on after its end");
    TG_CHECK(reply.verdict != Verdict::kAuthenticated || known, "nobody was let in");
    TG_CHECK(reply.verdict != Verdict::kRefused || !reply.error.sqlstate.empty(), "no SQLSTATE");
  }
}

void log_in(unsigned choices, const std::vector<std::string_view>& messages) {
  const bool plus = (choices & 2) != 0;
  ScramClient client(std::make_shared<ScramCredential>(Secret("pencil")),
                     plus ? ScramClient::Binding::kEndPoint : ScramClient::Binding::kNotOffered,
                     plus ? Bytes(32, 1) : Bytes(), {.min_iterations = 1, .max_iterations = 64},
                     std::string(kClientNonce));
  if (!client.on_server_first(messages[0]).ok()) return;
  TG_CHECK(client.derive(64), "more iterations than the limit");
  const std::string proof = client.final_message();
  TG_CHECK(is_scram_text(proof) || proof.size() > kMaxScramMessage, "our own message is malformed");
  if (messages.size() > 1) static_cast<void>(client.on_server_final(messages[1]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choices = data[0];
  const auto messages = split({reinterpret_cast<const char*>(data) + 1, size - 1});
  if ((choices & 1) != 0) {
    serve(choices, messages);
  } else {
    log_in(choices, messages);
  }
  static_cast<void>(ScramVerifier::parse(messages[0]));
  return 0;
}
