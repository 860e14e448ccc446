#include <gtest/gtest.h>

#include <string>

#include "base/diagnostic.h"
#include "base/error.h"

namespace engine::base {
namespace {

TEST(Error, ContextGoesFromInnerToOuter) {
  Error error(Fault::kData, "E401", "key column 'id' is NULL", "fill the column");
  EXPECT_STREQ(error.what(), "key column 'id' is NULL");
  error.in("chunk 17").in("table orders");
  EXPECT_STREQ(error.what(), "key column 'id' is NULL (chunk 17, table orders)");
  EXPECT_EQ(error.render(),
            "error[E401]: key column 'id' is NULL\n"
            "   = in: chunk 17\n"
            "   = in: table orders\n"
            "   = help: fill the column");
}

TEST(Error, CanBeRethrownWithContext) {
  try {
    try {
      throw Error(Fault::kTransient, "E206", "busy");
    } catch (Error& error) {
      throw error.in("table a");
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::kTransient);
    EXPECT_STREQ(error.what(), "busy (table a)");
  }
}

TEST(Error, FaultDecidesTheExitCode) {
  EXPECT_EQ(exit_code(Fault::kUsage), 4);
  EXPECT_EQ(exit_code(Fault::kPlan), 4);
  EXPECT_EQ(exit_code(Fault::kData), 3);
  EXPECT_EQ(exit_code(Fault::kTransient), 5);
  EXPECT_EQ(exit_code(Fault::kRemote), 6);
  EXPECT_EQ(exit_code(Fault::kState), 6);
  EXPECT_EQ(exit_code(Fault::kLocked), 7);
  EXPECT_EQ(exit_code(Fault::kUnknownOutcome), 6);
  EXPECT_EQ(exit_code(Fault::kBug), 1);
  EXPECT_EQ(fault_name(Fault::kUnknownOutcome), "unknown_outcome");
}

TEST(Error, BugSaysInternal) {
  try {
    bug("no such stage");
    FAIL() << "bug() came back";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::kBug);
    EXPECT_EQ(error.code(), "E900");
    EXPECT_STREQ(error.what(), "internal: no such stage");
  }
}

/// A character many times. GCC 12 draws wrong conclusions about sums of the string constructor's.
std::string times(std::size_t count, char c) {
  std::string text;
  text.assign(count, c);
  return text;
}

std::string text_at_line(std::size_t count, const std::string& last) {
  return times(count, '\n').append(last);
}

std::string render_one(const std::string& text, Span span, const std::string& help = {}) {
  Diagnostics diagnostics;
  diagnostics.remember(span.file, text);
  diagnostics.error("E106", span, "wrong", help);
  return diagnostics.render_all();
}

TEST(Diagnostics, RendersAsDocumented) {
  Diagnostics diagnostics;
  diagnostics.remember("plans/crm.yaml", text_at_line(11, "tabels:\n"));
  diagnostics.error("E106", {"plans/crm.yaml", 12, 1, 6}, "unknown key 'tabels'",
                    "did you mean 'tables'?");
  EXPECT_EQ(diagnostics.render_all(),
            "error[E106]: unknown key 'tabels'\n"
            "  --> plans/crm.yaml:12:1\n"
            "   |\n"
            "12 | tabels:\n"
            "   | ^^^^^^\n"
            "   = help: did you mean 'tables'?");
}

TEST(Diagnostics, OneDigitAndThreeDigitLinesAlign) {
  EXPECT_EQ(render_one("a: b\n", {"p", 1, 4, 1}, "h"),
            "error[E106]: wrong\n  --> p:1:4\n   |\n 1 | a: b\n   |    ^\n   = help: h");
  EXPECT_EQ(render_one(text_at_line(99, "a: b"), {"p", 100, 1, 1}, "h"),
            "error[E106]: wrong\n   --> p:100:1\n    |\n100 | a: b\n    | ^\n    = help: h");
}

TEST(Diagnostics, CaretStandsUnderCharactersNotBytes) {
  EXPECT_EQ(render_one("\xC3\xA4\xC3\xB6: xy", {"p", 1, 7, 2}),
            "error[E106]: wrong\n  --> p:1:7\n   |\n 1 | \xC3\xA4\xC3\xB6: xy\n   |     ^^");
}

TEST(Diagnostics, CaretBehindTheEndAndRunsAreCut) {
  EXPECT_EQ(render_one("key:", {"p", 1, 5, 1}),
            "error[E106]: wrong\n  --> p:1:5\n   |\n 1 | key:\n   |     ^");
  EXPECT_EQ(render_one("key:\nnext", {"p", 1, 1, 99}),
            "error[E106]: wrong\n  --> p:1:1\n   |\n 1 | key:\n   | ^^^^");
  EXPECT_EQ(render_one("", {"p", 1, 1, 1}), "error[E106]: wrong\n  --> p:1:1\n   |\n 1 |\n   | ^");
}

TEST(Diagnostics, ControlAndBrokenBytesAreNotPrinted) {
  EXPECT_EQ(render_one(std::string("a\x1b[31m\tb\xFF", 9), {"p", 1, 8, 1}),
            "error[E106]: wrong\n  --> p:1:8\n   |\n 1 | a?[31m b?\n   |        ^");
}

TEST(Diagnostics, LongLinesAreCutAroundTheCaret) {
  const std::string text = times(5000, 'x').append("HERE").append(times(5000, 'y'));
  const std::string shown = render_one(text, {"p", 1, 5001, 4});
  EXPECT_NE(shown.find(" 1 | ..." + times(60, 'x').append("HEREy")), std::string::npos) << shown;
  EXPECT_NE(shown.find("\n   | " + times(63, ' ').append("^^^^")), std::string::npos) << shown;
  EXPECT_LT(shown.size(), 400U);
}

TEST(Diagnostics, WithoutSourceOnlyThePlace) {
  Diagnostics diagnostics;
  Diagnostic note{.severity = Severity::kNote,
                  .code = {},
                  .message = "seen",
                  .span = {"a", 3, 2, 1},
                  .help = {},
                  .also = {Span{"b", 7, 1, 1}}};
  EXPECT_EQ(diagnostics.render(note), "note: seen\n  --> a:3:2\n   = also: b:7:1");
  note.span = {};
  EXPECT_EQ(diagnostics.render(note), "note: seen\n   = also: b:7:1");
}

TEST(Diagnostics, ZeroLengthShowsNoExcerpt) {
  EXPECT_EQ(render_one("a: b\n", {"p", 1, 4, 0}), "error[E106]: wrong\n  --> p:1:4");
}

TEST(Diagnostics, LinesOfEveryEnding) {
  Diagnostics diagnostics;
  diagnostics.remember("f", "one\r\ntwo\n\nlast");
  EXPECT_EQ(diagnostics.line("f", 1), "one");
  EXPECT_EQ(diagnostics.line("f", 2), "two");
  EXPECT_EQ(diagnostics.line("f", 3), "");
  EXPECT_EQ(diagnostics.line("f", 4), "last");
  EXPECT_EQ(diagnostics.line("f", 5), "");
  EXPECT_EQ(diagnostics.line("f", 0), "");
  EXPECT_EQ(diagnostics.line("g", 1), "");
}

TEST(Diagnostics, SortsByFileLineColumnAndDropsRepeats) {
  Diagnostics diagnostics;
  diagnostics.remember("z.yaml", "");
  diagnostics.remember("a.yaml", "");
  diagnostics.error("E1", {"a.yaml", 1, 1, 0}, "third");
  diagnostics.error("E1", {"z.yaml", 2, 5, 0}, "second");
  diagnostics.error("E1", {"z.yaml", 2, 1, 0}, "first");
  diagnostics.warning("E1", {"z.yaml", 2, 1, 0}, "between");
  diagnostics.error("E1", {"z.yaml", 2, 1, 0}, "first");
  EXPECT_EQ(diagnostics.error_count(), 4U);
  diagnostics.sort();
  ASSERT_EQ(diagnostics.all().size(), 4U);
  EXPECT_EQ(diagnostics.all()[0].message, "first");
  EXPECT_EQ(diagnostics.all()[1].message, "between");
  EXPECT_EQ(diagnostics.all()[2].message, "second");
  EXPECT_EQ(diagnostics.all()[3].message, "third");
  EXPECT_EQ(diagnostics.error_count(), 3U);
}

TEST(Diagnostics, NotesAndWarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.note({}, "n");
  diagnostics.warning("E104", {}, "w", "h");
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.render_all(), "note: n\n\nwarning[E104]: w\n   = help: h");
}

}  // namespace
}  // namespace engine::base
