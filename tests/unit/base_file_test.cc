#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"

namespace engine::base {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  FileTest() : folder_(fs::temp_directory_path() / ("engine_file_test_" + random_hex(8))) {
    make_private_folder(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  static unsigned mode_of(const fs::path& path) {
    struct ::stat facts = {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 07777U;
  }

  fs::path folder_;
};

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

TEST_F(FileTest, WritesAtomicallyAndPrivately) {
  const auto path = folder_ / "state.json";
  write_file_atomically(path, "one");
  EXPECT_EQ(read_file(path), "one");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(folder_), 0700U);
  write_file_atomically(path, std::string("two\0!", 5));
  EXPECT_EQ(read_file(path), std::string("two\0!", 5));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1)
      << "nothing is left aside";
}

TEST_F(FileTest, AFailedWriteLeavesTheOldFile) {
  const auto path = folder_ / "folder";
  make_private_folder(path / "inside");
  EXPECT_EQ(code_of([&] { write_file_atomically(path, "x"); }), "E505");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_EQ(code_of([&] { write_file_atomically(folder_ / "none" / "file", "x"); }), "E505");
}

TEST_F(FileTest, ReadsWholeFilesUpToALimit) {
  const auto path = folder_ / "big";
  const std::string bytes(200'000, 'x');
  write_file_atomically(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  EXPECT_EQ(read_file(path, bytes.size()), bytes);
  EXPECT_EQ(code_of([&] { read_file(path, bytes.size() - 1); }), "E205");
  EXPECT_EQ(code_of([&] { read_file(folder_ / "none"); }), "E205");
  EXPECT_EQ(code_of([&] { read_file(folder_); }), "E205");
  write_file_atomically(path, "");
  EXPECT_EQ(read_file(path, 0), "");
}

TEST_F(FileTest, FoldersAreMadeWithTheirParents) {
  const auto path = folder_ / "a" / "b" / "c";
  make_private_folder(path);
  make_private_folder(path);
  make_private_folder(path / "");
  EXPECT_EQ(mode_of(folder_ / "a"), 0700U);
  EXPECT_EQ(mode_of(path), 0700U);
  write_file_atomically(folder_ / "file", "x");
  EXPECT_EQ(code_of([&] { make_private_folder(folder_ / "file" / "x"); }), "E505");
}

TEST_F(FileTest, OutputFilesAreNewUnlessAppended) {
  const auto path = folder_ / "events.ndjson";
  {
    OutputFile out(path);
    out.write("one\n");
    EXPECT_EQ(out.written(), 4U);
    EXPECT_EQ(read_file(path), "") << "buffered";
    out.sync();
    EXPECT_EQ(read_file(path), "one\n");
    out.write("two\n");
  }
  EXPECT_EQ(read_file(path), "one\ntwo\n");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(code_of([&] { const OutputFile again(path); }), "E505");
  OutputFile more(path, true);
  more.write(std::string(1'000'000, 'x'));
  more.flush();
  EXPECT_EQ(read_file(path).size(), 1'000'008U);
}

TEST_F(FileTest, AFullDiskIsTransient) {
  OutputFile out("/dev/full", true);
  out.write("x");
  try {
    out.flush();
    FAIL() << "wrote to a full device";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::kTransient);
    EXPECT_EQ(error.code(), "E208");
    EXPECT_STREQ(error.what(), "cannot write '/dev/full': No space left on device");
  }
}

TEST_F(FileTest, OtherSystemErrorsAreState) {
  try {
    throw_system_error("rename", "a/b", EACCES);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::kState);
    EXPECT_EQ(error.code(), "E505");
    EXPECT_STREQ(error.what(), "cannot rename 'a/b': Permission denied");
  }
}

}  // namespace
}  // namespace engine::base
