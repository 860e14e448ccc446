#pragma once

// Parsed once for all tests, on top of what the rooms share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
