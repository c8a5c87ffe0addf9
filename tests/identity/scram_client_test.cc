#include "src/identity/scram_client.h"

#include <gtest/gtest.h>

#include "src/identity/scram_server.h"

namespace tracegate::identity {
namespace {

using Binding = ScramClient::Binding;
using Verdict = ScramServer::Reply::Verdict;

constexpr std::string_view kClientNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view kServerFinal = "v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=";

std::shared_ptr<ScramCredential> credential(std::string password = "pencil") {
  return std::make_shared<ScramCredential>(Secret(std::move(password)));
}

Bytes end_point() {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

std::unique_ptr<ScramClient> client_for(std::shared_ptr<ScramCredential> with,
                                        Binding binding = Binding::kUnsupported) {
  return std::make_unique<ScramClient>(std::move(with), binding,
                                       binding == Binding::kEndPoint ? end_point() : Bytes(),
                                       ScramClientLimits{}, std::string(kClientNonce));
}

std::string replaced(std::string_view whole, std::string_view what, std::string_view with) {
  std::string text(whole);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

// The numbers were computed apart from this code, with the salt and nonces of RFC 7677.
TEST(ScramClient, KnownExchangeWithoutBinding) {
  const auto client = client_for(credential());
  EXPECT_EQ(client->mechanism(), ScramMechanism::kSha256);
  EXPECT_EQ(client->first_message(), "n,,n=,r=rOprNGfwEbeRWgbNEkqO");
  ASSERT_TRUE(client->on_server_first(kServerFirst).ok());
  ASSERT_TRUE(client->derive(4096));
  EXPECT_EQ(client->final_message(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=");
  EXPECT_TRUE(client->on_server_final(kServerFinal).ok());
}

TEST(ScramClient, KnownExchangeWithBinding) {
  const auto client = client_for(credential(), Binding::kEndPoint);
  EXPECT_EQ(client->mechanism(), ScramMechanism::kSha256Plus);
  EXPECT_EQ(client->first_message(), "p=tls-server-end-point,,n=,r=rOprNGfwEbeRWgbNEkqO");
  ASSERT_TRUE(client->on_server_first(kServerFirst).ok());
  ASSERT_TRUE(client->derive(4096));
  EXPECT_EQ(client->final_message(),
            "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,"
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=Q8h71kjaoMzNI7dPksDrhRE/5mTUObF0fUHVIgBOWQg=");
  EXPECT_TRUE(client->on_server_final("v=ykwoqH8mLqO5AQCeuwwf6lsj9f8zyJZT/CcvAbN4Ssc=").ok());
}

TEST(ScramClient, DerivesInSlices) {
  const auto client = client_for(credential());
  ASSERT_TRUE(client->on_server_first(kServerFirst).ok());
  int slices = 1;
  while (!client->derive(1000)) ++slices;
  EXPECT_EQ(slices, 5);
  EXPECT_TRUE(client->final_message().ends_with("p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k="));
}

TEST(ScramClient, HostileFirstMessagesAreRefused) {
  const std::string faults[] = {
      "",
      "e=other-error",
      std::string(kMaxScramMessage + 1, 'r'),
      replaced(kServerFirst, "r=rOpr", "m=ext,r=rOpr"),
      replaced(kServerFirst, "r=rOpr", "r=rOps"),                    // not our nonce
      replaced(kServerFirst, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", ""),  // nothing of its own
      replaced(kServerFirst, "hNlF", "h lF"),
      replaced(kServerFirst, "s=W22ZaJ0SNY7soEsUEjb6gQ==", "s="),
      replaced(kServerFirst, "s=W22ZaJ0SNY7soEsUEjb6gQ==", "s=W22ZaJ0SNY7soEsUEjb6gQ"),
      replaced(kServerFirst, "s=W22ZaJ0SNY7soEsUEjb6gQ==,", ""),
      replaced(kServerFirst,
               "s=W22ZaJ0SNY7soEsUEjb6gQ==", std::string(350, 'A').replace(0, 2, "s=")),
      replaced(kServerFirst, "i=4096", "i=4095"),  // makes guessing cheap
      replaced(kServerFirst, "i=4096", "i=1"),
      replaced(kServerFirst, "i=4096", "i=0"),
      replaced(kServerFirst, "i=4096", "i=-4096"),
      replaced(kServerFirst, "i=4096", "i=04096"),
      replaced(kServerFirst, "i=4096", "i=1000001"),  // keeps us busy
      replaced(kServerFirst, "i=4096", "i=2147483647"),
      replaced(kServerFirst, "i=4096", "i=4294971392"),  // 4096 modulo 2^32
      replaced(kServerFirst, "i=4096", "i="),
      replaced(kServerFirst, ",i=4096", ""),
      replaced(kServerFirst, "i=4096", "i=4096,"),
      replaced(kServerFirst, "i=4096", "i=4096,x=1"),
      replaced(kServerFirst, "i=4096", std::string_view("i=4096\0", 7)),
  };
  for (const std::string& message : faults)
    EXPECT_FALSE(client_for(credential())->on_server_first(message).ok()) << message;
}

TEST(ScramClient, IterationLimitsAreInclusive) {
  for (const std::string_view iterations : {"i=4096", "i=1000000"})
    EXPECT_TRUE(client_for(credential())
                    ->on_server_first(replaced(kServerFirst, "i=4096", iterations))
                    .ok());
}

TEST(ScramClient, ServerMustProveItself) {
  const std::string faults[] = {
      "",
      "v=",
      "e=invalid-proof",
      replaced(kServerFinal, "v=3", "v=4"),
      replaced(kServerFinal, "Og=", "Oh="),
      replaced(kServerFinal, "Og=", "Og=,x=1"),
      replaced(kServerFinal, "Og=", "Og=\n"),
      "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      // Our own proof sent back.
      "v=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=",
  };
  for (const std::string& message : faults) {
    const auto keys = credential();
    const auto client = client_for(keys);
    ASSERT_TRUE(client->on_server_first(kServerFirst).ok());
    ASSERT_TRUE(client->derive(4096));
    static_cast<void>(client->final_message());
    EXPECT_FALSE(client->on_server_final(message).ok()) << message;
    // An impostor does not get to fill the credential's memory: there is still all to derive.
    const auto next = client_for(keys);
    ASSERT_TRUE(next->on_server_first(kServerFirst).ok());
    EXPECT_FALSE(next->derive(0));
  }
}

// One whole exchange of both ends; what the server says at the end.
struct Met {
  Verdict verdict;
  bool client_satisfied = false;
};
Met meet(const ScramVerifier* verifier, std::shared_ptr<ScramCredential> keys, Binding binding,
         const Bytes& server_end_point) {
  static const ScramMock mock(Secret("mock secret"));
  ScramServer server(verifier, mock.verifier_for("user", {}), server_end_point);
  const auto client = std::make_unique<ScramClient>(
      std::move(keys), binding, binding == Binding::kEndPoint ? end_point() : Bytes());
  auto reply = server.start(to_string(client->mechanism()), client->first_message());
  if (reply.verdict != Verdict::kContinue) return {reply.verdict};
  EXPECT_TRUE(client->on_server_first(reply.message).ok());
  while (!client->derive(4096)) {
  }
  reply = server.on_message(client->final_message());
  if (reply.verdict != Verdict::kAuthenticated) return {reply.verdict};
  return {reply.verdict, client->on_server_final(reply.message).ok()};
}

TEST(ScramBothEnds, AgreeOnTheRightPassword) {
  for (const std::string password : {"pencil", "p\xc3\xa4ssw\xc3\xb6rt", " ,=\x7f"}) {
    const auto verifier = make_verifier(Secret(password), 5000);
    ASSERT_TRUE(verifier.ok());
    for (const auto& [binding, server_end_point] :
         {std::pair{Binding::kUnsupported, Bytes()}, std::pair{Binding::kNotOffered, Bytes()},
          std::pair{Binding::kUnsupported, end_point()},
          std::pair{Binding::kEndPoint, end_point()}}) {
      const Met met = meet(&*verifier, credential(password), binding, server_end_point);
      EXPECT_EQ(met.verdict, Verdict::kAuthenticated);
      EXPECT_TRUE(met.client_satisfied);
    }
  }
}

TEST(ScramBothEnds, WrongPasswordAndUnknownUserEndAlike) {
  const auto verifier = make_verifier(Secret("pencil"));
  EXPECT_EQ(meet(&*verifier, credential("pencil "), Binding::kUnsupported, {}).verdict,
            Verdict::kWrongProof);
  EXPECT_EQ(meet(nullptr, credential("pencil"), Binding::kUnsupported, {}).verdict,
            Verdict::kWrongProof);
}

TEST(ScramBothEnds, AManInTheMiddleWithHisOwnCertificateIsNoticed) {
  const auto verifier = make_verifier(Secret("pencil"));
  // The client is bound to the certificate that it saw, the server to its own.
  EXPECT_EQ(meet(&*verifier, credential(), Binding::kEndPoint, Bytes(32, 0xee)).verdict,
            Verdict::kRefused);
  // He hides the offer of -PLUS.
  EXPECT_EQ(meet(&*verifier, credential(), Binding::kNotOffered, end_point()).verdict,
            Verdict::kRefused);
}

TEST(ScramCredential, KeepsKeysAfterALoginAndOnlyForThatSaltAndCount) {
  const auto verifier = make_verifier(Secret("pencil"));
  const auto keys = credential();
  EXPECT_FALSE(keys->find(verifier->salt, 4096).has_value());
  ASSERT_TRUE(meet(&*verifier, keys, Binding::kUnsupported, {}).client_satisfied);
  ASSERT_TRUE(keys->find(verifier->salt, 4096).has_value());
  EXPECT_FALSE(keys->find(verifier->salt, 4097).has_value());
  EXPECT_FALSE(keys->find(Bytes(16, 0), 4096).has_value());
  EXPECT_TRUE(meet(&*verifier, keys, Binding::kUnsupported, {}).client_satisfied);
}

TEST(ScramCredential, KnownKeysNeedNoDerivation) {
  const auto keys = credential();
  const auto first = client_for(keys);
  ASSERT_TRUE(first->on_server_first(kServerFirst).ok());
  ASSERT_TRUE(first->derive(4096));
  const std::string expected = first->final_message();
  ASSERT_TRUE(first->on_server_final(kServerFinal).ok());

  const auto second = client_for(keys);
  ASSERT_TRUE(second->on_server_first(kServerFirst).ok());
  ASSERT_TRUE(second->derive(0));
  EXPECT_EQ(second->final_message(), expected);
}

TEST(ScramCredential, FailedLoginLeavesNothingBehind) {
  const auto verifier = make_verifier(Secret("pencil"));
  const auto wrong = credential("pen");
  ASSERT_EQ(meet(&*verifier, wrong, Binding::kUnsupported, {}).verdict, Verdict::kWrongProof);
  EXPECT_FALSE(wrong->find(verifier->salt, 4096).has_value());
}

TEST(ScramCredential, IsBounded) {
  const auto keys = credential();
  const auto salt = [](int n) { return Bytes(16, static_cast<std::uint8_t>(n)); };
  for (int n = 0; n < 10; ++n) keys->remember(salt(n), 4096, {});
  int kept = 0;
  for (int n = 0; n < 10; ++n) kept += keys->find(salt(n), 4096).has_value() ? 1 : 0;
  EXPECT_EQ(kept, 4);
  EXPECT_TRUE(keys->find(salt(9), 4096).has_value());
}

}  // namespace
}  // namespace tracegate::identity
