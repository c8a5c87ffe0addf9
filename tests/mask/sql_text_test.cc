#include "src/mask/sql_text.h"

#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(SqlText, LiteralsNeverHoldTheMark) {
  EXPECT_EQ(sql_literal("it's"), "'it''s'");
  EXPECT_EQ(sql_literal("a$column\\'b"), R"(U&'a\0024column\\''b')");
  EXPECT_EQ(sql_literal("$columns $col"), R"(U&'\0024columns \0024col')");
}

TEST(SqlText, MarksAreReplacedEverywhere) {
  EXPECT_EQ(at_column_marks("f($column, $column)", "t.c"), "f(t.c, t.c)");
  EXPECT_EQ(at_column_marks("no", "t.c"), "no");
}

// Wherever constants of a policy come to stand.
TEST(SqlText, ConstantsOfPoliciesAreNoMarks) {
  const std::string constant = "$column'";
  const auto without_marks = [](std::string expression) {
    return expression.find(kColumnMark) == std::string::npos;
  };
  EXPECT_TRUE(without_marks(mask_of(redact(constant), "text").expression));
  EXPECT_TRUE(without_marks(mask_of(redact("\"$column\""), "jsonb").expression));
  Spec paths = json({{"a", redact(constant)}});
  const std::string one_key = mask_of(paths, "jsonb").expression;
  paths.paths[0].steps[0].key = constant;
  const std::string odd_key = mask_of(paths, "jsonb").expression;
  const auto marks = [](std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(kColumnMark, at)) != std::string_view::npos; ++at)
      ++count;
    return count;
  };
  EXPECT_EQ(marks(one_key), marks(odd_key));
}

TEST(SqlText, TypesNamedLikeTheMarkAreRefused) {
  ColumnType type = type_named("app.mood");
  type.sql_name = "app.\"$column\"";
  EXPECT_FALSE(make_mask(redact(), type, nullptr, nullptr).ok());
}

}  // namespace
}  // namespace tracegate::mask
