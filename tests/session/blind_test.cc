// Blind INSERTs: whatever the store inserted, the client is told the number of rows that it
// offered.
#include <gtest/gtest.h>

#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(Blind, TheTagSaysWhatWasOffered) {
  h.judge.offer("INSERT 1", 3);
  h.say(say::query("INSERT 1"));
  h.answer(answer::complete("INSERT 0 1") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Complete(INSERT 0 3) Ready(I)");
  h.say(say::query("INSERT 2"));
  h.answer(answer::complete("INSERT 0 1") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Complete(INSERT 0 1) Ready(I)");
}

CONVERSATION(Blind, TheRecordSaysWhatWasInserted) {
  h.judge.offer("INSERT 1", 3);
  h.say(say::query("INSERT 1"));
  h.answer(answer::complete("INSERT 0 0") + answer::ready('I'));
  EXPECT_TRUE(h.outcomes().starts_with("1 completed INSERT 0 0"));
}

CONVERSATION(Blind, EachStatementOfATextHasItsOwn) {
  h.judge.offer("INSERT 1", 3);
  h.judge.offer("INSERT 2", 4);
  h.say(say::query("SELECT 1; INSERT 1; INSERT 3; INSERT 2"));
  h.answer(answer::complete("SELECT 1") + answer::complete("INSERT 0 2") +
           answer::complete("INSERT 0 2") + answer::complete("INSERT 0 4") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "Complete(SELECT 1) Complete(INSERT 0 3) Complete(INSERT 0 2) Complete(INSERT 0 4) "
            "Ready(I)");
}

CONVERSATION(Blind, APipelineOfAPreparedOne) {
  h.judge.offer("INSERT 1", 2);
  h.say(say::parse("s", "INSERT 1") + say::bind("", "s") + say::execute("", 0) +
        say::bind("", "s") + say::execute("", 0) + say::sync());
  const std::string bound = answer::bind_complete();
  h.answer(answer::parse_complete() + bound + answer::complete("INSERT 0 2") + bound +
           answer::complete("INSERT 0 0") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(INSERT 0 2) BindComplete Complete(INSERT 0 2) "
            "Ready(I)");
}

CONVERSATION(Blind, AnErrorIsNoSuccess) {
  h.judge.offer("INSERT 1", 2);
  h.say(say::query("INSERT 1"));
  h.answer(answer::error("23514", "check") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Error(23514: check) Ready(I)");
}

CONVERSATION(Blind, ExecuteOfOneIsRefused) {
  h.judge.offer("INSERT 1", 2);
  h.say(say::parse("s", "INSERT 1") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  h.forget();
  h.say(say::query("EXECUTE s"));
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_TRUE(h.to_client().starts_with("Error(0A000: EXECUTE cannot run an INSERT"));
}

}  // namespace
}  // namespace tracegate::session::testing
