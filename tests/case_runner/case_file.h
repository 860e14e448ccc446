#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace case_runner {

/// One `----` section of expected text. `name` is "output" (both streams, in the order of arrival),
/// "stdout" or "stderr"; `text` is as the command should print it, after masking.
struct Section {
  std::string name;
  std::string text;
};

/// One block of a case file. `verb` is the first word ("file", "run", ...), `argument` the rest of
/// that line, `body` the lines up to `----`, each with its newline. `run` and `query` have expected
/// sections and `exit_code` as well.
struct Block {
  std::string verb;
  std::string argument;
  std::string body;
  std::vector<Section> expected;
  int exit_code = 0;
  int line = 0;  ///< of the verb, from 1
  /// Byte range of the expectation in the file, from the first `----` to after `====`: what an
  /// update replaces.
  std::size_t expectation_begin = 0;
  std::size_t expectation_end = 0;
};

struct CaseFile {
  std::string path;
  std::string text;
  std::vector<Block> blocks;
};

/// Reads and parses a case file; throws std::runtime_error with "path:line: what" when it breaks
/// the format of tests/cases/README.md.
CaseFile read_case(const std::string& path);
CaseFile parse_case(std::string path, std::string text);

/// The expectation as it stands in a file, from `----` to `====` and its newline.
std::string render_expectation(const std::vector<Section>& sections, int exit_code);

/// Turns \xNN \0 \t \n \r \\ into bytes; a backslash at the end of a line joins it with the next.
std::string unescape(std::string_view text, const std::string& where);

}  // namespace case_runner
