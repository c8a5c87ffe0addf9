#include "src/identity/scram_server.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tracegate::identity {
namespace {

using Verdict = ScramServer::Reply::Verdict;

// RFC 7677 section 3.
constexpr std::string_view kPencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
constexpr std::string_view kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

const ScramMock& mock() {
  static const ScramMock instance(Secret("a secret of this process"));
  return instance;
}

Bytes end_point() {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

ScramServer server_for_pencil(Bytes binding = {}) {
  const auto verifier = ScramVerifier::parse(kPencil);
  return ScramServer(&verifier.value(), mock().verifier_for("user", {}), std::move(binding),
                     std::string(kServerNonce));
}

std::string final_with(std::string_view what, std::string_view with) {
  std::string text(kClientFinal);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(ScramServer, Rfc7677Exchange) {
  ScramServer server = server_for_pencil();
  const auto first = server.start("SCRAM-SHA-256", kClientFirst);
  ASSERT_EQ(first.verdict, Verdict::kContinue) << first.error.hint;
  EXPECT_EQ(first.message, kServerFirst);
  const auto last = server.on_message(kClientFinal);
  ASSERT_EQ(last.verdict, Verdict::kAuthenticated) << last.error.hint;
  EXPECT_EQ(last.message, kServerFinal);
}

TEST(ScramServer, ClientThatSendsNoInitialResponseIsAskedForIt) {
  ScramServer server = server_for_pencil();
  const auto asked = server.start("SCRAM-SHA-256", std::nullopt);
  ASSERT_EQ(asked.verdict, Verdict::kContinue);
  EXPECT_TRUE(asked.message.empty());
  EXPECT_EQ(server.on_message(kClientFirst).message, kServerFirst);
  EXPECT_EQ(server.on_message(kClientFinal).verdict, Verdict::kAuthenticated);
}

TEST(ScramServer, PlusBindsToTheCertificate) {
  ScramServer server = server_for_pencil(end_point());
  ASSERT_EQ(server.start("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=rOprNGfwEbeRWgbNEkqO")
                .verdict,
            Verdict::kContinue);
  const auto last = server.on_message(
      "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,"
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      "p=Q8h71kjaoMzNI7dPksDrhRE/5mTUObF0fUHVIgBOWQg=");
  ASSERT_EQ(last.verdict, Verdict::kAuthenticated) << last.error.message;
  EXPECT_EQ(last.message, "v=ykwoqH8mLqO5AQCeuwwf6lsj9f8zyJZT/CcvAbN4Ssc=");
  EXPECT_EQ(server.mechanism(), ScramMechanism::kSha256Plus);
}

TEST(ScramServer, BindingToAnotherCertificateIsRefused) {
  Bytes other = end_point();
  other[31] ^= 1;
  ScramServer server = server_for_pencil(other);
  ASSERT_EQ(server.start("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=rOprNGfwEbeRWgbNEkqO")
                .verdict,
            Verdict::kContinue);
  const auto last = server.on_message(
      "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,"
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      "p=Q8h71kjaoMzNI7dPksDrhRE/5mTUObF0fUHVIgBOWQg=");
  EXPECT_EQ(last.verdict, Verdict::kRefused);
  EXPECT_EQ(last.error.sqlstate, "28000");
}

TEST(ScramServer, PlusIsOfferedOnlyWithBindingData) {
  using Mechanisms = std::vector<ScramMechanism>;
  EXPECT_EQ(server_for_pencil().mechanisms(), Mechanisms{ScramMechanism::kSha256});
  EXPECT_EQ(server_for_pencil(end_point()).mechanisms(),
            (Mechanisms{ScramMechanism::kSha256Plus, ScramMechanism::kSha256}));
  EXPECT_EQ(
      server_for_pencil().start("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=abc").verdict,
      Verdict::kRefused);
}

TEST(ScramServer, ClientThatMissedOurOfferOfPlusIsRefused) {
  EXPECT_EQ(server_for_pencil().start("SCRAM-SHA-256", "y,,n=,r=abc").verdict, Verdict::kContinue);
  const auto downgraded = server_for_pencil(end_point()).start("SCRAM-SHA-256", "y,,n=,r=abc");
  EXPECT_EQ(downgraded.verdict, Verdict::kRefused);
  EXPECT_EQ(downgraded.error.sqlstate, "28000");
  // "n": it does not know channel binding at all, which is its right.
  EXPECT_EQ(server_for_pencil(end_point()).start("SCRAM-SHA-256", "n,,n=,r=abc").verdict,
            Verdict::kContinue);
}

TEST(ScramServer, FlagChangedBetweenTheMessagesIsRefused) {
  ScramServer server = server_for_pencil();
  ASSERT_EQ(server.start("SCRAM-SHA-256", kClientFirst).verdict, Verdict::kContinue);
  EXPECT_EQ(server.on_message(final_with("c=biws", "c=eSws")).error.sqlstate, "28000");
}

TEST(ScramServer, MalformedFirstMessagesAreRefused) {
  const std::string too_long = "n,,n=,r=" + std::string(kMaxScramMessage, 'a');
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "08P01"},
      {"n", "08P01"},
      {"n,", "08P01"},
      {"n,,", "08P01"},
      {",,n=,r=abc", "08P01"},
      {"x,,n=,r=abc", "08P01"},
      {"nn,,n=,r=abc", "08P01"},
      {"n,n=,r=abc", "08P01"},
      {"n,x,n=,r=abc", "08P01"},
      {"n,a=admin,n=,r=abc", "0A000"},
      {"p=tls-server-end-point,,n=,r=abc", "08P01"},
      {"p=tls-unique,,n=,r=abc", "08P01"},
      {"n,,m=ext,n=,r=abc", "0A000"},
      {"n,,r=abc", "08P01"},
      {"n,,r=abc,n=user", "08P01"},
      {"n,,n=,r=", "08P01"},
      {"n,,n=user", "08P01"},
      {"n,,n=,r=abc,", "08P01"},
      {"n,,n=,,r=abc", "08P01"},
      {"n,,n=,r=a c", "08P01"},
      {"n,,n=,r=\xc3\xa9", "08P01"},
      {"n,,n=,r=abc,r=def", "08P01"},
      {"n,,n=,r=abc,m=ext", "08P01"},
      {"n,,n=,r=abc,p=AAAA", "08P01"},
      {"n,,n=,r=abc,xyz", "08P01"},
      {"n,,n=,r=abc,1=x", "08P01"},
      {"n,,n=\xff,r=abc", "08P01"},
      {std::string_view("n,,n=\0,r=abc", 12), "08P01"},
      {std::string_view("n,,n=,r=abc\0", 12), "08P01"},
      {too_long, "08P01"},
  };
  for (const auto& [message, sqlstate] : cases) {
    ScramServer server = server_for_pencil();
    const auto reply = server.start("SCRAM-SHA-256", message);
    EXPECT_EQ(reply.verdict, Verdict::kRefused) << message;
    EXPECT_EQ(reply.error.sqlstate, sqlstate) << message;
    EXPECT_TRUE(reply.message.empty());
  }
}

TEST(ScramServer, OptionalExtensionsAreIgnored) {
  ScramServer server = server_for_pencil();
  EXPECT_EQ(server.start("SCRAM-SHA-256", "n,,n=,r=abc,x=1,Y=").verdict, Verdict::kContinue);
}

TEST(ScramServer, MechanismsOtherThanOurOwnAreRefused) {
  for (const std::string_view name :
       {"", "PLAIN", "SCRAM-SHA-1", "scram-sha-256", "SCRAM-SHA-256 ", "SCRAM-SHA-256-PLUS"})
    EXPECT_EQ(server_for_pencil().start(name, kClientFirst).error.sqlstate, "08P01") << name;
}

TEST(ScramServer, PlusAndFlagMustAgree) {
  EXPECT_EQ(server_for_pencil(end_point()).start("SCRAM-SHA-256-PLUS", kClientFirst).verdict,
            Verdict::kRefused);
  EXPECT_EQ(server_for_pencil(end_point())
                .start("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=abc")
                .verdict,
            Verdict::kRefused);
  EXPECT_EQ(server_for_pencil(end_point())
                .start("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=,r=abc")
                .verdict,
            Verdict::kRefused);
}

TEST(ScramServer, MalformedFinalMessagesAreRefused) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "08P01"},
      {"c=biws", "08P01"},
      {final_with("c=biws,", ""), "08P01"},
      {final_with("c=biws", "c="), "28000"},
      {final_with("c=biws", "c=biw"), "08P01"},
      {final_with("c=biws", "c=biwsAAAA"), "28000"},
      {final_with("c=biws", "m=ext,c=biws"), "0A000"},
      {final_with("k0,", "k1,"), "08P01"},
      {final_with("k0,", "k,"), "08P01"},
      {final_with("k0,", "k00,"), "08P01"},
      {final_with("rOprNGfwEbeRWgbNEkqO", ""), "08P01"},
      {final_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ""), "08P01"},
      {final_with("VQ=", "VQ"), "08P01"},
      {final_with("p=dHzb", "p=AAAAdHzb"), "08P01"},
      {final_with("p=dHzb", "p="), "08P01"},
      {final_with("p=dHzb", "v=dHzb"), "08P01"},
      {final_with("VQ=", "VQ=,"), "08P01"},
      {final_with("VQ=", "VQ=,x=1"), "08P01"},
      {final_with("VQ=", "VQ=\n"), "08P01"},
      {final_with("VQ=", std::string("VQ=\0", 4)), "08P01"},
      {final_with(",p=", ",c=biws,p="), "08P01"},
  };
  for (const auto& [message, sqlstate] : cases) {
    ScramServer server = server_for_pencil();
    ASSERT_EQ(server.start("SCRAM-SHA-256", kClientFirst).verdict, Verdict::kContinue);
    const auto reply = server.on_message(message);
    EXPECT_EQ(reply.verdict, Verdict::kRefused) << message;
    EXPECT_EQ(reply.error.sqlstate, sqlstate) << message;
    EXPECT_TRUE(reply.message.empty());
  }
}

