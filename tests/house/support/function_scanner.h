#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "house/support/source_tree.h"

namespace house {

/// A function with a body. `lines` counts from the first line of its signature to its closing
/// brace; lambdas count as part of the function they stand in.
struct Function {
  std::string name;  ///< as written before the parameters: "Sandbox::run", "operator<"
  std::size_t line = 0;
  std::size_t lines = 0;
};

/// The functions of a file, in order. A scanner by braces, not a parser: it relies on
/// clang-format's layout (a space before the brace of a body, none before the brace of an
/// initialiser).
std::vector<Function> functions_in(const SourceFile& file);

}  // namespace house
