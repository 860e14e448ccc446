// The runner must be able to fail: a case that is wrong in any way makes it exit with 1.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace fs = std::filesystem;

class CaseRunnerTest : public testing::Test {
 protected:
  CaseRunnerTest() {
    std::string pattern = fs::temp_directory_path() / "case-runner-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    fs::create_directory(folder_ / "bin");
    write(folder_ / "bin/engine", "#!/bin/sh\necho engine \"$@\"\n");
    fs::permissions(folder_ / "bin/engine", fs::perms::all);
  }
  ~CaseRunnerTest() override { fs::remove_all(folder_); }

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  // Runs one case of the given text; what the runner printed is left in output_.
  int run(const std::string& text, const std::string& variables = "") {
    write(folder_ / "a.test", text);
    const std::string command = variables + " ENGINE_BINARY=" + (folder_ / "bin/engine").string() +
                                " \"$CASE_RUNNER\" " + (folder_ / "a.test").string() + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    output_.clear();
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      output_.append(buffer.data(), n);
    }
    return WEXITSTATUS(pclose(pipe));
  }

  std::string case_text() const {
    std::ifstream in(folder_ / "a.test");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  std::string output_;
};

TEST_F(CaseRunnerTest, PassesWhenOutputAndExitCodeMatch) {
  EXPECT_EQ(run("file a.txt\nhello\n----\nrun cat a.txt; engine x; exit 3\n---- exit 3\n"
                "hello\nengine x\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, FailsOnOutputThatDiffers) {
  EXPECT_EQ(run("run echo one; echo two\n----\none\nthree\n====\n"), 1);
  EXPECT_NE(output_.find(" one\n-three\n+two\n"), std::string::npos) << output_;
  EXPECT_NE(output_.find("a.test:1: run echo one"), std::string::npos) << output_;
}

TEST_F(CaseRunnerTest, FailsOnExitCode) {
  EXPECT_EQ(run("run exit 3\n---- exit 4\n====\n"), 1);
  EXPECT_NE(output_.find("exit code 3 instead of 4"), std::string::npos) << output_;
  EXPECT_EQ(run("run kill -9 $$\n---- exit 137\n====\n"), 0) << output_;
}

TEST_F(CaseRunnerTest, KeepsStreamsApartAndMissingOnesEmpty) {
  EXPECT_EQ(run("run echo o; echo e >&2\n---- stdout\no\n---- stderr\ne\n====\n"), 0) << output_;
  EXPECT_EQ(run("run echo o; echo e >&2\n---- stdout\no\n====\n"), 1) << output_;
}

TEST_F(CaseRunnerTest, QueriesAreComparedToo) {
  const std::string sql =
      "sql a.db\nCREATE TABLE t(a,b);\nINSERT INTO t VALUES(1,NULL),(x'00',0.1);"
      "\n----\nquery a.db\nSELECT * FROM t\n----\n";
  EXPECT_EQ(run(sql + "1|NULL\nx'00'|0.10000000000000001\n====\n"), 0) << output_;
  EXPECT_EQ(run(sql + "1|NULL\n====\n"), 1) << output_;
}

TEST_F(CaseRunnerTest, MasksFolderAndTimeButNotADateOfTheData) {
  EXPECT_EQ(run("run pwd; date -u +%FT%TZ; echo 2024-01-02 03:04:05; echo took 1.25 s\n----\n"
                "<dir>\n<time>\n2024-01-02 03:04:05\ntook <duration>\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, MasksRunIdsItHasSeen) {
  EXPECT_EQ(run("run mkdir -p .engine/runs/20261121-160722-7f3a91c2; "
                "echo 20261121-160722-7f3a91c2 7f3a91c2 12345678\n----\n"
                "<run1> <run1> 12345678\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, UpdateRewritesOnlyExpectations) {
  const std::string head = "# why\nrun printf 'a\\n----\\nb'; exit 2\n";
  EXPECT_EQ(run(head + "----\nold\n====\n# end\n", "UPDATE=1"), 0) << output_;
  EXPECT_EQ(case_text(), head + "---- exit 2\na\n\\----\nb\n\\no-newline\n====\n# end\n");
  EXPECT_EQ(run(case_text()), 0) << output_;
}

TEST_F(CaseRunnerTest, BytesThatTextCannotHold) {
  EXPECT_EQ(run("file-escaped a\na\\0\\xff\\\nb\n----\nrun od -An -tx1 a; cat a\n----\n"
                " 61 00 ff 62 0a\na\\x00\\xffb\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, UserNobodyMayNotWriteWhereRootMay) {
  EXPECT_EQ(run("as-user nobody\nfile a\nx\n----\nsetup chmod 400 a\n"
                "run cat a; echo y 2>/dev/null >>a || echo refused\n----\nx\nrefused\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, ASmallFileSystemFillsUp) {
  EXPECT_EQ(run("tmpfs 64k small\nrun head -c 100000 /dev/zero 2>/dev/null >small/a || echo full\n"
                "----\nfull\n====\n"),
            0)
      << output_;
  EXPECT_NE(output_.find("1 passed"), std::string::npos);
}

TEST_F(CaseRunnerTest, AHeldLockIsSeenByOthers) {
  EXPECT_EQ(run("sql a.db\nCREATE TABLE t(a);\n----\nhold-lock a.db\nrelease-lock a.db\n"
                "query a.db\nINSERT INTO t VALUES(1)\n----\n====\n"),
            0)
      << output_;
}

TEST_F(CaseRunnerTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(run("rum engine\n----\n====\n"), 1);
  EXPECT_NE(output_.find("a.test:1: unknown verb 'rum'"), std::string::npos) << output_;
  EXPECT_EQ(run("run engine\n----\nno end\n"), 1);
  EXPECT_EQ(run("# only a comment\n"), 1);
  EXPECT_EQ(run("setup exit 1\n"), 1);
}

}  // namespace
