#include "src/mask/row_masker.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "proto_pg/backend.h"
#include "tests/mask/fake_masks.h"

namespace tracegate::mask {
namespace {

using namespace testing;  // NOLINT: the fakes
using Cell = std::optional<std::string>;

std::string row(const std::vector<Cell>& cells) {
  proto::DataRow message;
  for (const Cell& cell : cells)
    message.columns.push_back(cell ? proto::Value(as_bytes(*cell)) : proto::Value());
  std::string out;
  proto::encode(message, out);
  return out;
}

struct Masked {
  std::string rows;
  CellCounts counts{};
  std::string error{};
};
Masked mask(const std::string& rows, const RowMasksRef& masks,
            const std::vector<proto::FormatCode>& formats = {}) {
  Masked made;
  made.rows = "before";
  const proto::DecodeError error =
      mask_rows(as_bytes(rows), *masks, formats, made.rows, made.counts);
  made.error = error.message;
  EXPECT_TRUE(made.rows.starts_with("before")) << "what stood in the output is kept";
  made.rows.erase(0, 6);
  return made;
}

TEST(RowMasker, MasksTheColumnsThatHaveOne) {
  const Masked made =
      mask(row({"a", "b", "c"}) + row({"", "bb", std::nullopt}), masks_of({{}, stars(), {}}));
  EXPECT_EQ(made.rows, row({"a", "***", "c"}) + row({"", "***", std::nullopt}));
  EXPECT_EQ(made.counts.masked, 2U);
  EXPECT_EQ(made.counts.detected, 0U);
}

TEST(RowMasker, FirstLastAndAdjacentColumns) {
  EXPECT_EQ(mask(row({"a", "b", "c"}), masks_of({stars(), {}, stars()})).rows,
            row({"***", "b", "***"}));
  EXPECT_EQ(mask(row({"a", "b", "c"}), masks_of({constant(""), constant("1"), {}})).rows,
            row({"", "1", "c"}));
  EXPECT_EQ(mask(row({"a"}), masks_of({stars()})).rows, row({"***"}));
}

TEST(RowMasker, NullStaysOrIsReplacedAsTheMaskSays) {
  const std::string rows = row({std::nullopt, std::nullopt, "v"});
  const Masked made = mask(rows, masks_of({stars(), constant("c"), to_null()}));
  EXPECT_EQ(made.rows, row({std::nullopt, "c", std::nullopt}));
  EXPECT_EQ(made.counts.masked, 2U);
  const Masked again = mask(row({std::nullopt}), masks_of({to_null()}));
  EXPECT_EQ(again.rows, row({std::nullopt}));
  EXPECT_EQ(again.counts.masked, 0U) << "NULL was NULL before";
}

TEST(RowMasker, WhatADetectorFindsIsCountedTwice) {
  const std::string rows = row({"a@b", "x"}) + row({"none", "y"}) + row({std::nullopt, "z"});
  const Masked made = mask(rows, masks_of({finds_at_signs(), stars()}));
  EXPECT_EQ(made.rows, row({"a[at]b", "***"}) + row({"none", "***"}) + row({std::nullopt, "***"}));
  EXPECT_EQ(made.counts.masked, 4U);
  EXPECT_EQ(made.counts.detected, 1U);
}

TEST(RowMasker, RowsInWhichNothingChangesAreTheSameBytes) {
  const std::string rows = row({"none", "x"}) + row({"", "y"});
  const Masked made = mask(rows, masks_of({finds_at_signs(), {}}));
  EXPECT_EQ(made.rows, rows);
  EXPECT_EQ(made.counts.masked, 0U);
}

TEST(RowMasker, FormatsAreThoseOfBind) {
  const RowMasksRef both = masks_of({stars(), stars()});
  const std::string rows = row({"a", "b"});
  EXPECT_EQ(mask(rows, both).rows, row({"***", "***"}));
  EXPECT_EQ(mask(rows, both, {0}).rows, row({"***", "***"}));
  EXPECT_EQ(mask(rows, both, {1}).rows, row({"\x01\x02", "\x01\x02"}));
  EXPECT_EQ(mask(rows, both, {0, 1}).rows, row({"***", "\x01\x02"}));
}

TEST(RowMasker, FormatsThatCannotBeAreRefused) {
  const RowMasksRef both = masks_of({stars(), {}});
  EXPECT_NE(mask(row({"a", "b"}), both, {0, 1, 0}).error, "");
  EXPECT_NE(mask(row({"a", "b"}), both, {2}).error, "");
  EXPECT_NE(mask(row({"a", "b"}), both, {0, -1}).error, "") << "though it has no mask";
}

TEST(RowMasker, AnotherNumberOfFieldsIsRefused) {
  const RowMasksRef two = masks_of({stars(), {}});
  EXPECT_NE(mask(row({"a"}), two).error, "");
  EXPECT_NE(mask(row({"a", "b", "c"}), two).error, "");
  EXPECT_NE(mask(row({}), two).error, "");
  EXPECT_EQ(mask(row({}), masks_of({})).error, "");
}

TEST(RowMasker, EveryLengthThatDoesNotAddUpIsRefused) {
  const RowMasksRef masks = masks_of({{}, stars()});
  const std::string good = row({"abc", "d"});
  EXPECT_EQ(mask(good, masks).error, "");
  for (std::size_t at = 1; at < good.size(); ++at) {
    const bool is_length = (at >= 1 && at < 5) || (at >= 7 && at < 11) || (at >= 14 && at < 18);
    if (!is_length) continue;
    for (const int change : {1, 2, 4, 0x40, 0x80}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ change);
      EXPECT_NE(mask(bad, masks).error, "") << at << " " << change;
    }
  }
  for (std::size_t cut = 1; cut < good.size(); ++cut)
    EXPECT_NE(mask(good.substr(0, cut), masks).error, "") << cut;
  EXPECT_NE(mask(good + "D", masks).error, "");
  EXPECT_NE(mask("d" + good.substr(1), masks).error, "") << "CopyData is no row";
}

TEST(RowMasker, WhateverTheMasksMakeTheOthersStayAsTheyAre) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const std::size_t columns = random() % 6;
    std::vector<MaskRef> masks;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::vector<MaskRef> all = {{},        stars(),          constant("c"),
                                        to_null(), finds_at_signs(), itself()};
      masks.push_back(all[random() % all.size()]);
    }
    std::string rows;
    std::string expected;
    for (std::size_t n = random() % 5; n > 0; --n) {
      std::vector<Cell> cells;
      std::vector<Cell> after;
      for (const MaskRef& each : masks) {
        Cell cell;
        if (random() % 4 != 0) cell = std::string(random() % 9, random() % 2 == 0 ? 'x' : '@');
        cells.push_back(cell);
        std::string made;
        Fate fate = Fate::kKept;
        if (each)
          fate = cell ? each->apply(as_bytes(*cell), Format::kText, made)
                      : each->apply_to_null(Format::kText, made);
        after.push_back(fate == Fate::kKept ? cell : fate == Fate::kNull ? Cell() : Cell(made));
      }
      rows += row(cells);
      expected += row(after);
    }
    EXPECT_EQ(mask(rows, masks_of(masks)).rows, expected) << round;
  }
}

}  // namespace
}  // namespace tracegate::mask
