#include "src/policy/claims.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

TEST(ClaimsTable, EqualSetsAreOne) {
  ClaimsTable table;
  const Role role = scoped_by_claim();
  const ClaimsRef first = table.intern(role, {{"namespaces", {"a", "b"}}});
  EXPECT_EQ(table.intern(role, {{"namespaces", {"b", "a", "b"}}}), first);
  EXPECT_NE(table.intern(role, {{"namespaces", {"a"}}})->id, first->id);
  EXPECT_NE(table.intern(role, {{"window", {"a", "b"}}})->id, first->id);
}

TEST(ClaimsTable, WhatNoScopeNamesIsLeftOut) {
  ClaimsTable table;
  const Role role = scoped_by_claim();
  EXPECT_EQ(table.intern(role, {{"namespaces", {"a"}}, {"email", {"x"}}}),
            table.intern(role, {{"namespaces", {"a"}}, {"email", {"y"}}}));
  EXPECT_EQ(table.intern(role, {{"email", {"x"}}})->id, 0U);
  EXPECT_EQ(table.intern(make_role({}), {{"namespaces", {"a"}}})->id, 0U);
}

// A plan that is remembered under a number must not meet another set under the same one.
TEST(ClaimsTable, NumbersAreNeverGivenAgain) {
  ClaimsTable table;
  const Role role = scoped_by_claim();
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 5000; ++i)
    ids.insert(table.intern(role, {{"namespaces", {std::to_string(i)}}})->id);
  EXPECT_EQ(ids.size(), 5000U);
  EXPECT_FALSE(ids.contains(0));
}

TEST(ClaimsTable, ForgetsWhatNoSessionHolds) {
  ClaimsTable table;
  const Role role = scoped_by_claim();
  const ClaimsRef held = table.intern(role, {{"namespaces", {"held"}}});
  for (int i = 0; i < 20'000; ++i) (void)table.intern(role, {{"namespaces", {std::to_string(i)}}});
  EXPECT_LE(table.size(), 2048U);
  EXPECT_EQ(table.intern(role, {{"namespaces", {"held"}}}), held);
}

}  // namespace
}  // namespace tracegate::policy
