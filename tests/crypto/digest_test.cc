#include "src/crypto/digest.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace tracegate::crypto {
namespace {

using testing::to_hex;

constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

// FIPS 180-4, the example values published with it.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_bytes(kTwoBlocks))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  for (std::size_t split = 0; split <= kTwoBlocks.size(); ++split) {
    Sha256 digest;
    digest.update(as_bytes(kTwoBlocks.substr(0, split)));
    digest.update(as_bytes(kTwoBlocks.substr(split)));
    EXPECT_EQ(digest.finish(), sha256(as_bytes(kTwoBlocks)));
  }
}

TEST(Sha256, FinishAndResetStartAnew) {
  Sha256 digest;
  EXPECT_EQ(digest.update(as_bytes("first")).finish(), sha256(as_bytes("first")));
  EXPECT_EQ(digest.update(as_bytes("second")).finish(), sha256(as_bytes("second")));
  digest.update(as_bytes("forgotten"));
  digest.reset();
  EXPECT_EQ(digest.update(as_bytes("third")).finish(), sha256(as_bytes("third")));
}

TEST(Sha256, OnePrefixServesManyDigests) {
  Sha256 prefix;
  prefix.update(as_bytes("pre"));
  Sha256 digest;
  digest.update(as_bytes("forgotten"));
  EXPECT_EQ(digest.continue_from(prefix).update(as_bytes("fix")).finish(),
            sha256(as_bytes("prefix")));
  EXPECT_EQ(digest.continue_from(prefix).update(as_bytes("tend")).finish(),
            sha256(as_bytes("pretend")));
  EXPECT_EQ(digest.update(as_bytes("anew")).finish(), sha256(as_bytes("anew")));
  EXPECT_EQ(prefix.finish(), sha256(as_bytes("pre")));
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(HmacSha256, KnownAnswers) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, KeyServesManyMessages) {
  HmacSha256 hmac(as_bytes("key"));
  const Sha256Digest first = hmac.update(as_bytes("mes")).update(as_bytes("sage")).finish();
  EXPECT_EQ(first, hmac_sha256(as_bytes("key"), as_bytes("message")));
  EXPECT_EQ(hmac.update(as_bytes("message")).finish(), first);
}

TEST(HmacSha256, EmptyKeyIsAKeyAndNotTheOneBefore) {
  static_cast<void>(hmac_sha256(as_bytes("key"), as_bytes("message")));
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 7914 section 11; the vector there has two blocks, of which the first is what we compute.
TEST(Pbkdf2, KnownAnswers) {
  EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(as_bytes("passwd"), as_bytes("salt"), 1)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(as_bytes("Password"), as_bytes("NaCl"), 80000)),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

TEST(Pbkdf2, SlicesGiveTheSameKey) {
  Pbkdf2 derivation(as_bytes("passwd"), as_bytes("salt"), 100);
  int slices = 1;
  while (!derivation.advance(7)) ++slices;
  EXPECT_EQ(slices, 15);  // 99 after the first, 7 at a time
  EXPECT_EQ(derivation.result(), pbkdf2_hmac_sha256(as_bytes("passwd"), as_bytes("salt"), 100));
}

// RFC 3720 appendix B.4.
TEST(Crc32c, KnownAnswers) {
  for (const auto crc : {&crc32c, &crc32c_portable}) {
    EXPECT_EQ(crc({}, 0), 0U);
    EXPECT_EQ(crc(as_bytes("123456789"), 0), 0xe3069283U);
    EXPECT_EQ(crc(Bytes(32, 0x00), 0), 0x8a9136aaU);
    EXPECT_EQ(crc(Bytes(32, 0xff), 0), 0x62a8ab43U);
  }
}

TEST(Crc32c, BothImplementationsAgreeAtEveryLengthAndSplit) {
  Bytes data(67);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 37 + 11);
  for (std::size_t size = 0; size <= data.size(); ++size) {
    const ByteView whole = ByteView(data).first(size);
    EXPECT_EQ(crc32c(whole), crc32c_portable(whole));
    for (std::size_t split = 0; split <= size; ++split)
      EXPECT_EQ(crc32c(whole.subspan(split), crc32c(whole.first(split))), crc32c(whole));
  }
}

}  // namespace
}  // namespace tracegate::crypto
