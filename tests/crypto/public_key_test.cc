#include "src/crypto/public_key.h"

#include <gtest/gtest.h>

#include "src/crypto/base64.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/jose_vectors.h"
#include "tests/crypto/test_keys.h"

namespace tracegate::crypto {
namespace {

using testing::from_hex;
using testing::TestKey;
using enum SignatureAlgorithm;

constexpr SignatureAlgorithm kAll[] = {kRs256, kRs384, kRs512, kPs256, kPs384,
                                       kPs512, kEs256, kEs384, kEs512, kEdDsa};

Bytes url_bytes(std::string_view text) {
  return base64url_decode(text).value();
}

// Whether the signature of a text in compact form is the key's.
bool holds(const PublicKey& key, SignatureAlgorithm algorithm, std::string_view compact) {
  const std::size_t dot = compact.rfind('.');
  return key.verify(algorithm, as_bytes(compact.substr(0, dot)),
                    url_bytes(compact.substr(dot + 1)));
}

// Of both numbers, big-endian and equally long.
Bytes sum(ByteView a, ByteView b) {
  Bytes out(a.size());
  unsigned carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    carry += unsigned{a[i]} + b[i];
    out[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

TEST(SignatureAlgorithm, NamesAreTheOnesOfTheRegistryAndNoOthers) {
  for (const SignatureAlgorithm algorithm : kAll)
    EXPECT_EQ(signature_algorithm_from_string(to_string(algorithm)), algorithm);
  EXPECT_EQ(to_string(kRs256), "RS256");
  EXPECT_EQ(to_string(kPs384), "PS384");
  EXPECT_EQ(to_string(kEs512), "ES512");
  EXPECT_EQ(to_string(kEdDsa), "EdDSA");
  for (const std::string_view name : {"", "none", "HS256", "rs256", "RS256 ", "RS25", "ES256K",
                                      "eddsa", "EDDSA", "Ed25519", "Ed448", "RS1"})
    EXPECT_EQ(signature_algorithm_from_string(name), std::nullopt) << name;
}

TEST(PublicKey, VerifiesTheExamplesOfTheSpecifications) {
  EXPECT_TRUE(holds(TestKey::rsa().public_key(), kRs256, testing::kRfc7515A2));
  EXPECT_TRUE(holds(TestKey::p256().public_key(), kEs256, testing::kRfc7515A3));
  EXPECT_TRUE(holds(TestKey::p521().public_key(), kEs512, testing::kRfc7515A4));
  EXPECT_TRUE(holds(TestKey::ed25519().public_key(), kEdDsa, testing::kRfc8037A4));

  const auto rsa = PublicKey::rsa(url_bytes(testing::kRfc7520Modulus), url_bytes("AQAB"));
  ASSERT_TRUE(rsa.ok()) << rsa.error().message;
  EXPECT_TRUE(holds(*rsa, kRs256, testing::kRfc7520RsaPkcs1));
  EXPECT_TRUE(holds(*rsa, kPs384, testing::kRfc7520RsaPss));
  const auto ec =
      PublicKey::ec(KeyType::kP521, url_bytes(testing::kRfc7520X), url_bytes(testing::kRfc7520Y));
  ASSERT_TRUE(ec.ok()) << ec.error().message;
  EXPECT_TRUE(holds(*ec, kEs512, testing::kRfc7520Ecdsa));
}

// RFC 6979 appendices A.2.5 and A.2.6, message "sample".
TEST(PublicKey, VerifiesTheDeterministicSignaturesOfRfc6979) {
  const auto p256 = PublicKey::ec(
      KeyType::kP256, from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
      from_hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
  ASSERT_TRUE(p256.ok());
  EXPECT_TRUE(
      p256->verify(kEs256, as_bytes("sample"),
                   from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")));
  EXPECT_TRUE(TestKey::p384().public_key().verify(
      kEs384, as_bytes("sample"),
      from_hex("94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
               "81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f"
               "130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8")));
}

TEST(PublicKey, VerifiesByItsAlgorithmsAndByNoOther) {
  const std::pair<const TestKey*, std::vector<SignatureAlgorithm>> keys[] = {
      {&TestKey::rsa(), {kRs256, kRs384, kRs512, kPs256, kPs384, kPs512}},
      {&TestKey::p256(), {kEs256}},
      {&TestKey::p384(), {kEs384}},
      {&TestKey::p521(), {kEs512}},
      {&TestKey::ed25519(), {kEdDsa}},
  };
  const ByteView data = as_bytes("data");
  for (const auto& [test_key, algorithms] : keys) {
    const PublicKey key = test_key->public_key();
    for (const SignatureAlgorithm algorithm : kAll) {
      const bool own =
          std::find(algorithms.begin(), algorithms.end(), algorithm) != algorithms.end();
      EXPECT_EQ(key.fits(algorithm), own) << to_string(algorithm);
    }
    for (const SignatureAlgorithm signed_by : algorithms) {
      const Bytes signature = test_key->sign(signed_by, data);
      for (const SignatureAlgorithm read_as : kAll)
        EXPECT_EQ(key.verify(read_as, data, signature), read_as == signed_by)
            << to_string(signed_by) << " as " << to_string(read_as);
    }
  }
}

// A digest that is not the curve's, though the length of the signature is right.
TEST(PublicKey, EcdsaIsVerifiedWithTheDigestOfTheAlgorithmOnly) {
  const PublicKey key = TestKey::p256().public_key();
  EXPECT_TRUE(key.verify(kEs256, as_bytes("data"), TestKey::p256().sign(kEs256, as_bytes("data"))));
  EXPECT_FALSE(
      key.verify(kEs256, as_bytes("data"), TestKey::p256().sign(kEs384, as_bytes("data"))));
  EXPECT_FALSE(
      key.verify(kEs384, as_bytes("data"), TestKey::p256().sign(kEs384, as_bytes("data"))));
}

TEST(PublicKey, EveryBitOfSignatureAndDataCounts) {
  const std::pair<const TestKey*, SignatureAlgorithm> cases[] = {{&TestKey::rsa(), kRs256},
                                                                 {&TestKey::rsa(), kPs256},
                                                                 {&TestKey::p256(), kEs256},
                                                                 {&TestKey::ed25519(), kEdDsa}};
  for (const auto& [test_key, algorithm] : cases) {
    const PublicKey key = test_key->public_key();
    Bytes data = {1, 2, 3};
    Bytes signature = test_key->sign(algorithm, data);
    for (std::size_t i = 0; i < signature.size() * 8; ++i) {
      signature[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
      EXPECT_FALSE(key.verify(algorithm, data, signature)) << to_string(algorithm) << " " << i;
      signature[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    }
    EXPECT_TRUE(key.verify(algorithm, data, signature));
    data[2] ^= 1;
    EXPECT_FALSE(key.verify(algorithm, data, signature));
    EXPECT_FALSE(key.verify(algorithm, {}, signature));
  }
}

TEST(PublicKey, SignaturesOfAnotherLengthAreRefused) {
  const std::pair<const TestKey*, SignatureAlgorithm> cases[] = {
      {&TestKey::rsa(), kRs256},  {&TestKey::rsa(), kPs256},  {&TestKey::p256(), kEs256},
      {&TestKey::p384(), kEs384}, {&TestKey::p521(), kEs512}, {&TestKey::ed25519(), kEdDsa}};
  for (const auto& [test_key, algorithm] : cases) {
    const PublicKey key = test_key->public_key();
    const ByteView data = as_bytes("data");
    const Bytes signature = test_key->sign(algorithm, data);
    for (std::size_t size = 0; size < signature.size(); ++size) {
      EXPECT_FALSE(key.verify(algorithm, data, ByteView(signature).first(size))) << size;
      EXPECT_FALSE(key.verify(algorithm, data, ByteView(signature).last(size))) << size;
    }
    EXPECT_FALSE(key.verify(algorithm, data, joined({signature, {0}})));
    EXPECT_FALSE(key.verify(algorithm, data, joined({{0}, signature})));
    EXPECT_FALSE(key.verify(algorithm, data, joined({signature, signature})));
  }
}

TEST(PublicKey, RsaKeysAreOf2048To8192BitsWithASaneExponent) {
  const Bytes e = url_bytes("AQAB");
  const auto modulus = [](std::size_t bits, std::uint8_t last = 1) {
    Bytes n((bits + 7) / 8);
    n.front() = static_cast<std::uint8_t>(1U << ((bits + 7) % 8));
    n.back() = last;
    return n;
  };
  for (const std::size_t bits : {2048U, 2049U, 3072U, 4096U, 8192U})
    EXPECT_TRUE(PublicKey::rsa(modulus(bits), e).ok()) << bits;
  for (const std::size_t bits : {8U, 512U, 1024U, 2040U, 2047U, 8193U, 16384U})
    EXPECT_FALSE(PublicKey::rsa(modulus(bits), e).ok()) << bits;
  EXPECT_FALSE(PublicKey::rsa({}, e).ok());
  EXPECT_FALSE(PublicKey::rsa(modulus(2048, 2), e).ok()) << "even";
  EXPECT_FALSE(PublicKey::rsa(joined({{0}, modulus(2048)}), e).ok()) << "leading zero";

  for (const std::string_view good : {"010001", "010003", "ffffffff"})
    EXPECT_TRUE(PublicKey::rsa(modulus(2048), from_hex(good)).ok()) << good;
  for (const std::string_view bad : {"", "00", "01", "02", "03", "11", "ffff", "010000", "010002",
                                     "00010001", "0100000000", "0100000001", "010000000000000001"})
    EXPECT_FALSE(PublicKey::rsa(modulus(2048), from_hex(bad)).ok()) << bad;
}

TEST(PublicKey, EcPointsAreOnTheirCurveAndOfItsLength) {
  const Bytes x = url_bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  const Bytes y = url_bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  EXPECT_TRUE(PublicKey::ec(KeyType::kP256, x, y).ok());
  for (std::size_t i = 0; i < 256; ++i) {
    Bytes off = y;
    off[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(PublicKey::ec(KeyType::kP256, x, off).ok()) << i;
  }
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, y, x).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, Bytes(32), Bytes(32)).ok()) << "the origin";
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, Bytes(32, 0xff), Bytes(32, 0xff)).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, {}, {}).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, joined({{0}, x}), joined({{0}, y})).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP256, ByteView(x).first(31), y).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP384, x, y).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP384, joined({Bytes(16), x}), joined({Bytes(16), y})).ok())
      << "on another curve";
  EXPECT_FALSE(PublicKey::ec(KeyType::kRsa, x, y).ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kEd25519, x, y).ok());
  // x + p stands for the same point, in more bits than P-256 has; P-521 has room for it.
  const Bytes p521 = from_hex(
      "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "ffff");
  EXPECT_TRUE(
      PublicKey::ec(KeyType::kP521, url_bytes(testing::kRfc7520X), url_bytes(testing::kRfc7520Y))
          .ok());
  EXPECT_FALSE(PublicKey::ec(KeyType::kP521, sum(url_bytes(testing::kRfc7520X), p521),
                             url_bytes(testing::kRfc7520Y))
                   .ok());
}

