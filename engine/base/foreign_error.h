#pragma once

#include <exception>

#include "base/error.h"

namespace engine::base {

/// An exception of a library as an error of ours. What the file system refused is E208 (a full
/// disk) or E505; anything else is a bug (E900).
Error foreign_error(const std::exception& error);

}  // namespace engine::base
