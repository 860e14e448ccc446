#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/window.h"

namespace engine::connectors::files {

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';
};

/// A field as it stands in the window: without its quotes, doubled quotes not yet resolved.
struct CsvField {
  const char* data = nullptr;
  std::size_t size = 0;
  bool quoted = false;
  bool doubled = false;  ///< holds doubled quotes
};

/// The text of a field; `scratch` takes it where quotes had to be resolved.
std::string_view text_of(const CsvField& field, char quote, std::string& scratch);

/// Positions of the bytes that mean something in a CSV: delimiter, quote, CR, LF; 64 bytes at a
/// time. At least 64 bytes must be readable behind the end.
class CsvMarks {
 public:
  explicit CsvMarks(CsvDialect dialect) : dialect_(dialect) {}
  void start(const char* begin, const char* end);
  /// The next one; the end when there is none.
  const char* next() {
    while (mask_ == 0) {
      if (block_ + 64 >= end_) return end_;
      block_ += 64;
      look();
    }
    const char* at = block_ + __builtin_ctzll(mask_);
    mask_ &= mask_ - 1;
    return at < end_ ? at : end_;
  }
  /// Whether a byte beyond ASCII was seen in a block since the last call, or stands in this one.
  bool take_beyond_ascii() {
    const bool seen = beyond_;
    beyond_ = beyond_here_;
    return seen;
  }

 private:
  void look();

  CsvDialect dialect_;
  const char* block_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t mask_ = 0;
  bool beyond_ = false, beyond_here_ = false;
};

/// Records of a CSV (RFC 4180, and what is found in the wild: LF, CRLF or lone CR at the end of a
/// line, any delimiter, a missing last line end). The fields of a record are valid until the next
/// one is asked for. Empty lines are records of one empty field.
class CsvRecords {
 public:
  CsvRecords(Window& window, CsvDialect dialect, std::string label);

  /// False at the end. E421 when a quote is still open there.
  bool next();
  const std::vector<CsvField>& fields() const { return fields_; }
  std::string_view text(const CsvField& field) { return text_of(field, dialect_.quote, scratch_); }
  /// Where the record starts, from 1.
  std::uint64_t line() const { return line_; }
  std::size_t bytes() const { return bytes_; }
  /// Only ASCII stands in it.
  bool plain() const { return plain_; }
  /// Text stands behind a closing quote.
  bool malformed() const { return malformed_; }
  bool empty_line() const {
    return fields_.size() == 1 && fields_[0].size == 0 && !fields_[0].quoted;
  }

 private:
  enum class Scan { kWhole, kCut, kNothing };
  Scan scan();
  Scan end_of_input(const char* field);
  bool scan_quoted(const char*& at, CsvField& field);
  bool finish_line(const char* at);
  void skip_byte_order_mark();

  Window& window_;
  CsvDialect dialect_;
  std::string label_;
  CsvMarks marks_;
  const char* at_ = nullptr;  ///< start of the next record, within the window
  std::vector<CsvField> fields_;
  std::string scratch_;
  std::uint64_t line_ = 0, next_line_ = 1, lines_ = 0;
  std::size_t bytes_ = 0;
  bool plain_ = true, malformed_ = false, open_quote_ = false, started_ = false;
};

}  // namespace engine::connectors::files
