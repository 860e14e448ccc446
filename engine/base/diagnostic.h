#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_text.h"

namespace engine::base {

/// A place in a file: 1-based line and column (columns count bytes), `length` bytes to underline
/// (0: only a place).
struct Span {
  SharedText file;
  int line = 0;
  int column = 0;
  int length = 1;

  bool operator==(const Span&) const = default;

  bool known() const { return line > 0; }
  /// "plans/crm.yaml:12:1", or the file alone when no line is known.
  std::string text() const;
};

enum class Severity { kError, kWarning, kNote };

/// One mistake, warning or note about a plan file. `code` is "E106" and so on; notes may have none.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;
  std::string message;
  Span span;
  std::string help;        ///< what to do next; may be empty
  std::vector<Span> also;  ///< other places that matter ("first defined here")
};

/// Collects diagnostics of one compilation together with the texts of the files they point into, so
/// that all mistakes are printed in one go. Not thread safe.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(std::string code, Span span, std::string message, std::string help = {});
  void warning(std::string code, Span span, std::string message, std::string help = {});
  void note(Span span, std::string message, std::string help = {});

  /// Remembers the text of a file for source lines and carets.
  void remember(const std::string& file, SharedText text);
  /// The remembered line (1-based) of a file, without its newline; empty when unknown.
  std::string_view line(const std::string& file, int number) const;

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  /// Orders by file (order of remembering), line, column; keeps the order of equals; drops exact
  /// repeats.
  void sort();

  /// One diagnostic as a person reads it: code, message, place, source line, caret, help; no
  /// newline at the end. Long lines are cut around the caret; control bytes are shown as '?'.
  std::string render(const Diagnostic& diagnostic) const;
  /// All of them, a blank line between two; no newline at the end.
  std::string render_all() const;

 private:
  /// A plan may be 9 MB of which a handful of lines are printed, so lines are found at the first
  /// question.
  struct Source {
    std::size_t order = 0;
    SharedText text;
    mutable std::vector<std::size_t> line_starts;
  };
  std::size_t order_of(const std::string& file) const;

  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
  std::map<std::string, Source> sources_;
};

}  // namespace engine::base