TEST(PublicKey, Ed25519PointsOfSmallOrderAndOtherEncodingsAreRefused) {
  const std::string_view refused[] = {
      // The eight points of small order: y and, with the sign of x, y + 2^255.
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      // x = 0 with a sign.
      "0100000000000000000000000000000000000000000000000000000000000080",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      // y = p, p + 1, p + 3 and the largest.
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  for (const std::string_view point : refused)
    EXPECT_FALSE(PublicKey::ed25519(from_hex(point)).ok()) << point;
  const Bytes x = url_bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_TRUE(PublicKey::ed25519(x).ok());
  EXPECT_FALSE(PublicKey::ed25519(ByteView(x).first(31)).ok());
  EXPECT_FALSE(PublicKey::ed25519(joined({x, {0}})).ok());
  EXPECT_FALSE(PublicKey::ed25519({}).ok());
}

// y = 2 is the y of no point.
TEST(PublicKey, AnEncodingOfNoPointVerifiesNothing) {
  const auto key = PublicKey::ed25519(joined({{2}, Bytes(31)}));
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key->verify(kEdDsa, {}, Bytes(64)));
  EXPECT_FALSE(key->verify(kEdDsa, {}, TestKey::ed25519().sign(kEdDsa, {})));
}

TEST(PublicKey, EqualityIsOfTheKeyItself) {
  EXPECT_TRUE(TestKey::rsa().public_key() == TestKey::rsa().public_key());
  EXPECT_TRUE(TestKey::p256().public_key() == TestKey::p256().public_key());
  EXPECT_FALSE(TestKey::p256().public_key() == TestKey::p384().public_key());
  EXPECT_FALSE(TestKey::rsa().public_key() == TestKey::ed25519().public_key());
  const auto other = PublicKey::rsa(url_bytes(testing::kRfc7520Modulus), url_bytes("AQAB"));
  EXPECT_FALSE(TestKey::rsa().public_key() == *other);
}

