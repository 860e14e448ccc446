#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "base/codes.h"
#include "base/file.h"

namespace engine::base {
namespace {

TEST(Codes, AreInOrderAndComplete) {
  const auto all = all_codes();
  ASSERT_GT(all.size(), 70U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const CodeEntry& entry = all[i];
    EXPECT_TRUE(std::regex_match(std::string(entry.code), std::regex("E[1-59]\\d\\d")))
        << entry.code;
    EXPECT_TRUE(i == 0 || all[i - 1].code < entry.code) << entry.code;
    EXPECT_FALSE(entry.title.empty()) << entry.code;
    EXPECT_FALSE(entry.title.ends_with('.')) << entry.code;
    EXPECT_TRUE(entry.cause.ends_with('.')) << entry.code;
    EXPECT_TRUE(entry.cure.ends_with('.')) << entry.code;
  }
}

TEST(Codes, AreFound) {
  ASSERT_NE(find_code("E106"), nullptr);
  EXPECT_EQ(find_code("E106")->title, "unknown key");
  EXPECT_EQ(find_code("E999"), nullptr);
  EXPECT_EQ(find_code(""), nullptr);
}

/// The codes written as literals in a source text.
std::vector<std::string> codes_in(const std::string& text) {
  static const std::regex kLiteral("\"(E\\d\\d\\d)\"");
  std::vector<std::string> codes;
  for (std::sregex_iterator at(text.begin(), text.end(), kLiteral), end; at != end; ++at) {
    codes.push_back((*at)[1]);
  }
  return codes;
}

TEST(Codes, EveryCodeInTheSourcesIsInTheCatalogue) {
  EXPECT_EQ(codes_in("f(\"E106\", \"E10\", \"xE107\", \"E108\")"),
            (std::vector<std::string>{"E106", "E108"}));
  std::size_t seen = 0;
  const std::filesystem::path sources = std::filesystem::path(ENGINE_SOURCE_DIR) / "engine";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(sources)) {
    const auto extension = entry.path().extension();
    if (extension != ".cc" && extension != ".h") continue;
    for (const auto& code : codes_in(read_file(entry.path()))) {
      ++seen;
      EXPECT_NE(find_code(code), nullptr) << entry.path() << " reports " << code;
    }
  }
  EXPECT_GT(seen, all_codes().size());
}

}  // namespace
}  // namespace engine::base
