// The house rules, held on the tree; and for each rule a tree that breaks it, for a rule that
// cannot fail holds nothing.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "house/support/function_scanner.h"
#include "house/support/rules.h"
#include "house/support/source_tree.h"

namespace house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kRoot = ENGINE_SOURCE_DIR;

const SourceTree& engine_tree() {
  static const SourceTree tree = read_tree(kRoot, {"engine"});
  return tree;
}

SourceTree whole_tree() {
  return read_tree(kRoot, {"engine", "tests", "bench"});
}

std::string listed(const Violations& violations) {
  return fmt::format("{}\n", fmt::join(violations, "\n"));
}

#define EXPECT_HOLDS(rule)                                   \
  do {                                                       \
    const Violations violations = rule;                      \
    EXPECT_THAT(violations.size(), 0) << listed(violations); \
  } while (false)

TEST(TheHouse, IncludesGoUpTheStaircase) {
  EXPECT_HOLDS(staircase(engine_tree()));
}
TEST(TheHouse, OneFileReadsYaml) {
  EXPECT_HOLDS(one_yaml_reader(engine_tree()));
}
TEST(TheHouse, HeavyHeadersStayInTheirRoom) {
  EXPECT_HOLDS(heavy_headers(engine_tree()));
}
TEST(TheHouse, OnlyRunStartsThreads) {
  EXPECT_HOLDS(threads(engine_tree()));
}
TEST(TheHouse, NamesSaySomething) {
  EXPECT_HOLDS(empty_names(whole_tree()));
}
TEST(TheHouse, TextIsFinished) {
  EXPECT_HOLDS(banned_text(whole_tree()));
}

TEST(TheHouse, SizesStayInBounds) {
  std::ifstream in(kRoot + "/tests/house_ratchet.txt");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(text.empty());
  EXPECT_HOLDS(sizes(engine_tree(), read_ratchet(text)));
}

TEST(TheHouse, AFunctionIsShortAtTheMedian) {
  EXPECT_LE(median_function_lines(engine_tree()), 14U);
}

TEST(TheHouse, TopLevelHasOnlyItsEntries) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot)) {
    names.push_back(entry.path().filename());
  }
  EXPECT_HOLDS(top_level(names));
}

TEST(Staircase, NamesFileAndLineOfAStepDown) {
  EXPECT_THAT(staircase({{"engine/base/a.h", "#pragma once\n#include \"data/b.h\"\n"}}),
              ElementsAre("engine/base/a.h:2: base/ may not include data/ (data/b.h)"));
  EXPECT_THAT(staircase({{"engine/cli/a.cc", "#include \"connectors/b.h\"\n"},
                         {"engine/connectors/a.cc", "#include \"connect/b.h\"\n"},
                         {"engine/run/a.cc", "#include \"run/b.h\"\n#include \"compile/c.h\"\n"}}),
              IsEmpty());
}

TEST(Staircase, ConnectorsAreUnknownToAllButTheWiring) {
  EXPECT_EQ(staircase({{"engine/report/a.cc", "#include \"connectors/b.h\"\n"}}).size(), 1U);
  EXPECT_EQ(staircase({{"engine/connectors/a.cc", "#include \"state/b.h\"\n"}}).size(), 1U);
  EXPECT_EQ(staircase({{"engine/garage/a.cc", ""}}).size(), 1U);
}

TEST(YamlReader, ASecondOneIsAViolation) {
  const SourceFile one{"engine/plan/a.cc", "#include <yaml-cpp/eventhandler.h>\n"};
  const SourceFile two{"engine/plan/b.cc", "#include <yaml-cpp/yaml.h>\n"};
  EXPECT_THAT(one_yaml_reader({one}), IsEmpty());
  EXPECT_EQ(one_yaml_reader({one, two}).size(), 2U);
}

TEST(HeavyHeaders, ReachingOneFromAnotherRoomIsAViolation) {
  const SourceFile heavy{"engine/state/a.h", "#include <sqlite3.h>\n"};
  const SourceFile between{"engine/state/b.h", "#include \"state/a.h\"\n"};
  const SourceFile own{"engine/state/c.cc", "#include \"state/b.h\"\n"};
  const SourceFile other{"engine/run/d.cc", "\n#include \"state/b.h\"\n"};
  EXPECT_THAT(heavy_headers({heavy, between, own}), IsEmpty());
  EXPECT_THAT(heavy_headers({heavy, between, own, other}),
              ElementsAre("engine/run/d.cc:2: state/b.h brings in engine/state/a.h:1: sqlite3.h"));
}

TEST(Threads, BelongToRun) {
  const std::string text = "void f() { std::thread t; }\n";
  EXPECT_THAT(threads({{"engine/run/a.cc", text}}), IsEmpty());
  EXPECT_EQ(threads({{"engine/state/a.cc", text}}).size(), 1U);
  EXPECT_THAT(threads({{"engine/state/a.cc", "// std::thread\nstd::thread::id x;\n"}}), IsEmpty());
}

