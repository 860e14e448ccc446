#include "state/run_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNow = 1795277242000000;  // 2026-11-21T16:07:22Z

unsigned mode_of(const fs::path& path) {
  struct ::stat facts = {};
  EXPECT_EQ(::lstat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 0777U;
}

class RunFolders : public ::testing::Test {
 protected:
  fs::path state() const { return folder_.path() / "plans" / ".engine"; }
  RunFolder create(const std::string& id) { return RunFolder::create(state(), id); }
  std::string resolved(std::string_view text) {
    try {
      return resolve_run(state(), text).filename().string();
    } catch (const base::Error& error) {
      return error.code() + ": " + error.message() + "; " + error.help();
    }
  }
  testing::TemporaryFolder folder_;
};

TEST(RunId, IsTheSecondInUtcAndEightDigits) {
  const auto id = new_run_id(kNow + 123456);
  EXPECT_EQ(id.substr(0, 16), "20261121-160722-");
  EXPECT_EQ(id.size(), 24U);
  EXPECT_NE(id, new_run_id(kNow));
}

TEST_F(RunFolders, ArePrivateAndOutOfRepositories) {
  const auto run = create("20261121-160722-7f3a91c2");
  EXPECT_EQ(run.run_id(), "20261121-160722-7f3a91c2");
  EXPECT_EQ(mode_of(run.path()), 0700U);
  EXPECT_EQ(mode_of(run.scratch()), 0700U);
  EXPECT_EQ(mode_of(state()), 0700U);
  EXPECT_EQ(base::read_file(state() / ".gitignore"), "*\n");
  EXPECT_THROW(create("20261121-160722-7f3a91c2"), base::Error);
}

TEST_F(RunFolders, LatestIsTheLastThatSaidSo) {
  create("20261121-160722-7f3a91c2").point_latest();
  create("20261121-160723-00000001").point_latest();
  create("20261121-160724-00000002");
  EXPECT_EQ(resolved("latest"), "20261121-160723-00000001");
  EXPECT_TRUE(fs::equivalent(state() / "latest", state() / "runs" / "20261121-160723-00000001"));
}

TEST_F(RunFolders, AreFoundByIdStartEndAndPath) {
  create("20261121-160722-7f3a91c2");
  create("20261122-160722-7f3a91c3");
  EXPECT_EQ(resolved("20261121-160722-7f3a91c2"), "20261121-160722-7f3a91c2");
  EXPECT_EQ(resolved("20261122"), "20261122-160722-7f3a91c3");
  EXPECT_EQ(resolved("7f3a91c2"), "20261121-160722-7f3a91c2");
  EXPECT_EQ(resolved((state() / "runs/20261121-160722-7f3a91c2").string()),
            "20261121-160722-7f3a91c2");
  EXPECT_EQ(run_ids(state()).size(), 2U);
}

TEST_F(RunFolders, WhatIsNotThereListsWhatIs) {
  EXPECT_TRUE(resolved("latest").starts_with("E502: there is no run 'latest' in "));
  EXPECT_TRUE(resolved("latest").find("no run there at all") != std::string::npos);
  create("20261121-160722-7f3a91c2");
  create("20261121-160723-7f3a91c3");
  EXPECT_TRUE(resolved("nope").ends_with(
      "; runs there: 20261121-160723-7f3a91c3, 20261121-160722-7f3a91c2"));
  EXPECT_EQ(resolved("2026").substr(0, 29), "E502: '2026' could be 2 runs;");
  EXPECT_TRUE(resolved("/tmp").starts_with("E502: '/tmp' is no run folder"));
  EXPECT_TRUE(resolved("").starts_with("E502: "));
}

TEST_F(RunFolders, StagedFilesHaveSafeNames) {
  const auto run = create("20261121-160722-7f3a91c2");
  EXPECT_EQ(run.staged("crm/a..b", "extract").lexically_relative(run.path()),
            "staged/crm%2Fa%2E%2Eb.extract.rows");
}

TEST_F(RunFolders, ScratchGoesWithAllInIt) {
  const auto run = create("20261121-160722-7f3a91c2");
  std::ofstream(run.scratch() / "x") << "x";
  run.remove_scratch();
  EXPECT_FALSE(fs::exists(run.path() / "scratch"));
  run.remove_scratch();
}

TEST_F(RunFolders, AFolderThatCannotBeMadeNamesTheOption) {
  std::ofstream(folder_.path() / "file") << "x";
  try {
    RunFolder::create(folder_.path() / "file" / ".engine", "20261121-160722-7f3a91c2");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E505");
    EXPECT_NE(error.help().find("--state DIR"), std::string::npos);
  }
}

}  // namespace
}  // namespace engine::state