// What Wycheproof calls special values, and the other ways to write an ECDSA signature.
class EcdsaForgeries : public ::testing::Test {
 protected:
  static bool verifies(ByteView signature, std::string_view data = "data") {
    return TestKey::p256().public_key().verify(kEs256, as_bytes(data), signature);
  }
  const Bytes good_ = TestKey::p256().sign(kEs256, as_bytes("data"));
  const Bytes r_{good_.begin(), good_.begin() + 32};
  const Bytes s_{good_.begin() + 32, good_.end()};
  const Bytes zero_ = Bytes(32);
  const Bytes one_ = joined({Bytes(31), {1}});
  const Bytes order_ = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const Bytes field_ = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
};

TEST_F(EcdsaForgeries, SpecialValuesOfRAndSAreRefused) {
  ASSERT_TRUE(verifies(good_));
  const std::vector<Bytes> special = {
      zero_,  one_,           order_, sum(order_, one_), sum(order_, Bytes(32, 0xff)),
      field_, Bytes(32, 0xff)};
  for (const Bytes& value : special) {
    EXPECT_FALSE(verifies(joined({value, s_}))) << testing::to_hex(value);
    EXPECT_FALSE(verifies(joined({r_, value}))) << testing::to_hex(value);
    for (const Bytes& other : special) EXPECT_FALSE(verifies(joined({value, other})));
  }
  EXPECT_FALSE(verifies(joined({s_, r_})));
}

