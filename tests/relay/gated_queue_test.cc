#include "src/relay/gated_queue.h"

#include <gtest/gtest.h>

namespace tracegate::relay {
namespace {

std::string release(GatedQueue& queue, std::uint64_t durable) {
  std::string out;
  queue.release(Ticket{durable}, out);
  return out;
}

TEST(GatedQueue, HoldsBackWhatWaitsAndAllBehindIt) {
  GatedQueue queue;
  queue.push(as_bytes("read "), Ticket{0});
  queue.push(as_bytes("write "), Ticket{5});
  queue.push(as_bytes("behind "), Ticket{0});
  queue.push(as_bytes("later"), Ticket{7});
  EXPECT_EQ(release(queue, 4), "read ");
  EXPECT_EQ(release(queue, 4), "");
  EXPECT_EQ(release(queue, 6), "write behind ");
  EXPECT_EQ(queue.bytes(), 5U);
  EXPECT_EQ(release(queue, 7), "later");
  EXPECT_TRUE(queue.empty());
}

TEST(GatedQueue, AppendsToWhatTheCallerHasAlready) {
  GatedQueue queue;
  queue.push(as_bytes("b"), Ticket{1});
  std::string out = "a";
  queue.release(Ticket{1}, out);
  EXPECT_EQ(out, "ab");
}

TEST(GatedQueue, AnEarlierGateBehindALaterOneWaitsForTheLaterOne) {
  GatedQueue queue;
  queue.push(as_bytes("nine"), Ticket{9});
  queue.push(as_bytes("three"), Ticket{3});
  EXPECT_EQ(release(queue, 3), "");
  EXPECT_EQ(release(queue, 9), "ninethree");
}

TEST(Inbox, KeepsWhatIsNotConsumedContiguousAndInOrder) {
  Inbox inbox;
  inbox.append(as_bytes("abcdef"));
  inbox.consume(4);
  EXPECT_EQ(as_text(inbox.view()), "ef");
  inbox.append(as_bytes("gh"));
  EXPECT_EQ(as_text(inbox.view()), "efgh");
  inbox.consume(4);
  EXPECT_TRUE(inbox.empty());
  inbox.append(as_bytes("i"));
  EXPECT_EQ(as_text(inbox.view()), "i");
}

TEST(Inbox, ManySmallStepsGiveTheSameBytes) {
  Inbox inbox;
  std::string taken;
  std::string given;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    given += piece;
    inbox.append(as_bytes(piece));
    const std::size_t some =
        std::min<std::size_t>(inbox.view().size(), static_cast<std::size_t>(i % 5));
    taken += as_text(inbox.view().first(some));
    inbox.consume(some);
  }
  taken += as_text(inbox.view());
  EXPECT_EQ(taken, given);
}

TEST(Inbox, GivesBackTheMemoryOfALongMessageAlsoInTheMiddleOfAStream) {
  Inbox inbox;
  const std::string piece(64 << 10, 'x');
  std::size_t most = 0;
  for (int message = 0; message < 3; ++message) {
    for (int i = 0; i < 160; ++i) inbox.append(as_bytes(piece));
    most = std::max(most, inbox.capacity());
    inbox.append(as_bytes("next"));
    inbox.consume(160 * piece.size());
    EXPECT_EQ(as_text(inbox.view()), "next");
    EXPECT_LT(inbox.capacity(), piece.size());
    inbox.consume(3);
    EXPECT_EQ(as_text(inbox.view()), "t");
    inbox.consume(1);
  }
  EXPECT_LT(most, 3 * 160 * piece.size());
}

}  // namespace
}  // namespace tracegate::relay
