#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/sha256.h"
#include "base/text.h"

namespace engine::base {
namespace {

// FIPS 180-4's and RFC 1321's own examples.
TEST(Digest, Sha256Vectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Texts of every length around the ends of blocks, by themselves and after a prefix; a group that
// is full, and one of an odd number.
TEST(Digest, GroupsHashAsOneByOne) {
  const HmacSha256 hmac("key");
  const HmacStart start("key");
  for (const std::size_t size : {0U, 1U, 33U, 55U, 56U, 64U, 100U}) {
    const std::string prefix(size, 'p');
    Sha256Group plain(prefix, nullptr);
    Sha256Group keyed(prefix, &start);
    std::vector<std::string> texts;
    for (std::size_t length = 0; length < 131; ++length) {
      texts.emplace_back(length, static_cast<char>('a' + length % 26));
      plain.add(texts.back());
      keyed.add(texts.back());
      if (!plain.full() && length != 130) continue;
      const auto digests = plain.finish();
      const auto macs = keyed.finish();
      ASSERT_EQ(digests.size(), texts.size());
      for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(digests[i], sha256(prefix + texts[i])) << size << "+" << texts[i].size();
        EXPECT_EQ(macs[i], hmac.of(prefix + texts[i])) << size << "+" << texts[i].size();
      }
      texts.clear();
    }
  }
  EXPECT_TRUE(Sha256Group("", nullptr).finish().empty());
}

// RFC 4231, test case 2.
TEST(Digest, HmacVector) {
  const Sha256 mac = HmacSha256("Jefe").of("what do ya want for nothing?");
  EXPECT_EQ(hex(std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size())),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, Md5Vectors) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, ThreadsDoNotShareState) {
  const std::string expected = sha256_hex("abc");
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(sha256_hex("abc"), expected);
  });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(sha256_hex("abc"), expected);
  other.join();
}

// The empty input's hashes are those of xxHash's own test program.
TEST(Digest, XxhVectors) {
  EXPECT_EQ(hash64(""), 0x2D06800538D394C2U);
  EXPECT_EQ(hex(hash128("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_NE(hash128("a"), hash128("b"));
  EXPECT_LT((Hash128{0, 9}), (Hash128{1, 0}));
}

TEST(Digest, TableDigestIgnoresOrderButNotMultiplicity) {
  const Hash128 a = hash128("a");
  const Hash128 b = hash128("b");
  TableDigest one;
  one.add(a);
  one.add(b);
  TableDigest other;
  other.add(b);
  other.add(a);
  EXPECT_EQ(one, other);
  other.add(a);
  EXPECT_NE(one, other);
  other.remove(a);
  EXPECT_EQ(one, other);
  other.remove(b);
  other.remove(a);
  EXPECT_EQ(other, TableDigest{});
  EXPECT_EQ(TableDigest{}.text(), "0:00000000000000000000000000000000");
}

TEST(Digest, TableDigestCarriesIntoTheHighHalf) {
  TableDigest digest;
  digest.add({0, UINT64_MAX});
  digest.add({0, 1});
  EXPECT_EQ(digest.sum, (Hash128{1, 0}));
  digest.remove({0, 1});
  EXPECT_EQ(digest.sum, (Hash128{0, UINT64_MAX}));
}

}  // namespace
}  // namespace engine::base
