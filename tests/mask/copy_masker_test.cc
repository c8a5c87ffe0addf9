#include "src/mask/copy_masker.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "proto_pg/frontend.h"
#include "src/mask/copy_fields.h"
#include "tests/mask/fake_masks.h"

namespace tracegate::mask {
namespace {

using namespace testing;  // NOLINT: the fakes
using namespace std::string_view_literals;
using proto::CopyFormat;

std::string message(std::string_view data) {
  std::string out;
  proto::encode(proto::CopyData{as_bytes(data)}, out);
  return out;
}

struct Masked {
  std::string data;
  CellCounts counts{};
  std::string error{};
};
Masked mask(const std::string& frames, const RowMasksRef& masks, const CopyFormat& format) {
  Masked made;
  CopyMasker masker(masks, format);
  made.error = masker.mask(as_bytes(frames), made.data, made.counts).message;
  return made;
}

const CopyFormat kText{};
const CopyFormat kCsv{.kind = CopyFormat::Kind::kCsv, .delimiter = ',', .null = ""};
const CopyFormat kBinary{.kind = CopyFormat::Kind::kBinary};
constexpr std::string_view kBinaryHeader{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

// ---- What PostgreSQL itself has sent.

struct Sample {
  std::string_view statement;
  std::vector<std::string_view> messages;
};
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
#include "tests/mask/postgres_copy.inc"
  };
  return all;
}

// The column v of the statements' table, in the order of n.
constexpr std::array<std::optional<std::string_view>, 28> kValues = {"plain"sv,
                                                                     ""sv,
                                                                     std::nullopt,
                                                                     "\\N"sv,
                                                                     "\\."sv,
                                                                     "a,b"sv,
                                                                     "say \"hi\""sv,
                                                                     "'single'"sv,
                                                                     "tab\there"sv,
                                                                     "bar|bar"sv,
                                                                     "line\nbreak"sv,
                                                                     "cr\rlf\r\n"sv,
                                                                     "back\\slash"sv,
                                                                     "\\"sv,
                                                                     "\\\\"sv,
                                                                     "\\t"sv,
                                                                     "\b\f\v\001\037\177"sv,
                                                                     "naïve 😀"sv,
                                                                     ","sv,
                                                                     "\""sv,
                                                                     "\"\""sv,
                                                                     "NULL"sv,
                                                                     "null"sv,
                                                                     "x"sv,
                                                                     "~~"sv,
                                                                     "ends with \\"sv,
                                                                     "\n"sv,
                                                                     " spaced "sv};

CopyFormat csv(char delimiter, std::string null, char quote, char escape) {
  CopyFormat format = kCsv;
  format.delimiter = delimiter;
  format.null = std::move(null);
  format.quote = quote;
  format.escape = escape;
  return format;
}

// By the options at the end of a statement.
const CopyFormat& format_of(std::string_view statement) {
  const auto with_header = [](CopyFormat format) {
    format.header = true;
    return format;
  };
  static const std::map<std::string_view, CopyFormat> all = {
      {"STDOUT", kText},
      {"(DELIMITER '|')", {.delimiter = '|'}},
      {"(NULL '\\Nil', HEADER)", {.null = "\\Nil", .header = true}},
      {"(DELIMITER E'\\x0b', NULL '\\x')", {.delimiter = '\v', .null = "\\x"}},
      {"(FORMAT csv)", kCsv},
      {"(FORMAT csv, HEADER)", with_header(kCsv)},
      {"(FORMAT csv, DELIMITER '|', QUOTE '''', ESCAPE '\\')", csv('|', "", '\'', '\\')},
      {"(FORMAT csv, NULL 'NULL', QUOTE '~', ESCAPE '~')", csv(',', "NULL", '~', '~')},
      {"(FORMAT csv, DELIMITER E'\\t', ESCAPE '|', NULL 'x')", csv('\t', "x", '"', '|')},
      {"(FORMAT csv, FORCE_QUOTE *)", kCsv},
      {"(FORMAT binary)", kBinary}};
  const CopyFormat* found = nullptr;
  for (const auto& [options, format] : all)
    if (statement.ends_with(options)) found = &format;
  EXPECT_NE(found, nullptr) << statement;
  return *found;
}
bool forces_quotes(const Sample& sample) {
  return sample.statement.find("FORCE_QUOTE") != std::string_view::npos;
}
std::size_t columns_of(const Sample& sample) {
  return sample.statement.starts_with("COPY (SELECT v FROM") ? 1 : 3;
}
std::string frames_of(const Sample& sample) {
  std::string frames;
  for (const std::string_view data : sample.messages) frames += message(data);
  return frames;
}

TEST(CopyOfPostgres, EveryValueIsReadAsItIs) {
  for (const Sample& sample : samples()) {
    std::vector<std::optional<std::string>> seen;
    const MaskRef notes = std::make_shared<FakeMask>([&seen](std::string_view value, Format) {
      seen.emplace_back(value);
      return Made{};
    });
    const std::size_t columns = columns_of(sample);
    std::vector<MaskRef> masks(columns);
    masks[columns == 1 ? 0 : 1] = notes;
    const Masked made = mask(frames_of(sample), masks_of(masks), format_of(sample.statement));
    EXPECT_EQ(made.error, "") << sample.statement;
    EXPECT_EQ(made.data, frames_of(sample)) << "nothing was changed";
    std::vector<std::optional<std::string>> expected;
    for (const auto& value : kValues)
      if (value) expected.emplace_back(*value);
    EXPECT_EQ(seen, expected) << sample.statement;
  }
}

TEST(CopyOfPostgres, EveryValueIsWrittenAsPostgresWritesIt) {
  for (const Sample& sample : samples()) {
    if (forces_quotes(sample)) continue;
    const std::vector<MaskRef> masks(columns_of(sample), itself());
    const Masked made = mask(frames_of(sample), masks_of(masks), format_of(sample.statement));
    EXPECT_EQ(made.error, "") << sample.statement;
    EXPECT_EQ(made.data, frames_of(sample)) << sample.statement;
    const std::uint64_t numbers = columns_of(sample) == 1 ? 0 : kValues.size();
    EXPECT_EQ(made.counts.masked,
              numbers + (columns_of(sample) == 1 ? 1 : 2) * (kValues.size() - 1));
  }
}

TEST(CopyOfPostgres, ForcedQuotesAreLostWhereAValueIsMaskedAndKeptElsewhere) {
  for (const Sample& sample : samples()) {
    if (!forces_quotes(sample) || columns_of(sample) != 3) continue;
    const Masked made = mask(message(sample.messages[0]), masks_of({{}, stars(), {}}), kCsv);
    EXPECT_EQ(made.data, message("\"0\",***,\"plain\"\n"));
  }
}

TEST(CopyOfPostgres, NothingOfAMaskedColumnIsLeft) {
  for (const Sample& sample : samples()) {
    const CopyFormat& format = format_of(sample.statement);
    const std::vector<MaskRef> masks(columns_of(sample), constant("m"));
    const Masked made = mask(frames_of(sample), masks_of(masks), format);
    EXPECT_EQ(made.error, "");
    const Masked again = mask(made.data, masks_of(masks), format);
    EXPECT_EQ(again.data, made.data) << "all values are one";
    EXPECT_EQ(made.data.find("plain"), std::string::npos);
    EXPECT_EQ(made.data.find("naïve"), std::string::npos);
  }
}

TEST(CopyOfPostgres, WhatIsCutOrChangedDoesNotCrashAndAMessageMoreOrLessIsSeenWhereItCanBe) {
  std::mt19937 random(3);
  for (const Sample& sample : samples()) {
    const std::vector<MaskRef> masks(columns_of(sample), stars());
    const std::string frames = frames_of(sample);
    for (std::size_t cut = 0; cut < frames.size(); ++cut) {
      CopyMasker masker(masks_of(masks), format_of(sample.statement));
      std::string out;
      CellCounts counts;
      const bool whole = [&] {
        std::size_t at = 0;
        while (at < cut) at += 1 + proto::load_u32(as_bytes(frames).data() + at + 1);
        return at == cut;
      }();
      EXPECT_EQ(masker.mask(as_bytes(frames).first(cut), out, counts).ok(), whole);
    }
    for (int i = 0; i < 300; ++i) {
      std::string bad = frames;
      bad[random() % bad.size()] = static_cast<char>(random());
      const Masked made = mask(bad, masks_of(masks), format_of(sample.statement));
      EXPECT_TRUE(!made.error.empty() || made.data.find("plain") == std::string::npos);
    }
  }
}

// ---- What a mask makes.

TEST(CopyText, ValuesAreEscapedAgain) {
  const RowMasksRef masks = masks_of({{}, constant("a\tb\\c\nd")});
  EXPECT_EQ(mask(message("1\tx\n"), masks, kText).data, message("1\ta\\tb\\\\c\\nd\n"));
  EXPECT_EQ(mask(message("1|x\n"), masks, {.delimiter = '|'}).data, message("1|a\\tb\\\\c\\nd\n"));
  EXPECT_EQ(mask(message("1|x\n"), masks_of({{}, constant("a|b")}), {.delimiter = '|'}).data,
            message("1|a\\|b\n"));
}

TEST(CopyText, NullIsWrittenAsTheFormatSays) {
  EXPECT_EQ(mask(message("1\tx\n2\t\\N\n").substr(0), masks_of({{}, to_null()}), kText).error,
            "a message of a COPY has more than one row");
  const std::string rows = message("1\tx\n") + message("2\t\\N\n") + message("3\t\\\\N\n");
  const Masked made = mask(rows, masks_of({{}, to_null()}), kText);
  EXPECT_EQ(made.data, message("1\t\\N\n") + message("2\t\\N\n") + message("3\t\\N\n"));
  EXPECT_EQ(made.counts.masked, 2U);
  EXPECT_EQ(mask(rows, masks_of({{}, constant("c")}), kText).data,
            message("1\tc\n") + message("2\tc\n") + message("3\tc\n"));
  EXPECT_EQ(mask(message("1\t\\N\n"), masks_of({{}, constant("\\N")}), kText).data,
            message("1\t\\\\N\n"))
      << "a value that looks like NULL";
}

TEST(CopyText, ANullThatAValueCanBeIsAmbiguous) {
  for (const char* null : {"", "x", "NULL", "\\\\", "\\t", "a\\\\b", "\\null"})
    EXPECT_TRUE(null_is_ambiguous({.null = null})) << null;
  for (const char* null : {"\\N", "\\Nil", "\\x", "\\", "a\\", "\\\\\\", "\\|"})
    EXPECT_FALSE(null_is_ambiguous({.null = null})) << null;
  EXPECT_TRUE(null_is_ambiguous({.delimiter = '|', .null = "\\|"}));
  EXPECT_FALSE(null_is_ambiguous(csv(',', "x", '"', '"')));
  EXPECT_FALSE(null_is_ambiguous(kBinary));
  EXPECT_NE(mask(message("x\n"), masks_of({stars()}), {.null = "x"}).error, "")
      << "whoever names the NULL would learn which values equal it";
}

TEST(CopyText, WhatPostgresDoesNotWriteIsRefused) {
  const RowMasksRef masks = masks_of({{}, stars()});
  for (const std::string_view data :
       {"1\tx"sv, ""sv, "1\tx\ny\n"sv, "1\n"sv, "1\tx\ty\n"sv, "1\tx\\\n"sv, "1\t\\q\n"sv,
        "1\t\\x41\n"sv, "1\\\tx\n"sv, "1\tx\\\ty\n"sv})
    EXPECT_NE(mask(message(data), masks, kText).error, "") << data;
}

TEST(CopyCsv, QuotesAreThoseThatTheMaskedValueNeeds) {
  const auto one = [](std::string_view before, std::string value, const CopyFormat& format) {
    return mask(message(std::string(before) + "\n"), masks_of({constant(std::move(value)), {}}),
                format)
        .data;
  };
  EXPECT_EQ(one("x,y", "plain", kCsv), message("plain,y\n"));
  EXPECT_EQ(one("\"x,x\",y", "plain", kCsv), message("plain,y\n"))
      << "or it would tell that there was a comma";
  EXPECT_EQ(one("x,y", "a,b", kCsv), message("\"a,b\",y\n"));
  EXPECT_EQ(one("x,y", "a\"b", kCsv), message("\"a\"\"b\",y\n"));
  EXPECT_EQ(one("x,y", "a\nb", kCsv), message("\"a\nb\",y\n"));
  EXPECT_EQ(one("x,y", "", kCsv), message("\"\",y\n")) << "not NULL";
  EXPECT_EQ(one("x,y", "***", csv(',', "***", '"', '"')), message("\"***\",y\n")) << "not NULL";
  EXPECT_EQ(mask(message("x\n"), masks_of({constant("\\.")}), kCsv).data, message("\"\\.\"\n"));
  EXPECT_EQ(one("x,y", "\\.", kCsv), message("\\.,y\n"));
}

TEST(CopyCsv, ValuesMayHaveNewlinesInQuotes) {
  const RowMasksRef masks = masks_of({{}, stars(), {}});
  EXPECT_EQ(mask(message("\"a\n\",\"b\nc\",\"\"\"\"\n"), masks, kCsv).data,
            message("\"a\n\",***,\"\"\"\"\n"));
}

TEST(CopyCsv, WhatPostgresDoesNotWriteIsRefused) {
  const RowMasksRef masks = masks_of({{}, stars()});
  for (const std::string_view data :
       {"1,x"sv, ""sv, "1,x\ny\n"sv, "1\n"sv, "1,x,y\n"sv, "1,x\"\n"sv, "1,\"x\n"sv, "1,\"x\"y\n"sv,
        "1,\"x\"\"\n"sv, "\"1,x\n"sv, "1\"2,x\n"sv})
    EXPECT_NE(mask(message(data), masks, kCsv).error, "") << data;
  EXPECT_NE(mask(message("1,'\\x'\n"), masks, csv(',', "", '\'', '\\')).error, "");
}

TEST(CopyHeader, NamesPassAsTheyAreOnceAndMustBeAsMany) {
  CopyFormat format = kCsv;
  format.header = true;
  const RowMasksRef masks = masks_of({{}, stars()});
  EXPECT_EQ(mask(message("id,\"e,mail\"\n") + message("1,x\n"), masks, format).data,
            message("id,\"e,mail\"\n") + message("1,***\n"));
  EXPECT_NE(mask(message("id\n") + message("1,x\n"), masks, format).error, "");
  CopyMasker masker(masks, format);
  std::string out;
  CellCounts counts;
  EXPECT_TRUE(masker.mask(as_bytes(message("a,b\n")), out, counts).ok());
  EXPECT_TRUE(masker.mask(as_bytes(message("c,d\n")), out, counts).ok());
  EXPECT_EQ(out, message("a,b\n") + message("c,***\n")) << "also when rows come later";
}

// ---- Binary.

std::string tuple(const std::vector<std::optional<std::string>>& fields) {
  std::string out;
  proto::Writer writer(out);
  writer.count16(fields.size());
  for (const auto& field : fields)
    writer.value(field ? proto::Value(as_bytes(*field)) : proto::Value());
  return out;
}
const std::string kTrailer = "\xff\xff";

TEST(CopyBinary, HeaderStandsWithTheFirstRowOrTheTrailer) {
  const RowMasksRef masks = masks_of({{}, stars()});
  const std::string header(kBinaryHeader);
  EXPECT_EQ(mask(message(header + tuple({"1", "x"})) + message(tuple({std::nullopt, "y"})) +
                     message(kTrailer),
                 masks, kBinary)
                .data,
            message(header + tuple({"1", "\x01\x02"})) +
                message(tuple({std::nullopt, "\x01\x02"})) + message(kTrailer));
  EXPECT_EQ(mask(message(header + kTrailer), masks, kBinary).data, message(header + kTrailer));
}

TEST(CopyBinary, WhatPostgresDoesNotWriteIsRefused) {
  const RowMasksRef masks = masks_of({{}, stars()});
  const std::string header(kBinaryHeader);
  const std::string good = tuple({"1", "x"});
  std::string flags = header;
  flags[12] = 1;
  std::string extension = header;
  extension[18] = 1;
  for (const std::string& frames :
       {message(good), message("PGCOPY\n"), message(header), message(flags + good),
        message(extension + good), message(header + good + good), message(header + good + kTrailer),
        message(header + kTrailer) + message(good), message(header + tuple({"1"})),
        message(header + good.substr(0, 3)), message(header + kTrailer) + message(kTrailer),
        message(header + good) + message("")})
    EXPECT_NE(mask(frames, masks, kBinary).error, "") << frames.size();
}

// ---- Whatever the values are.

std::string random_text(std::mt19937& random) {
  static constexpr std::string_view kAlphabet = "a,|\t\"'\\\n\r.N\bx~\1 ";
  std::string text;
  for (std::size_t n = random() % 7; n > 0; --n) text += kAlphabet[random() % kAlphabet.size()];
  return text;
}

TEST(CopyFields, WhatIsWrittenIsReadAgain) {
  std::mt19937 random(11);
  const std::vector<CopyFormat> formats = {kText,
                                           {.delimiter = '|'},
                                           {.delimiter = ','},
                                           {.delimiter = '\b'},
                                           kCsv,
                                           csv('|', "N", '\'', '\\'),
                                           csv(',', "a", '~', '~'),
                                           csv('\t', ".", '"', '|'),
                                           csv(',', "", '\n', '\n'),
                                           csv('a', "x", 'N', 'a')};
  for (int round = 0; round < 30'000; ++round) {
    const CopyFormat& format = formats[random() % formats.size()];
    const bool is_csv = format.kind == CopyFormat::Kind::kCsv;
    std::vector<std::string> values(1 + random() % 3);
    std::string row;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) row += format.delimiter;
      values[i] = random_text(random);
      if (is_csv)
        write_csv(values[i], format, values.size(), row);
      else
        write_text(values[i], format.delimiter, row);
    }
    std::size_t at = 0;
    for (const std::string& value : values) {
      const std::optional<std::size_t> end =
          is_csv ? end_of_csv_field(row, at, format) : end_of_text_field(row, at, format.delimiter);
      ASSERT_TRUE(end.has_value()) << row;
      const std::string_view field = std::string_view(row).substr(at, *end - at);
      std::string read;
      ASSERT_TRUE(is_csv ? read_csv(field, format, read) : read_text(field, format.delimiter, read))
          << row;
      EXPECT_EQ(read, value) << row;
      EXPECT_TRUE(!is_csv || field != format.null) << "a value is not NULL";
      at = *end + 1;
    }
    EXPECT_EQ(at, row.size() + 1) << row;
  }
}

}  // namespace
}  // namespace tracegate::mask