// P-521 has room for r and s with the order added, which mean the same modulo the order.
TEST_F(EcdsaForgeries, ValuesAboveTheOrderAreRefused) {
  const Bytes order = from_hex(
      "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "fffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e9138"
      "6409");
  const PublicKey key = TestKey::p521().public_key();
  const Bytes good = TestKey::p521().sign(kEs512, as_bytes("data"));
  const Bytes r(good.begin(), good.begin() + 66);
  const Bytes s(good.begin() + 66, good.end());
  EXPECT_TRUE(key.verify(kEs512, as_bytes("data"), joined({r, s})));
  EXPECT_FALSE(key.verify(kEs512, as_bytes("data"), joined({sum(r, order), s})));
  EXPECT_FALSE(key.verify(kEs512, as_bytes("data"), joined({r, sum(s, order)})));
}

TEST_F(EcdsaForgeries, OtherEncodingsAreRefused) {
  EXPECT_FALSE(verifies(TestKey::p256().sign_der("SHA256", as_bytes("data"))));
  EXPECT_FALSE(verifies(joined({{0}, r_, {0}, s_}))) << "leading zeros";
  EXPECT_FALSE(verifies(joined({Bytes(34), r_, Bytes(34), s_}))) << "as for P-521";
  Bytes twisted = good_;
  std::reverse(twisted.begin(), twisted.begin() + 32);
  std::reverse(twisted.begin() + 32, twisted.end());
  EXPECT_FALSE(verifies(twisted)) << "little-endian";
  // A DER signature that happens to be as long as r and s.
  Bytes der = from_hex("303e021d");
  der.resize(der.size() + 29, 0x11);
  for (const std::uint8_t byte : from_hex("021d")) der.push_back(byte);
  der.resize(64, 0x11);
  EXPECT_FALSE(verifies(der));
}

// r = -z/d and any s: the sum of both points is the point at infinity, which has no x.
TEST_F(EcdsaForgeries, ThePointAtInfinityIsNoSignature) {
  const Bytes r = from_hex("04c952af4dc55b8abdc2a30374d19ace2f60a123d3fae197ce012fb87ec5a913");
  for (const Bytes& s : {one_, s_, r}) EXPECT_FALSE(verifies(joined({r, s}), "at infinity"));
}

// Blocks that begin and end like PKCS #1 v1.5 padding (RFC 8017 section 9.2), signed for real.
class Pkcs1Forgeries : public ::testing::Test {
 protected:
  static constexpr std::size_t kSize = 256;
  static constexpr std::string_view kData = "data";

