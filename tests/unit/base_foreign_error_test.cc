#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "base/foreign_error.h"

namespace engine::base {
namespace {

Error refused(std::errc why) {
  return foreign_error(
      std::filesystem::filesystem_error("cannot remove", "a/b", std::make_error_code(why)));
}

TEST(ForeignError, WhatTheFileSystemRefusesIsNoBug) {
  EXPECT_EQ(refused(std::errc::io_error).code(), "E505");
  EXPECT_EQ(refused(std::errc::io_error).message(), "cannot change 'a/b': Input/output error");
  EXPECT_EQ(refused(std::errc::no_space_on_device).code(), "E208");
}

TEST(ForeignError, AnythingElseIs) {
  const Error error = foreign_error(std::out_of_range("at 7"));
  EXPECT_EQ(error.code(), "E900");
  EXPECT_EQ(error.message(), "internal: at 7");
}

}  // namespace
}  // namespace engine::base