TEST(ScramServer, EveryChangedBitOfTheProofIsAWrongProof) {
  const std::size_t proof_at = kClientFinal.find(",p=") + 3;
  for (std::size_t i = proof_at; i + 2 < kClientFinal.size(); ++i) {
    std::string message(kClientFinal);
    message[i] = message[i] == 'A' ? 'B' : 'A';
    ScramServer server = server_for_pencil();
    ASSERT_EQ(server.start("SCRAM-SHA-256", kClientFirst).verdict, Verdict::kContinue);
    const auto reply = server.on_message(message);
    EXPECT_EQ(reply.verdict, Verdict::kWrongProof);
    EXPECT_TRUE(reply.message.empty());
  }
}

TEST(ScramServer, NothingIsAnsweredAfterTheEnd) {
  ScramServer server = server_for_pencil();
  ASSERT_EQ(server.start("SCRAM-SHA-256", kClientFirst).verdict, Verdict::kContinue);
  ASSERT_EQ(server.on_message(kClientFinal).verdict, Verdict::kAuthenticated);
  EXPECT_EQ(server.on_message(kClientFinal).verdict, Verdict::kRefused);

  ScramServer failed = server_for_pencil();
  ASSERT_EQ(failed.start("SCRAM-SHA-256", "garbage").verdict, Verdict::kRefused);
  EXPECT_EQ(failed.on_message(kClientFirst).verdict, Verdict::kRefused);
}

