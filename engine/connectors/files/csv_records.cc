#include "connectors/files/csv_records.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;

#if defined(__SSE2__)
/// 64 bytes: which of them are marks, and whether any is beyond ASCII.
std::uint64_t marks_of(const char* block, const CsvDialect& dialect, bool& beyond) {
  const __m128i delimiter = _mm_set1_epi8(dialect.delimiter);
  const __m128i quote = _mm_set1_epi8(dialect.quote);
  const __m128i line_feed = _mm_set1_epi8('\n');
  const __m128i carriage = _mm_set1_epi8('\r');
  std::uint64_t mask = 0;
  __m128i all = _mm_setzero_si128();
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i * 16));
    const __m128i hit = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage)));
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hit)))
            << (i * 16);
    all = _mm_or_si128(all, bytes);
  }
  beyond = _mm_movemask_epi8(all) != 0;
  return mask;
}
#else
std::uint64_t marks_of(const char* block, const CsvDialect& dialect, bool& beyond) {
  std::uint64_t mask = 0;
  unsigned char all = 0;
  for (int i = 0; i < 64; ++i) {
    const char c = block[i];
    all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
    const bool hit = c == dialect.delimiter || c == dialect.quote || c == '\n' || c == '\r';
    mask |= static_cast<std::uint64_t>(hit) << i;
  }
  beyond = (all & 0x80) != 0;
  return mask;
}
#endif

}  // namespace

std::string_view text_of(const CsvField& field, char quote, std::string& scratch) {
  const std::string_view raw(field.data, field.size);
  if (!field.doubled) return raw;
  scratch.clear();
  std::size_t from = 0;
  while (from < raw.size()) {
    const std::size_t at = raw.find(quote, from);
    if (at == std::string_view::npos) break;
    scratch.append(raw.substr(from, at + 1 - from));
    from = at + 2;
  }
  if (from < raw.size()) scratch.append(raw.substr(from));
  return scratch;
}

void CsvMarks::start(const char* begin, const char* end) {
  block_ = begin;
  end_ = end;
  mask_ = 0;
  beyond_ = beyond_here_ = false;
  if (begin < end) look();
}

void CsvMarks::look() {
  mask_ = marks_of(block_, dialect_, beyond_here_);
  beyond_ = beyond_ || beyond_here_;
}

CsvRecords::CsvRecords(Window& window, CsvDialect dialect, std::string label)
    : window_(window), dialect_(dialect), label_(std::move(label)), marks_(dialect) {}

void CsvRecords::skip_byte_order_mark() {
  started_ = true;
  window_.more();
  const std::string_view head(window_.begin(), window_.size());
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    throw Error(Fault::kData, "E406", base::quoted(label_) + " is UTF-16, not UTF-8",
                "convert it first: iconv -f UTF-16 -t UTF-8");
  }
  if (head.starts_with("\xef\xbb\xbf")) window_.take(3);
  at_ = window_.begin();
  marks_.start(at_, window_.end());
}

bool CsvRecords::next() {
  if (!started_) skip_byte_order_mark();
  window_.take(static_cast<std::size_t>(at_ - window_.begin()));
  line_ = next_line_;
  while (true) {
    const Scan result = scan();
    if (result == Scan::kNothing) return false;
    if (result == Scan::kWhole) break;
    window_.more();
    at_ = window_.begin();
    marks_.start(at_, window_.end());
  }
  bytes_ = static_cast<std::size_t>(at_ - window_.begin());
  next_line_ = line_ + lines_;
  plain_ = !marks_.take_beyond_ascii();
  return true;
}

CsvRecords::Scan CsvRecords::end_of_input(const char* field) {
  if (!window_.ended()) return Scan::kCut;
  if (open_quote_) {
    throw Error(Fault::kData, "E421",
                base::quoted(label_) + ": the quote opened in the record of line " +
                    std::to_string(line_) + " is never closed",
                "close it; a quote within a quoted field is written twice");
  }
  if (fields_.empty() && field == window_.end() && field == window_.begin()) return Scan::kNothing;
  at_ = window_.end();
  return Scan::kWhole;
}

// From the opening quote to the mark behind the field. False: the window ends before it.
bool CsvRecords::scan_quoted(const char*& at, CsvField& field) {
  const char* const end = window_.end();
  field = {at + 1, 0, true, false};
  open_quote_ = true;
  for (at = marks_.next(); at != end; at = marks_.next()) {
    if (*at == dialect_.quote) {
      if (at + 1 == end && !window_.ended()) return false;
      if (at + 1 == end || at[1] != dialect_.quote) break;
      field.doubled = true;
      marks_.next();
    } else if (*at == '\n' || (*at == '\r' && at[1] != '\n')) {
      ++lines_;
    }
  }
  if (at == end) return false;
  open_quote_ = false;
  field.size = static_cast<std::size_t>(at - field.data);
  const char* const closing = at;
  at = marks_.next();
  if (at == closing + 1 && at != end) return true;
  malformed_ = malformed_ || at != closing + 1;
  while (at != end && *at == dialect_.quote) {
    malformed_ = true;
    at = marks_.next();
  }
  return at != end;
}

// The line end at `at` is the record's. False: whether an LF follows cannot be seen yet.
bool CsvRecords::finish_line(const char* at) {
  const char* const end = window_.end();
  if (*at == '\r') {
    if (at + 1 == end && !window_.ended()) return false;
    if (at + 1 != end && at[1] == '\n') at = marks_.next();
  }
  ++lines_;
  at_ = at + 1;
  return true;
}

CsvRecords::Scan CsvRecords::scan() {
  const char* const end = window_.end();
  const char* start = at_;
  fields_.clear();
  lines_ = 0;
  malformed_ = open_quote_ = false;
  if (start == end) return end_of_input(start);
  while (true) {
    CsvField field{start, 0, false, false};
    const char* at = marks_.next();
    bool whole = at != end;
    if (whole && at == start && *at == dialect_.quote) {
      whole = scan_quoted(at, field);
    } else {
      while (at != end && *at == dialect_.quote) at = marks_.next();
      whole = at != end;
      field.size = static_cast<std::size_t>(at - start);
    }
    fields_.push_back(field);
    if (!whole) return end_of_input(start);
    if (*at == dialect_.delimiter) {
      start = at + 1;
      continue;
    }
    return finish_line(at) ? Scan::kWhole : Scan::kCut;
  }
}

}  // namespace engine::connectors::files