  static bool verifies(ByteView signature, SignatureAlgorithm algorithm = kRs256) {
    return TestKey::rsa().public_key().verify(algorithm, as_bytes(kData), signature);
  }
  // 00 01 FF ... FF 00, and `tail` at the end.
  static Bytes block(const Bytes& tail, std::uint8_t type = 1, std::uint8_t padding = 0xff) {
    Bytes out(kSize, padding);
    out[0] = 0;
    out[1] = type;
    out[kSize - tail.size() - 1] = 0;
    std::copy(tail.begin(), tail.end(), out.end() - static_cast<std::ptrdiff_t>(tail.size()));
    return out;
  }
  // DigestInfo of SHA-256 with the digest of "data".
  const Bytes digest_ =
      from_hex("3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7");
  const Bytes info_ = joined({from_hex("3031300d060960864801650304020105000420"), digest_});
};

TEST_F(Pkcs1Forgeries, TheRightBlockVerifies) {
  EXPECT_TRUE(verifies(TestKey::rsa().sign_block(block(info_))));
}

TEST_F(Pkcs1Forgeries, EveryOtherBlockIsRefused) {
  const auto garbage_behind = [&](std::size_t size) {
    Bytes out = block(info_);
    std::rotate(out.begin() + 2, out.begin() + 2 + static_cast<std::ptrdiff_t>(size), out.end());
    return out;
  };
  Bytes hole = block(info_);
  hole[100] = 0;
  Bytes other_byte = block(info_);
  other_byte[10] = 0xfe;
  Bytes no_separator = block(info_);
  no_separator[kSize - info_.size() - 1] = 0xff;
  Bytes long_first = block(info_);
  long_first[0] = 1;
  Bytes short_padding = Bytes(kSize);
  short_padding[1] = 1;
  std::fill(short_padding.begin() + 2, short_padding.begin() + 10, 0xff);
  std::copy(info_.begin(), info_.end(), short_padding.begin() + 11);

  const std::pair<std::string_view, Bytes> cases[] = {
      {"no NULL behind the algorithm",
       block(joined({from_hex("302f300b0609608648016503040201"), from_hex("0420"), digest_}))},
      {"NULL with a content",
       block(joined({from_hex("3033300f06096086480165030402010502aabb0420"), digest_}))},
      {"garbage in the parameters",
       block(joined(
           {from_hex("3033300f060960864801650304020105020000"), from_hex("0420"), digest_}))},
      {"no DigestInfo", block(digest_)},
      {"the object id of SHA-1",
       block(joined({from_hex("3029300906052b0e03021a05000420"), digest_}))},
      {"the object id of SHA-512",
       block(joined({from_hex("3031300d060960864801650304020305000420"), digest_}))},
      {"the object id of MD5",
       block(joined({from_hex("3030300c06082a864886f70d020505000420"), digest_}))},
      {"a length in long form",
       block(joined({from_hex("308131300d060960864801650304020105000420"), digest_}))},
      {"an indefinite length",
       block(joined({from_hex("3080300d060960864801650304020105000420"), digest_, Bytes(2)}))},
      {"a digest that is cut", block(joined({from_hex("3030300d06096086480165030402010500041f"),
                                             Bytes(digest_.begin(), digest_.end() - 1)}))},
      {"a byte behind the digest inside",
       block(joined({from_hex("3032300d060960864801650304020105000421"), digest_, {0}}))},
      {"a byte behind DigestInfo", block(joined({info_, {0}}))},
      {"garbage behind, the padding shorter by as much", garbage_behind(180)},
      {"garbage behind, no padding", garbage_behind(202)},
      {"eight bytes of padding and zeros behind", short_padding},
      {"block type 0", block(info_, 0, 0)},
      {"block type 2", block(info_, 2)},
      {"a first byte that is not zero", long_first},
      {"padding of other bytes", block(info_, 1, 0xaa)},
      {"one other byte in the padding", other_byte},
      {"a zero in the padding", hole},
      {"no zero behind the padding", no_separator},
      {"nothing but padding", block({})},
      {"only the digest of another text",
       block(joined({Bytes(info_.begin(), info_.begin() + 19), Bytes(32, 7)}))},
  };
  for (const auto& [what, forged] : cases) {
    ASSERT_EQ(forged.size(), kSize) << what;
    // A block above the modulus cannot be signed; its bytes by themselves are no signature either.
    if (forged[0] == 0) {
      EXPECT_FALSE(verifies(TestKey::rsa().sign_block(forged))) << what;
    }
    EXPECT_FALSE(verifies(forged)) << what;
  }
}

