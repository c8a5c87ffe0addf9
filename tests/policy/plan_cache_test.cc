#include "src/policy/plan_cache.h"

#include <gtest/gtest.h>

#include <set>

namespace tracegate::policy {
namespace {

PlanRef plan_for(std::string text) {
  auto plan = std::make_shared<Plan>();
  plan->text = std::move(text);
  return plan;
}

class PlanCacheTest : public ::testing::Test {
 protected:
  PlanCache::Key key(std::string_view text) { return cache.make_key(1, 2, 3, 4, text); }
  std::size_t put(const std::string& text) { return cache.insert(key(text), plan_for(text)); }

  PlanCache cache{64 << 10};
};

TEST_F(PlanCacheTest, FindsWhatWasPutIn) {
  EXPECT_EQ(cache.find(key("a")), nullptr);
  put("a");
  put("b");
  ASSERT_TRUE(cache.find(key("a")));
  EXPECT_EQ((*cache.find(key("a")))->text, "a");
  EXPECT_EQ((*cache.find(key("b")))->text, "b");
  EXPECT_EQ(cache.size(), 2U);
}

TEST_F(PlanCacheTest, TellsRolesUpstreamsCatalogsAndClaimsApart) {
  put("a");
  EXPECT_TRUE(cache.find(cache.make_key(1, 2, 3, 4, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(2, 2, 3, 4, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(1, 1, 3, 4, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(2, 1, 3, 4, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(1, 2, 4, 4, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(1, 2, 3, 5, "a")));
  EXPECT_FALSE(cache.find(cache.make_key(1, 2, 4, 3, "a")));
  const std::vector<std::uint32_t> types = {20};
  EXPECT_FALSE(cache.find(cache.make_key(1, 2, 3, 4, "a", types)));
}

TEST_F(PlanCacheTest, AnEqualHashIsNotEnough) {
  put("a");
  PlanCache::Key forged = key("b");
  forged.hash = key("a").hash;
  EXPECT_FALSE(cache.find(forged));
}

TEST_F(PlanCacheTest, TheLeastRecentlyUsedGoesOut) {
  const std::string filler(7000, 'x');
  std::size_t held = 0;
  while (put(filler + std::to_string(held)) == 0) ++held;
  EXPECT_GE(held, 4U);
  EXPECT_LE(cache.bytes(), std::size_t{64} << 10);
  EXPECT_FALSE(cache.find(key(filler + "0")));  // the oldest
  ASSERT_TRUE(cache.find(key(filler + "1")));   // now the most recent
  EXPECT_EQ(put(filler + "more"), 1U);
  EXPECT_TRUE(cache.find(key(filler + "1")));
  EXPECT_FALSE(cache.find(key(filler + "2")));
}

TEST_F(PlanCacheTest, PlansHeldElsewhereOutliveTheCache) {
  put("a");
  const PlanRef held = *cache.find(key("a"));
  cache.clear(64 << 10);
  EXPECT_EQ(held->text, "a");
  EXPECT_FALSE(cache.find(key("a")));
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(PlanCacheTest, WhatIsTooLargeIsNotKept) {
  put("small");
  EXPECT_EQ(put(std::string(16 << 10, 'x')), 0U);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_TRUE(cache.find(key("small")));
}

TEST_F(PlanCacheTest, WhatGoesToTheStoreCountsAsWell) {
  auto plan = std::make_shared<Plan>();
  plan->text = "a";
  plan->store_text = std::string(4000, 'x');
  plan->pieces.resize(100);
  cache.insert(key("a"), plan);
  EXPECT_GE(cache.bytes(), 4000 + 100 * sizeof(sql::CopiedPiece));
}

TEST(PlanCache, WithoutRoomItKeepsNothing) {
  PlanCache cache(0);
  cache.insert(cache.make_key(0, 0, 0, 0, "a"), plan_for("a"));
  EXPECT_EQ(cache.size(), 0U);
}

TEST_F(PlanCacheTest, TheDoorkeeperKnowsASecondSighting) {
  EXPECT_FALSE(cache.seen_before(key("a")));
  EXPECT_FALSE(cache.seen_before(key("b")));
  EXPECT_TRUE(cache.seen_before(key("a")));
  cache.clear(1);
  EXPECT_FALSE(cache.seen_before(key("a")));
}

// Texts of every length around the block size, and texts that differ in one bit, hash differently.
TEST_F(PlanCacheTest, HashesTellTextsApart) {
  std::set<std::uint64_t> hashes;
  std::size_t texts = 0;
  for (std::size_t length = 0; length < 70; ++length, ++texts)
    hashes.insert(key(std::string(length, '\0')).hash);
  const std::string base = "select id, prompt from traces where id = $1 -- 0123456789";
  for (std::size_t i = 0; i < base.size(); ++i)
    for (unsigned bit = 0; bit < 8; ++bit, ++texts) {
      std::string changed = base;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      hashes.insert(key(changed).hash);
    }
  EXPECT_EQ(hashes.size(), texts);
}

TEST(PlanCache, HashesAreKeyedByChance) {
  EXPECT_NE(PlanCache(0).make_key(0, 0, 0, 0, "a").hash,
            PlanCache(0).make_key(0, 0, 0, 0, "a").hash);
}

}  // namespace
}  // namespace tracegate::policy