TEST(ScramServer, UnknownUserGetsTheSameExchangeAndFailsAtTheProof) {
  ScramServer server(nullptr, mock().verifier_for("nobody", {}), {}, std::string(kServerNonce));
  const auto first = server.start("SCRAM-SHA-256", kClientFirst);
  ASSERT_EQ(first.verdict, Verdict::kContinue);
  EXPECT_EQ(first.message.size(), kServerFirst.size());
  EXPECT_TRUE(first.message.ends_with(",i=4096"));
  EXPECT_EQ(server.on_message(kClientFinal).verdict, Verdict::kWrongProof);
}

std::string text_of(const ScramVerifier& verifier) {
  return verifier.to_string();
}

TEST(ScramMock, SameNameSameVerifierOtherNameOtherSalt) {
  EXPECT_EQ(text_of(mock().verifier_for("a", {})), text_of(mock().verifier_for("a", {})));
  EXPECT_NE(mock().verifier_for("a", {}).salt, mock().verifier_for("b", {}).salt);
  EXPECT_EQ(mock().verifier_for("a", {}).form(), ScramForm{});
  const ScramMock other(Secret("another secret"));
  EXPECT_NE(other.verifier_for("a", {}).salt, mock().verifier_for("a", {}).salt);
}

TEST(ScramMock, HasTheFormOfSomeUserEachAsOftenAsAmongTheUsers) {
  const std::vector<ScramForm> forms{{4096, 16}, {4096, 16}, {4096, 24}, {20'000, 100}};
  std::map<ScramForm, int> seen;
  for (int i = 0; i < 4000; ++i) {
    const std::string name = "user" + std::to_string(i);
    const ScramVerifier verifier = mock().verifier_for(name, forms);
    EXPECT_EQ(text_of(verifier), text_of(mock().verifier_for(name, forms)));
    ++seen[verifier.form()];
  }
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_NEAR(seen[forms[0]], 2000, 200);
  EXPECT_NEAR(seen[forms[2]], 1000, 200);
  EXPECT_NEAR(seen[forms[3]], 1000, 200);
}

TEST(ScramMock, AUserMoreChangesTheFormOfFewNames) {
  const std::vector<ScramForm> before(50, ScramForm{4096, 16});
  std::vector<ScramForm> after = before;
  after.push_back({10'000, 16});
  int changed = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "user" + std::to_string(i);
    const ScramVerifier now = mock().verifier_for(name, after);
    EXPECT_EQ(now.salt, mock().verifier_for(name, before).salt);
    if (now.form() != before[0]) ++changed;
  }
  EXPECT_NEAR(changed, 2000 / 51, 30);
}

TEST(ScramMock, NoPartOfALongSaltComesTwice) {
  const std::vector<ScramForm> forms{{4096, kMaxScramSaltSize}};
  const Bytes salt = mock().verifier_for("a", forms).salt;
  ASSERT_EQ(salt.size(), kMaxScramSaltSize);
  std::set<Bytes> parts;
  for (auto at = salt.begin(); at != salt.end(); at += 16) parts.insert(Bytes(at, at + 16));
  EXPECT_EQ(parts.size(), kMaxScramSaltSize / 16);
}

}  // namespace
}  // namespace tracegate::identity
