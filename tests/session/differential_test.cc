// The same conversation through the gateway and with the store directly: the client must not see
// any difference; but for refusals, which must look exactly as if the store itself had refused.
#include <gtest/gtest.h>

#include "src/session/refusals.h"
#include "tests/session/harness.h"
#include "tests/session/random_conversation.h"
#include "tests/session/readable.h"

namespace tracegate::session::testing {
namespace {

constexpr std::uint32_t kConversations = 10'000;

std::string joined(const std::vector<std::string>& messages) {
  std::string bytes;
  for (const std::string& message : messages) bytes += message;
  return bytes;
}

// How the bytes travel differs from seed to seed, too.
SessionOptions options_for(std::uint32_t seed) {
  SessionOptions options;
  if (seed % 3 == 0) options.max_pipeline = 1 + seed % 7;
  if (seed % 5 == 0) options.limits.hold_bind = 10;
  return options;
}
Delivery delivery_for(std::uint32_t seed) {
  if (seed % 4 == 0) return {.name = "whole"};
  if (seed % 4 == 1) return {.name = "byte by byte", .client_piece = 1, .store_piece = 1};
  return {.name = "random", .seed = seed};
}

// Says all of it, in parts, with a journal that lags behind.
std::string through_gateway(SessionHarness& h, const std::vector<std::string>& messages,
                            std::uint32_t seed) {
  std::mt19937 random(seed);
  for (const std::string& message : messages) {
    h.queue(message);
    if (random() % 3 == 0) h.run();
    if (random() % 5 == 0) h.hold_records();
    if (random() % 5 == 0) h.durable_all();
  }
  h.run();
  h.durable_all();
  EXPECT_EQ(h.closed(), "");
  EXPECT_EQ(h.unread_of_client(), 0U) << "stuck";
  EXPECT_EQ(h.unread_of_store(), 0U);
  EXPECT_TRUE(h.session().idle());
  return h.client_bytes();
}

std::string directly(const std::vector<std::string>& messages, PgModel::Hooks hooks) {
  PgModel store(std::move(hooks));
  store.receive(joined(messages));
  return store.take_output();
}

void expect_same(const std::string& seen, const std::string& expected,
                 const std::vector<std::string>& messages) {
  if (seen == expected) return;
  ADD_FAILURE() << "the client said  " << readable_client_stream(joined(messages))
                << "\nand saw          " << readable_store_stream(seen) << "\ninstead of       "
                << readable_store_stream(expected);
}

TEST(Differential, WithEverythingPermittedTheClientSeesWhatTheStoreSays) {
  for (std::uint32_t seed = 1; seed <= kConversations && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const auto messages = random_conversation(seed, {});
    SessionHarness h(delivery_for(seed), options_for(seed));
    h.judge.set_unrestricted(true);
    h.with_model();
    expect_same(through_gateway(h, messages, seed), directly(messages, {}), messages);
  }
}

TEST(Differential, RefusalsLookAsIfTheStoreHadRefusedAndNoRefusedTextReachesIt) {
  const DenialRef call_refused = function_call_refused();
  for (std::uint32_t seed = 1; seed <= kConversations && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const auto messages =
        random_conversation(seed, {.names_in_texts = false, .denied_texts = true});
    SessionHarness h(delivery_for(seed), options_for(seed));
    h.judge.deny("SELECT 9");
    h.judge.deny("INSERT 9");
    std::vector<std::string> ran;
    h.with_model(
        {.on_text =
             [&](std::string_view text) { EXPECT_EQ(h.judge.denial_of(text), nullptr) << text; },
         .on_done = [&](const TinyStatement& statement) { ran.push_back(statement.text); }});
    expect_same(through_gateway(h, messages, seed),
                directly(messages,
                         {.refuse = [&](std::string_view text) { return h.judge.denial_of(text); },
                          .refuse_call = call_refused.get()}),
                messages);
    // What ran is what was judged and recorded, statement by statement.
    std::vector<std::string> recorded;
    for (const SessionHarness::IntentSeen& intent : h.all_intents())
      if (intent.ended && intent.via != journal::Via::kBind &&
          (intent.ending == journal::Ending::kCompleted ||
           intent.ending == journal::Ending::kSuspended))
        recorded.push_back(parse_tiny(intent.text).at(intent.index).text);
    EXPECT_EQ(recorded, ran) << readable_client_stream(joined(messages));
  }
}

}  // namespace
}  // namespace tracegate::session::testing