TEST_F(Pkcs1Forgeries, SpecialValuesAreRefused) {
  const Bytes n = url_bytes(testing::kRfc7515A2Modulus);
  const Bytes one = joined({Bytes(kSize - 1), {1}});
  Bytes below = n;
  --below.back();
  for (const Bytes& value : {Bytes(kSize), one, n, below, Bytes(kSize, 0xff)}) {
    EXPECT_FALSE(verifies(value));
    EXPECT_FALSE(verifies(value, kPs256));
  }
  // s + n means the same modulo n. Only an s below 2^2048 - n leaves room for it.
  Bytes data;
  Bytes small;
  do {
    data.push_back('x');
    small = TestKey::rsa().sign(kRs256, data);
  } while (small[0] > 0x5d);
  const PublicKey key = TestKey::rsa().public_key();
  EXPECT_TRUE(key.verify(kRs256, data, small));
  EXPECT_FALSE(key.verify(kRs256, data, sum(small, n)));
}

TEST(PssForgeries, OtherSaltsAndDigestsAreRefused) {
  const ByteView data = as_bytes("data");
  const PublicKey key = TestKey::rsa().public_key();
  const TestKey& signer = TestKey::rsa();
  EXPECT_TRUE(key.verify(kPs256, data, signer.sign_pss({"SHA256", "SHA256", 32}, data)));
  for (const int salt : {0, 1, 20, 31, 33, 48, 64, 222})
    EXPECT_FALSE(key.verify(kPs256, data, signer.sign_pss({"SHA256", "SHA256", salt}, data)))
        << salt;
  for (const std::string_view mgf1 : {"SHA1", "SHA384", "SHA512"})
    EXPECT_FALSE(key.verify(kPs256, data, signer.sign_pss({"SHA256", mgf1, 32}, data))) << mgf1;
  for (const std::string_view digest : {"SHA1", "SHA512-256", "SHA384"})
    EXPECT_FALSE(key.verify(kPs256, data, signer.sign_pss({digest, "SHA256", 32}, data))) << digest;
  EXPECT_TRUE(key.verify(kPs512, data, signer.sign_pss({"SHA512", "SHA512", 64}, data)));
  EXPECT_FALSE(key.verify(kPs512, data, signer.sign_pss({"SHA512", "SHA512", 32}, data)));
}

// RFC 8032 section 5.1.7: s must be below L, and R is compared in its one encoding.
TEST(Ed25519Forgeries, OtherFormsOfAGoodSignatureAreRefused) {
  const PublicKey key = TestKey::ed25519().public_key();
  const Bytes data = {1, 2, 3};
  const Bytes good = TestKey::ed25519().sign(kEdDsa, data);
  const Bytes r(good.begin(), good.begin() + 32);
  const Bytes s(good.begin() + 32, good.end());
  ASSERT_TRUE(key.verify(kEdDsa, data, good));

  Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Bytes s_big(s.rbegin(), s.rend());
  const Bytes order_big(order.rbegin(), order.rend());
  // s + L, s + 2 L, ... while there is room for it.
  for (int i = 0; i < 14; ++i) {
    s_big = sum(s_big, order_big);
    EXPECT_FALSE(key.verify(kEdDsa, data, joined({r, Bytes(s_big.rbegin(), s_big.rend())}))) << i;
  }
  for (const Bytes& other : {Bytes(32), order, Bytes(32, 0xff)})
    EXPECT_FALSE(key.verify(kEdDsa, data, joined({r, other})));
  for (const unsigned bit : {0x20U, 0x40U, 0x80U}) {
    Bytes high = good;
    high[63] = static_cast<std::uint8_t>(high[63] | bit);
    EXPECT_FALSE(key.verify(kEdDsa, data, high));
  }
  // R as a point of small order, in its encodings that are and are not canonical.
  for (const std::string_view point :
       {"0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    EXPECT_FALSE(key.verify(kEdDsa, data, joined({from_hex(point), s})));
    EXPECT_FALSE(key.verify(kEdDsa, data, joined({from_hex(point), Bytes(32)})));
  }
  EXPECT_FALSE(key.verify(kEdDsa, data, joined({s, r})));
}

}  // namespace
}  // namespace tracegate::crypto