TEST(EmptyNames, AreFoundInCodeAndFileNamesNotInComments) {
  const auto count = [](const std::string& path, const std::string& text) {
    return empty_names({{path, text}}).size();
  };
  EXPECT_EQ(count("a.cc", "class RunManager {};\n"), 1U);
  EXPECT_EQ(count("a.cc", "int string_utils = 0;\nint HelperThing;\nnamespace common {}\n"), 3U);
  EXPECT_EQ(count("a.cc", "// a common helper\nint common_prefix = utilization;\n"), 0U);
  EXPECT_EQ(count("a.cc", "const char* text = \"Manager\"; std::common_type_t<int> x;\n"), 0U);
  EXPECT_EQ(count("engine/base/text_utils.cc", ""), 1U);
  EXPECT_EQ(count("engine/common/text.cc", ""), 1U);
}

TEST(BannedText, UnfinishedMarksAndMachinePaths) {
  const std::string mark = std::string("// TO") + "DO: later\n";
  EXPECT_EQ(banned_text({{"engine/base/a.cc", "\n" + mark}}).size(), 1U);
  EXPECT_EQ(banned_text({{"engine/base/a.cc",
                          "open(\"/tm"
                          "p/x\");\n"}})
                .size(),
            1U);
  EXPECT_EQ(banned_text({{"engine/base/a.h", "int x;\n"}}).size(), 1U);
  EXPECT_THAT(banned_text({{"engine/base/a.h", "#pragma once\n"}}), IsEmpty());
}

SourceFile file_of(std::size_t lines_of_function) {
  std::string text = "int long_one() {\n";
  for (std::size_t i = 2; i < lines_of_function; ++i) text += "  ++x;\n";
  return {"engine/base/a.cc", text + "}\n"};
}

TEST(Sizes, LimitsHoldForNewCode) {
  EXPECT_THAT(sizes({file_of(70)}, {}), IsEmpty());
  EXPECT_THAT(sizes({file_of(71)}, {}),
              ElementsAre("engine/base/a.cc:1: long_one: 71 lines, at most 70"));
  EXPECT_EQ(sizes({file_of(501)}, {}).size(), 2U);
}

TEST(Sizes, TheRatchetOnlyTurnsOneWay) {
  const Ratchet ratchet = read_ratchet("# comment\nengine/base/a.cc:long_one 80\n");
  EXPECT_THAT(sizes({file_of(80)}, ratchet), IsEmpty());
  EXPECT_THAT(sizes({file_of(81)}, ratchet), ElementsAre(HasSubstr("grew to 81")));
  EXPECT_THAT(sizes({file_of(79)}, ratchet), ElementsAre(HasSubstr("shrank to 79")));
  EXPECT_THAT(sizes({}, ratchet), ElementsAre(HasSubstr("is gone")));
}

TEST(TopLevel, AStrangerIsNamed) {
  EXPECT_THAT(top_level({"engine", "notes.txt"}), ElementsAre(HasSubstr("notes.txt")));
}

std::vector<std::string> scanned(const std::string& text) {
  std::vector<std::string> out;
  for (const Function& function : functions_in({"a.cc", text})) {
    out.push_back(fmt::format("{}@{}+{}", function.name, function.line, function.lines));
  }
  return out;
}

TEST(FunctionScanner, FindsFreeFunctionsAndMembers) {
  EXPECT_THAT(scanned("namespace a::b {\nint f(int x) {\n  return x;\n}\n\nclass C final : D {\n"
                      " public:\n  int g() const { return 1; }\n\n  ~C() override {\n  }\n};\n"
                      "void C::h(\n    int y) noexcept {\n}\n}\n"),
              ElementsAre("f@2+3", "g@8+1", "~C@10+2", "C::h@13+3"));
}

TEST(FunctionScanner, IsNotMisledByInitialisers) {
  EXPECT_THAT(scanned("constexpr int kTable[] = {1, 2};\nstd::vector<int> x{1};\n"
                      "C::C(int a)\n    : a_{a}, b_{f()}, c_({1}) {\n  use({1, 2});\n}\n"
                      "struct S {\n  int a = 0;\n  std::map<int, int> m = {{1, f()}};\n};\n"
                      "enum class E { kOne };\n"),
              ElementsAre("C::C@3+4"));
}

TEST(FunctionScanner, IsNotMisledByTextAndMacros) {
  EXPECT_THAT(scanned("#define BODY {\nint f() {\n  // }\n  g(\"}\", '}', R\"x(}})x\", 1'000);\n"
                      "  /* } */\n}\nint g() { return 0; }\n"),
              ElementsAre("f@2+5", "g@7+1"));
}

TEST(FunctionScanner, CountsLambdasInTheirFunction) {
  EXPECT_THAT(scanned("template <typename T>\nauto f(T t) -> std::vector<int> {\n"
                      "  run([&] {\n    g();\n  });\n}\n"
                      "bool operator==(const A& a, const A& b) { return true; }\n"),
              ElementsAre("f@1+6", "operator==@7+1"));
}

}  // namespace
}  // namespace house
