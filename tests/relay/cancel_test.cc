#include "src/relay/cancel.h"

#include <gtest/gtest.h>

#include <set>

namespace tracegate::relay {
namespace {

TEST(CancelRegistry, FindsASessionByItsExactKeyOnly) {
  CancelRegistry registry;
  const CancelKey mine = registry.add({.worker = 1, .relay = 7}, 4);
  const CancelKey other = registry.add({.worker = 0, .relay = 8}, 32);
  EXPECT_EQ(registry.find(mine.process_id, mine.secret), (SessionAddress{1, 7}));
  EXPECT_EQ(registry.find(other.process_id, other.secret), (SessionAddress{0, 8}));
  EXPECT_EQ(registry.find(mine.process_id, other.secret), std::nullopt);
  EXPECT_EQ(registry.find(other.process_id, mine.secret), std::nullopt);
  Bytes off_by_a_bit = other.secret;
  off_by_a_bit[31] ^= 1;
  EXPECT_EQ(registry.find(other.process_id, off_by_a_bit), std::nullopt);
  Bytes prefix(other.secret.begin(), other.secret.end() - 1);
  EXPECT_EQ(registry.find(other.process_id, prefix), std::nullopt);
  EXPECT_EQ(registry.find(other.process_id, {}), std::nullopt);
}

TEST(CancelRegistry, ForgetsAKeyWhenItsSessionEnds) {
  CancelRegistry registry;
  const CancelKey key = registry.add({.worker = 0, .relay = 1}, 4);
  registry.remove(key.process_id);
  EXPECT_EQ(registry.find(key.process_id, key.secret), std::nullopt);
}

TEST(CancelRegistry, ProcessIdsAreUniqueAndPositive) {
  CancelRegistry registry;
  std::set<std::int32_t> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const CancelKey key = registry.add({.worker = 0, .relay = i}, 4);
    EXPECT_GT(key.process_id, 0);
    EXPECT_EQ(key.secret.size(), 4U);
    EXPECT_TRUE(seen.insert(key.process_id).second);
  }
}

}  // namespace
}  // namespace tracegate::relay
