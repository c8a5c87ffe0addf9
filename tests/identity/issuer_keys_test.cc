#include "src/identity/issuer_keys.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace tracegate::identity {
namespace {

using Asked = IssuerKeys::Asked;
using Outcome = IssuerKeys::Outcome;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kIssuer = "https://login.test/realm";
constexpr std::string_view kDiscoveryUrl =
    "https://login.test/realm/.well-known/openid-configuration";
constexpr std::string_view kJwksUrl = "https://login.test/keys";

// A key set's text here is its key ids, separated by blanks: "a b c"; "bad" is malformed.
class NamedKeys : public KeySet {
 public:
  explicit NamedKeys(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      ids_.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  [[nodiscard]] bool holds(std::string_view key_id) const override {
    return std::find(ids_.begin(), ids_.end(), key_id) != ids_.end();
  }
  [[nodiscard]] std::size_t size() const override { return ids_.size(); }

 private:
  std::vector<std::string> ids_;
};

// And a discovery document's "issuer jwks_uri".
DocumentParsers parsers() {
  return {[](std::string_view text) -> Result<DiscoveryDocument> {
            const std::size_t blank = text.find(' ');
            if (blank == std::string_view::npos) return Error("malformed\n\x1b[1m document");
            return DiscoveryDocument{std::string(text.substr(0, blank)),
                                     std::string(text.substr(blank + 1))};
          },
          [](std::string_view text) -> Result<KeySetRef> {
            if (text == "bad") return Error("malformed");
            return KeySetRef(std::make_shared<NamedKeys>(text));
          }};
}

std::string discovery(std::string_view jwks_url = kJwksUrl, std::string_view issuer = kIssuer) {
  return std::string(issuer) + " " + std::string(jwks_url);
}

IssuerSettings settings(std::string_view issuer = kIssuer) {
  IssuerSettings made;
  made.issuer = issuer;
  return made;
}

// A machine, its time, and a provider that answers as a test says.
class IssuerKeysTest : public testing::Test {
 protected:
  void start(IssuerSettings with) {
    auto made = IssuerKeys::make(std::move(with), parsers());
    ASSERT_TRUE(made.ok()) << made.error().message;
    machine_.emplace(std::move(made).value());
  }
  void SetUp() override { start(settings()); }

  // Fetches what is due, if anything is: the discovery document and then this key set.
  std::optional<Outcome> round(std::string_view keys,
                               std::optional<Microseconds> fresh_for = std::nullopt,
                               double chance = 0) {
    const auto first = machine_->due(now_);
    if (!first) return std::nullopt;
    EXPECT_EQ(first, kDiscoveryUrl);
    EXPECT_EQ(machine_->due(now_), std::nullopt) << "one document at a time";
    EXPECT_EQ(machine_->on_document({discovery()}, now_, chance), Outcome::kGoesOn);
    EXPECT_LE(machine_->wake_at(), now_);
    EXPECT_EQ(machine_->due(now_), kJwksUrl);
    return machine_->on_document({keys, fresh_for}, now_, chance);
  }
  // A round that fails at its first document.
  std::optional<Outcome> failing_round(std::optional<Microseconds> retry_after = std::nullopt,
                                       double chance = 0) {
    if (!machine_->due(now_)) return std::nullopt;
    return machine_->on_failure({"connection refused", retry_after}, now_, chance);
  }
  // Goes on to when the machine wants to be called; how long that was.
  Microseconds sleep() {
    const Microseconds before = now_;
    now_ = std::max(now_, machine_->wake_at());
    return now_ - before;
  }
  [[nodiscard]] bool in_force(std::string_view key_id) const {
    const KeySetRef keys = machine_->keys(now_);
    return keys && keys->holds(key_id);
  }

