#include "src/base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace tracegate {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

TEST(Secret, MovedFromSecretIsEmpty) {
  Secret first("hunter2");
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT: the state after a move is the promise under test
  EXPECT_EQ(second.reveal(), "hunter2");
}

TEST(Secret, SmallBufferIsWipedOnMove) {
  Secret first("tiny");
  const char* memory = first.reveal().data();
  Secret second(std::move(first));
  EXPECT_EQ(std::string_view(memory, 4), std::string_view("\0\0\0\0", 4));
}

}  // namespace
}  // namespace tracegate
