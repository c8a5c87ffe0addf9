#include <thread>

#include "src/crypto/digest.h"
#include "src/mask/hex.h"
#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

std::string hex(ByteView digest) {
  std::string digits;
  append_hex(digest, digits);
  return digits;
}

TEST(HashKey, PseudonymsAreHmacsOverDomainAndValue) {
  for (const std::size_t length : {32u, 63u, 64u, 65u, 200u}) {
    const std::string secret(length, 's');
    const HashKeyRef key = *HashKey::make(Secret(secret));
    EXPECT_EQ(key->pseudonym("d", as_bytes("value")),
              crypto::hmac_sha256(as_bytes(secret), as_bytes(std::string("d\0value", 7))));
    EXPECT_EQ(key->pseudonym("", {}),
              crypto::hmac_sha256(as_bytes(secret), as_bytes(std::string(1, '\0'))));
  }
}

TEST(HashKey, ShortSecretsAreRefused) {
  const auto key = HashKey::make(Secret(std::string(31, 's')));
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().message, "the key of hash masks has less than 32 bytes");
}

TEST(HashKey, SettingsAreThePaddedKeys) {
  const HashKeyRef key = test_key();
  std::string inner;
  std::string outer;
  for (std::size_t i = 0; i < 64; ++i) {
    inner += i < 32 ? "5d" : "36";  // 'k' ^ 0x36
    outer += i < 32 ? "37" : "5c";
  }
  EXPECT_EQ(key->inner().reveal(), inner);
  EXPECT_EQ(key->outer().reveal(), outer);
}

TEST(HashKey, ServesManyThreads) {
  const crypto::Sha256Digest expected = test_key()->pseudonym("d", as_bytes("value"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n)
        EXPECT_EQ(test_key()->pseudonym("d", as_bytes("value")), expected);
    });
  for (std::thread& thread : threads) thread.join();
}

constexpr std::string_view kUuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
constexpr std::string_view kUuidBytes = "a0eebc999c0b4ef8bb6d6bb9bd380a11";

TEST(HashMask, OfUuidIsOneOfVersion8) {
  const ColumnMask mask = mask_of(hash(), "uuid");
  const std::string text = masked(mask, kUuid);
  const std::string expected = hex(test_key()->pseudonym("users", as_bytes(kUuid)));
  ASSERT_EQ(text.size(), 36u);
  EXPECT_EQ(text.substr(0, 8), expected.substr(0, 8));
  EXPECT_EQ(text.substr(24), expected.substr(20, 12));
  EXPECT_EQ(text[14], '8');
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);
  std::string without_dashes = text;
  std::erase(without_dashes, '-');
  EXPECT_EQ(hex(as_bytes(masked(mask, bytes(kUuidBytes), Format::kBinary))), without_dashes);
  EXPECT_EQ(masked(mask, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"), text);
}

TEST(HashMask, OfUuidRefusesWhatIsNone) {
  const ColumnMask mask = mask_of(hash(), "uuid");
  for (const std::string_view text :
       {"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc999-c0b-4ef8-bb6d-6bb9bd380a11"})
    EXPECT_EQ(masked(mask, text), kNullValue) << text;
  EXPECT_EQ(masked(mask, std::string(15, 'x'), Format::kBinary), kNullValue);
}

TEST(HashMask, OfBigintHasThe63LowBits) {
  const ColumnMask mask = mask_of(hash(), "bigint");
  const crypto::Sha256Digest digest = test_key()->pseudonym("users", as_bytes("-42"));
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < 8; ++i) expected = expected << 8 | digest[i];
  expected &= INT64_MAX;
  EXPECT_EQ(masked(mask, "-42"), std::to_string(expected));
  EXPECT_EQ(hex(as_bytes(masked(mask, bytes("ffffffffffffffd6"), Format::kBinary))).substr(2),
            hex(digest).substr(2, 14));
  EXPECT_EQ(masked(mask, "x"), kNullValue);
  EXPECT_EQ(masked(mask, "9223372036854775808"), kNullValue);
  EXPECT_EQ(masked(mask, "1234", Format::kBinary), kNullValue);
}

TEST(HashMask, OfByteaIsTheWholeHmac) {
  const ColumnMask mask = mask_of(hash(), "bytea");
  const std::string value = bytes("00ff5c41");
  const std::string expected = hex(test_key()->pseudonym("users", as_bytes(value)));
  EXPECT_EQ(hex(as_bytes(masked(mask, value, Format::kBinary))), expected);
  EXPECT_EQ(masked(mask, "\\x00ff5c41"), "\\x" + expected);
  EXPECT_EQ(masked(mask, R"(\000\377\\A)"), "\\x" + expected) << "bytea_output = escape";
  for (const char* text : {"\\x0", "\\x0g", "\\", "a\\1", "\\400", "\\18", "\\08x"})
    EXPECT_EQ(masked(mask, text), kNullValue) << text;
}

TEST(HashMask, OfJsonIsAString) {
  const std::string digits =
      hex(ByteView(test_key()->pseudonym("users", as_bytes("{}"))).first(16));
  EXPECT_EQ(masked(mask_of(hash(), "json"), "{}"), "\"" + digits + "\"");
  EXPECT_EQ(masked(mask_of(hash(), "json"), "{}", Format::kBinary), "\"" + digits + "\"");
  EXPECT_EQ(masked(mask_of(hash(), "jsonb"), "\x01{}", Format::kBinary), "\x01\"" + digits + "\"");
  EXPECT_EQ(masked(mask_of(hash(), "jsonb"), "\x02{}", Format::kBinary), kNullValue);
  EXPECT_EQ(masked(mask_of(hash(), "jsonb"), "", Format::kBinary), kNullValue);
}

TEST(HashMask, OfNumericIsForTheStore) {
  const ColumnMask mask = mask_of(hash(), "numeric");
  EXPECT_EQ(mask.on_rows, nullptr);
  EXPECT_NE(mask.expression, "");
}

TEST(HashMask, RefusesWhatHasNoRoomForPseudonyms) {
  EXPECT_EQ(refusal_of(hash(), "character varying(32)"), "");
  EXPECT_EQ(refusal_of(hash(), "character varying(31)"),
            "hash does not serve text: a pseudonym has 32 characters, more than the column has "
            "room for");
  EXPECT_EQ(refusal_of(hash(), "numeric(20,2)"), "");
  EXPECT_EQ(refusal_of(hash(), "numeric(19,2)"),
            "hash does not serve numeric: a pseudonym has 18 digits, more than the column has room "
            "for");
  EXPECT_EQ(refusal_of(hash(), "integer"),
            "hash does not serve integer: different values could get the same pseudonym");
}

TEST(HashMask, NeedsAKeyAndAProperDomain) {
  const auto without_key = make_mask(hash(), type_named("uuid"), nullptr, nullptr);
  ASSERT_FALSE(without_key.ok());
  EXPECT_EQ(without_key.error().message, "hash needs a key, and none is configured");
  for (const char* type : {"text", "uuid", "jsonb"})
    EXPECT_EQ(refusal_of(hash(std::string("a\0b", 3)), type),
              "the domain of hash must not hold a zero byte");
}

}  // namespace
}  // namespace tracegate::mask