  std::optional<IssuerKeys> machine_;
  Microseconds now_ = hours(1000);
};

TEST_F(IssuerKeysTest, TheFirstRoundIsDueAtOnceAndBringsTheKeys) {
  EXPECT_LE(machine_->wake_at(), now_);
  EXPECT_EQ(machine_->keys(now_), nullptr);
  EXPECT_EQ(round("a b"), Outcome::kSucceeded);
  EXPECT_TRUE(in_force("a"));
  EXPECT_TRUE(in_force("b"));
  EXPECT_FALSE(in_force("c"));
  EXPECT_EQ(machine_->due(now_), std::nullopt);
}

TEST_F(IssuerKeysTest, RoundsFollowEveryRefresh) {
  round("a");
  EXPECT_EQ(sleep(), minutes(10));
  EXPECT_EQ(round("a"), Outcome::kSucceeded);
  EXPECT_EQ(sleep(), minutes(10));
}

TEST_F(IssuerKeysTest, ARoundIsUpToATenthSoonerByChance) {
  round("a", std::nullopt, 0.5);
  EXPECT_EQ(sleep(), minutes(10) - seconds(30));
}

TEST_F(IssuerKeysTest, CacheControlShortensTheIntervalButNotBelowAMinute) {
  const std::vector<std::pair<seconds, seconds>> cases = {
      {seconds(300), seconds(300)}, {seconds(10), seconds(60)},     {seconds(0), seconds(60)},
      {seconds(600), seconds(600)}, {seconds(86400), seconds(600)},
  };
  for (const auto& [fresh_for, interval] : cases) {
    ASSERT_EQ(round("a", fresh_for), Outcome::kSucceeded);
    EXPECT_EQ(sleep(), interval);
  }
}

TEST_F(IssuerKeysTest, AnUnchangedKeySetStaysTheSameObject) {
  round("a");
  const KeySetRef before = machine_->keys(now_);
  sleep();
  round("a");
  EXPECT_EQ(machine_->keys(now_), before);
  sleep();
  round("a b");
  EXPECT_NE(machine_->keys(now_), before);
}

TEST_F(IssuerKeysTest, AnUnknownKeyIsFetchedAtOnce) {
  round("a");
  now_ += seconds(1);
  EXPECT_EQ(machine_->ask("a", now_), Asked::kKnown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  EXPECT_LE(machine_->wake_at(), now_);
  EXPECT_EQ(round("a b"), Outcome::kSucceeded);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kKnown);
}

TEST_F(IssuerKeysTest, WhoAsksDuringARoundWaitsForIt) {
  EXPECT_EQ(machine_->ask("a", now_), Asked::kWait);
  ASSERT_TRUE(machine_->due(now_));
  EXPECT_EQ(machine_->ask("a", now_), Asked::kWait);
  machine_->on_document({discovery()}, now_, 0);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  ASSERT_TRUE(machine_->due(now_));
  EXPECT_EQ(machine_->ask("a", now_), Asked::kWait);
  machine_->on_document({"a"}, now_, 0);
  EXPECT_EQ(machine_->ask("a", now_), Asked::kKnown);
  EXPECT_EQ(machine_->due(now_), std::nullopt) << "that round was the answer to all of them";
}

TEST_F(IssuerKeysTest, AKeyThatARoundDidNotBringIsUnknownForAWhile) {
  round("a");
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  round("a");
  EXPECT_EQ(machine_->ask("b", now_), Asked::kUnknown);
  now_ += seconds(29);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kUnknown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
  now_ += seconds(1);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
}

TEST_F(IssuerKeysTest, ARoundByTimeCountsForWhatIsMissing) {
  now_ = hours(2000);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  round("a");  // by time: it was due anyway
  now_ += seconds(5);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kUnknown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
}

TEST_F(IssuerKeysTest, AMissingKeyIsKnownAsSoonAsARoundBringsIt) {
  round("a");
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  round("a", seconds(60));
  sleep();
  round("a b");
  EXPECT_EQ(machine_->ask("b", now_), Asked::kKnown);
}

TEST_F(IssuerKeysTest, AFloodOfUnknownKeysMakesARoundEveryHalfMinute) {
  round("a");
  int rounds = 0;
  for (int i = 0; i < 300'000; ++i) {  // five minutes, an unknown key each millisecond
    now_ += Milliseconds{1};
    static_cast<void>(machine_->ask("made up " + std::to_string(i), now_));
    if (round("a")) ++rounds;
  }
  EXPECT_EQ(rounds, 10);
}

TEST_F(IssuerKeysTest, AKeyNamedWhileRoundsAreNotPermittedIsFetchedWhenTheyAre) {
  round("a");
  EXPECT_EQ(machine_->ask("x", now_), Asked::kWait);
  round("a");
  now_ += seconds(1);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kUnknown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
  EXPECT_EQ(sleep(), seconds(29));
  EXPECT_EQ(round("a b"), Outcome::kSucceeded);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kKnown);
}

TEST_F(IssuerKeysTest, FailuresAreRepeatedWithBackOff) {
  round("a");
  sleep();
  for (const int wait : {5, 10, 20, 40, 80, 160, 300, 300}) {
    EXPECT_EQ(failing_round(), Outcome::kFailed);
    EXPECT_EQ(sleep(), seconds(wait));
  }
  EXPECT_EQ(round("a"), Outcome::kSucceeded);
  EXPECT_EQ(sleep(), minutes(10));
  failing_round();
  EXPECT_EQ(sleep(), seconds(5)) << "it begins anew after a success";
}

TEST_F(IssuerKeysTest, ChanceShortensABackOffByUpToAHalf) {
  failing_round(std::nullopt, 0.999999);
  const Microseconds wait = sleep();
  EXPECT_GE(wait, Milliseconds{2500});
  EXPECT_LT(wait, Milliseconds{2501});
}

TEST_F(IssuerKeysTest, TheBackOffNeverOverflows) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(failing_round(), Outcome::kFailed);
    EXPECT_LE(sleep(), minutes(5));
  }
  EXPECT_EQ(machine_->health(now_).failures, 1000U);
}

