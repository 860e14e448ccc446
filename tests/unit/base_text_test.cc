#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

namespace engine::base {
namespace {

constexpr auto kNone = std::string_view::npos;

TEST(Text, Utf8) {
  EXPECT_EQ(find_invalid_utf8(""), kNone);
  EXPECT_EQ(find_invalid_utf8("plain text of more than eight bytes"), kNone);
  EXPECT_EQ(find_invalid_utf8("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF"), kNone);
  EXPECT_EQ(find_invalid_utf8("12345678\xFF"), 8U);
  EXPECT_EQ(find_invalid_utf8("a\x80"), 1U);
  EXPECT_EQ(find_invalid_utf8("\xC0\x80"), 0U) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xE0\x9F\xBF"), 0U) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xF0\x8F\xBF\xBF"), 0U) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0U) << "surrogate";
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U) << "beyond U+10FFFF";
  EXPECT_EQ(find_invalid_utf8("ab\xE2\x82"), 2U) << "cut";
  EXPECT_EQ(find_invalid_utf8(std::string_view("a\0b", 3)), kNone) << "NUL is a character";
}

TEST(Text, TrimSplitJoin) {
  EXPECT_EQ(trim_spaces(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim_spaces(" \n"), "");
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, QuotedShowsWhatCannotBePrinted) {
  EXPECT_EQ(quoted("caf\xC3\xA9"), "'caf\xC3\xA9'");
  EXPECT_EQ(quoted(std::string_view("a\0\n\x7f\xFF", 5)), "'a\\x00\\x0a\\x7f\\xff'");
}

TEST(Text, Hex) {
  EXPECT_EQ(hex(std::string_view("\x00\x0a\xff", 3)), "000aff");
}

TEST(Text, NearestIsNearEnough) {
  const std::vector<std::string> keys = {"tables", "vars", "connections", "run"};
  EXPECT_EQ(nearest("tabels", keys), "tables") << "a swap counts once";
  EXPECT_EQ(nearest("conections", keys), "connections");
  EXPECT_EQ(nearest("vas", keys), "vars");
  EXPECT_EQ(nearest("ran", keys), "run");
  EXPECT_EQ(nearest("zzz", keys), std::nullopt);
  EXPECT_EQ(nearest("xy", keys), std::nullopt);
  EXPECT_EQ(nearest("aa", std::vector<std::string>{"ab", "ba"}), "ab") << "the first of a tie";
}

TEST(Text, HumanBytes) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(12'345'678), "12.3 MB");
  EXPECT_EQ(human_bytes(300'000), "300.0 kB");
  EXPECT_EQ(human_bytes(999'999), "1.0 MB");
  EXPECT_EQ(human_bytes(1'200'000'000), "1.2 GB");
}

TEST(Text, HumanSeconds) {
  EXPECT_EQ(human_seconds(0.04), "0.0s");
  EXPECT_EQ(human_seconds(3.2), "3.2s");
  EXPECT_EQ(human_seconds(59.97), "1m00");
  EXPECT_EQ(human_seconds(165), "2m45");
  EXPECT_EQ(human_seconds(3599.6), "1h00");
  EXPECT_EQ(human_seconds(3720), "1h02");
}

TEST(Text, Glob) {
  EXPECT_TRUE(glob_match("BackOffice*", "BackOfficeUsers"));
  EXPECT_TRUE(glob_match("BackOffice*", "BackOffice"));
  EXPECT_FALSE(glob_match("BackOffice*", "MyBackOffice"));
  EXPECT_TRUE(glob_match("*a*b*c", "xxaxxbxxbxc"));
  EXPECT_FALSE(glob_match("*a*b*c", "xxaxxbxxbx"));
  EXPECT_TRUE(glob_match("?x", "\xC3\xA9x")) << "? is a character, not a byte";
  EXPECT_FALSE(glob_match("?", ""));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_FALSE(glob_match("a", "A"));
}

TEST(Clock, IsoTimes) {
  EXPECT_EQ(iso_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_utc(1'769'860'800'000'000), "2026-01-31T12:00:00Z");
  EXPECT_EQ(iso_utc(1'769'860'800'000'100), "2026-01-31T12:00:00.000100Z");
  EXPECT_EQ(iso_utc(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, AVariableFixesTheSystemClock) {
  ::setenv("ENGINE_TEST_NOW_US", "1769860800000000", 1);
  EXPECT_EQ(iso_utc(system_clock().now_us()), "2026-01-31T12:00:00Z");
  const double before = monotonic_seconds();
  EXPECT_LE(before, monotonic_seconds());
}

TEST(Clock, Durations) {
  EXPECT_EQ(parse_duration_us("90s"), 90'000'000);
  EXPECT_EQ(parse_duration_us("15m"), 900'000'000);
  EXPECT_EQ(parse_duration_us("6h"), 21'600'000'000);
  EXPECT_EQ(parse_duration_us("2d"), 172'800'000'000);
  EXPECT_EQ(parse_duration_us("500ms"), 500'000);
  EXPECT_EQ(parse_duration_us("0s"), 0);
  for (const char* wrong : {"", "5", "s", "-5s", "1.5h", "5 s", "5S", "1h30m", "99999999999999d"}) {
    EXPECT_EQ(parse_duration_us(wrong), std::nullopt) << wrong;
  }
  for (const char* text : {"6h", "90s", "500ms", "2d", "7m", "0s"}) {
    EXPECT_EQ(duration_text(parse_duration_us(text).value()), text);
  }
  EXPECT_EQ(duration_text(7), "7us");
}

TEST(Clock, Sizes) {
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("512MiB"), 536870912U);
  EXPECT_EQ(parse_size("2GB"), 2'000'000'000U);
  EXPECT_EQ(parse_size("10kB"), 10'000U);
  EXPECT_EQ(parse_size("100B"), 100U);
  for (const char* wrong : {"", "100", "1.5GiB", "5kb", "-1B", "99999999999GiB"}) {
    EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
  }
}

TEST(Random, DigitsAreHexAndDiffer) {
  const std::string a = random_hex(8);
  EXPECT_EQ(a.size(), 8U);
  EXPECT_EQ(a.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(random_hex(7).size(), 7U);
  EXPECT_EQ(random_hex(0), "");
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Memory, TheBudgetIsNeverPassed) {
  MemoryBudget budget(1000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        if (!budget.try_take(400)) continue;
        EXPECT_LE(budget.used(), 1000U);
        budget.give_back(400);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_TRUE(budget.try_take(1000));
  EXPECT_FALSE(budget.try_take(1));
  budget.give_back(1000);
  EXPECT_FALSE(budget.try_take(UINT64_MAX)) << "no wrap-around";
  EXPECT_THROW(budget.give_back(1), Error);
}

TEST(Memory, PeakGrows) {
  const auto before = peak_resident_bytes();
  ASSERT_GT(before, 0U);
  std::vector<char> block(std::size_t{64} << 20);
  // Volatile, so that no compiler finds out that nobody reads the block.
  volatile char* bytes = block.data();
  for (std::size_t i = 0; i < block.size(); i += 1024) bytes[i] = 'x';
  EXPECT_GE(peak_resident_bytes(), before + block.size() / 2);
}

}  // namespace
}  // namespace engine::base