TEST_F(IssuerKeysTest, RetryAfterIsKeptUpToAnEnd) {
  failing_round(seconds(120));
  EXPECT_EQ(machine_->ask("a", now_), Asked::kUnknown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
  EXPECT_EQ(sleep(), seconds(120));
  failing_round(hours(24 * 365 * 68));
  EXPECT_EQ(sleep(), minutes(5));
  failing_round(seconds(0));
  EXPECT_EQ(sleep(), seconds(20)) << "zero does not shorten a back-off";
}

TEST_F(IssuerKeysTest, TokensAskDuringABackOffToo) {
  round("a");
  sleep();
  for (int i = 0; i < 8; ++i) {
    failing_round();
    sleep();
  }
  failing_round();  // the next by time in five minutes
  now_ += seconds(1);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  EXPECT_EQ(round("a b"), Outcome::kSucceeded);
}

TEST_F(IssuerKeysTest, WhoWaitsLearnsOfAFailureAndMayAskAgain) {
  round("a");
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  EXPECT_EQ(failing_round(), Outcome::kFailed);
  EXPECT_EQ(machine_->ask("b", now_), Asked::kUnknown);
  EXPECT_EQ(sleep(), seconds(5)) << "the failure's own repetition comes first";
  EXPECT_EQ(machine_->ask("b", now_), Asked::kWait);
  EXPECT_EQ(round("a b"), Outcome::kSucceeded);
}

TEST_F(IssuerKeysTest, KeysStayInForceWhileTheProviderIsDownUntilTheyAreStale) {
  round("a");
  const Microseconds success = now_;
  while (now_ < success + hours(1)) {
    EXPECT_TRUE(in_force("a"));
    sleep();
    if (now_ < success + hours(1)) failing_round();
  }
  EXPECT_EQ(now_, success + hours(1)) << "the machine is woken up for it";
  EXPECT_EQ(machine_->keys(now_), nullptr) << "before due() is called, too";
  failing_round();
  EXPECT_EQ(machine_->keys(now_), nullptr);
  EXPECT_GT(machine_->wake_at(), now_) << "it is not woken up for it for ever";
  EXPECT_NE(machine_->ask("a", now_), Asked::kKnown);
  sleep();
  EXPECT_EQ(round("a"), Outcome::kSucceeded);
  EXPECT_TRUE(in_force("a"));
}

TEST_F(IssuerKeysTest, ASuccessWithTheSameKeysKeepsThemFresh) {
  round("a");
  for (int i = 0; i < 20; ++i) {
    sleep();
    ASSERT_EQ(round("a"), Outcome::kSucceeded);
    EXPECT_TRUE(in_force("a"));
  }
}

TEST_F(IssuerKeysTest, AMalformedOrEmptySetDoesNotReplaceAGoodOne) {
  round("a");
  const KeySetRef good = machine_->keys(now_);
  for (const char* text : {"bad", ""}) {
    sleep();
    EXPECT_EQ(round(text), Outcome::kFailed);
    EXPECT_EQ(machine_->keys(now_), good);
  }
  EXPECT_EQ(machine_->health(now_).last_error, "key set: it holds no key that can be used");
}

TEST_F(IssuerKeysTest, AnEmptySetIsNoKeysAtTheStartEither) {
  EXPECT_EQ(round(""), Outcome::kFailed);
  EXPECT_EQ(machine_->keys(now_), nullptr);
}

TEST_F(IssuerKeysTest, TheDocumentMustBeOfTheIssuerByteForByte) {
  for (const char* issuer :
       {"https://login.test/realm/", "https://LOGIN.test/realm", "https://login.test:443/realm",
        "https://login.test/Realm", "https://login.test", "https://login.test/realm%20", ""}) {
    ASSERT_TRUE(machine_->due(now_));
    EXPECT_EQ(machine_->on_document({discovery(kJwksUrl, issuer)}, now_, 0), Outcome::kFailed);
    EXPECT_EQ(machine_->health(now_).last_error,
              "discovery: it is of another issuer: " + std::string(issuer));
    sleep();
  }
  EXPECT_EQ(machine_->health(now_).jwks_url, "");
}

TEST_F(IssuerKeysTest, KeysAreFetchedOverHttpsOnly) {
  for (const char* url : {"http://login.test/keys", "http://127.0.0.1/keys", "file:///etc/passwd",
                          "/keys", "", "https://user:secret@login.test/"}) {
    ASSERT_TRUE(machine_->due(now_));
    EXPECT_EQ(machine_->on_document({discovery(url)}, now_, 0), Outcome::kFailed) << url;
    EXPECT_EQ(machine_->health(now_).last_error.find("secret"), std::string::npos);
    sleep();
  }
  EXPECT_EQ(round("a"), Outcome::kSucceeded);
}

TEST_F(IssuerKeysTest, AnIssuerOfThisMachineMayUseHttpOnThisMachine) {
  start(settings("http://127.0.0.1:8080"));
  EXPECT_EQ(machine_->due(now_), "http://127.0.0.1:8080/.well-known/openid-configuration");
  EXPECT_EQ(machine_->on_document({"http://127.0.0.1:8080 http://elsewhere.test/keys"}, now_, 0),
            Outcome::kFailed);
  sleep();
  ASSERT_TRUE(machine_->due(now_));
  EXPECT_EQ(machine_->on_document({"http://127.0.0.1:8080 http://127.0.0.1:8081/keys"}, now_, 0),
            Outcome::kGoesOn);
  EXPECT_EQ(machine_->due(now_), "http://127.0.0.1:8081/keys");
}

TEST_F(IssuerKeysTest, KeysThatMovedAreFollowed) {
  round("a");
  sleep();
  ASSERT_TRUE(machine_->due(now_));
  machine_->on_document({discovery("https://new.test/keys")}, now_, 0);
  EXPECT_EQ(machine_->due(now_), "https://new.test/keys");
  EXPECT_EQ(machine_->on_document({"b"}, now_, 0), Outcome::kSucceeded);
  EXPECT_EQ(machine_->health(now_).jwks_url, "https://new.test/keys");
}

TEST_F(IssuerKeysTest, AConfiguredUrlNeedsNoDiscovery) {
  IssuerSettings with = settings("not a URL");
  with.jwks_url = "https://keys.test/jwks?tenant=1";
  start(with);
  EXPECT_EQ(machine_->due(now_), with.jwks_url);
  EXPECT_EQ(machine_->on_document({"a"}, now_, 0), Outcome::kSucceeded);
  EXPECT_TRUE(in_force("a"));
  EXPECT_EQ(sleep(), minutes(10));
  EXPECT_EQ(machine_->due(now_), with.jwks_url);
}

TEST_F(IssuerKeysTest, OneSlashAtTheEndOfAnIssuerIsLeftOutOfTheDiscoveryUrl) {
  start(settings("https://login.test/"));
  EXPECT_EQ(machine_->due(now_), "https://login.test/.well-known/openid-configuration");
  EXPECT_EQ(machine_->on_document({discovery(kJwksUrl, "https://login.test/")}, now_, 0),
            Outcome::kGoesOn);
}

TEST_F(IssuerKeysTest, SettingsThatCannotWorkAreRefused) {
  const auto refusal = [](IssuerSettings with) {
    const auto made = IssuerKeys::make(std::move(with), parsers());
    return made.ok() ? std::string() : made.error().message;
  };
  EXPECT_EQ(refusal(settings()), "");
  EXPECT_EQ(refusal(settings("login.test")), "issuer: a URL does not begin with https://");
  EXPECT_EQ(refusal(settings("https://login.test?a")), "issuer: the URL of an issuer has no query");
  EXPECT_EQ(refusal(settings("http://login.test")),
            "issuer: http://login.test is not https, and not of this machine");
  IssuerSettings with = settings();
  with.jwks_url = "http://login.test/keys";
  EXPECT_EQ(refusal(with), "jwks_url: http://login.test is not https, and not of this machine");
  with.jwks_url = "login.test";
  EXPECT_EQ(refusal(with), "jwks_url: a URL does not begin with https://");
  with = settings();
  with.refresh = seconds(59);
  EXPECT_EQ(refusal(with), "keys would be refreshed more often than is permitted");
  with = settings();
  with.max_stale = minutes(9);
  EXPECT_EQ(refusal(with), "keys would become stale before they are refreshed");
}

TEST_F(IssuerKeysTest, AnOverlongKeyIdIsNeverAskedFor) {
  round("a");
  EXPECT_EQ(machine_->ask(std::string(IssuerKeys::kMaxKeyId + 1, 'x'), now_), Asked::kUnknown);
  EXPECT_EQ(machine_->due(now_), std::nullopt);
  EXPECT_EQ(machine_->ask(std::string(IssuerKeys::kMaxKeyId, 'x'), now_), Asked::kWait);
}

TEST_F(IssuerKeysTest, OnlySoManyMissingKeysAreRemembered) {
  round("a");
  std::vector<std::string> ids;
  for (std::size_t i = 0; i <= IssuerKeys::kMaxRemembered; ++i) ids.push_back(std::to_string(i));
  for (const std::string& id : ids) EXPECT_EQ(machine_->ask(id, now_), Asked::kWait);
  round("a");
  for (const std::string& id : ids) EXPECT_EQ(machine_->ask(id, now_), Asked::kUnknown);
  now_ += seconds(30);
  EXPECT_EQ(machine_->ask("x", now_), Asked::kWait) << "what is forgotten makes room";
  round("a");
  EXPECT_EQ(machine_->ask("x", now_ + seconds(29)), Asked::kUnknown);
}

TEST_F(IssuerKeysTest, HealthSaysWhatThereIsToSay) {
  auto health = machine_->health(now_);
  EXPECT_EQ(health.keys, 0U);
  EXPECT_EQ(health.last_success, std::nullopt);
  EXPECT_EQ(health.last_error, "");
  round("a b");
  const Microseconds success = now_;
  sleep();
  ASSERT_TRUE(machine_->due(now_));
  machine_->on_document({"malformed"}, now_, 0);
  health = machine_->health(now_);
  EXPECT_EQ(health.keys, 2U);
  EXPECT_EQ(health.last_success, success);
  EXPECT_EQ(health.failures, 1U);
  EXPECT_EQ(health.last_error, "discovery: malformed\\x0a\\x1b[1m document") << "printable";
  EXPECT_EQ(health.jwks_url, kJwksUrl);
  sleep();
  round("a");
  health = machine_->health(now_);
  EXPECT_EQ(health.failures, 0U);
  EXPECT_EQ(health.last_error, "");
}

}  // namespace
}  // namespace tracegate::identity
