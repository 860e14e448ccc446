#include "connectors/files/csv_sniff.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace engine::connectors::files {
namespace {

constexpr std::size_t kRecords = 200;

struct Counts {
  std::size_t records = 0, alike = 0;  ///< with as many fields as the first
  std::size_t width = 0;
  std::size_t quoted = 0;       ///< fields between quotes
  std::size_t half_quoted = 0;  ///< fields with text behind the closing quote, or none closing
};

/// The last record of a sample that is cut off is not counted.
Counts count(std::string_view sample, bool whole, CsvDialect dialect) {
  Counts out;
  Window window(bytes_input(std::string(sample)));
  CsvRecords records(window, dialect, "sample");
  try {
    while (out.records < kRecords && records.next()) {
      if (!whole && window.ended() && records.bytes() == window.size()) break;
      if (records.empty_line()) continue;
      const auto& fields = records.fields();
      if (out.records == 0) out.width = fields.size();
      ++out.records;
      if (fields.size() == out.width) ++out.alike;
      if (records.malformed()) ++out.half_quoted;
      for (const CsvField& field : fields) out.quoted += field.quoted ? 1 : 0;
    }
  } catch (const base::Error&) {
    if (whole) ++out.half_quoted;  // else the quote closes behind the sample
  }
  return out;
}

char likely_delimiter(std::string_view sample, bool whole, char quote,
                      const plan::FileShape& shape) {
  const std::size_t named = shape.header ? 0 : shape.columns.size();
  char best = kTriedDelimiters.front();
  double best_share = 0;
  for (const char delimiter : kTriedDelimiters) {
    const Counts counts = count(sample, whole, {delimiter, quote});
    if (counts.records == 0 || counts.width < 2) continue;
    if (named > 0 && counts.width != named) continue;
    const double share = static_cast<double>(counts.alike) / static_cast<double>(counts.records);
    if (share <= best_share) continue;
    best = delimiter;
    best_share = share;
  }
  return best;
}

bool likely_single_quotes(std::string_view sample, bool whole, char delimiter) {
  const Counts single = count(sample, whole, {delimiter, '\''});
  const Counts doubled = count(sample, whole, {delimiter, '"'});
  return single.quoted > 1 && single.half_quoted == 0 && doubled.quoted == 0;
}

}  // namespace

Sniffed sniff(std::string_view sample, bool whole, const plan::FileShape& shape) {
  Sniffed out;
  out.delimiter_guessed = !shape.delimiter;
  out.quote_guessed = !shape.quote;
  out.dialect.quote = shape.quote.value_or('"');
  const bool tabs = shape.path.text.ends_with(".tsv") || shape.path.text.ends_with(".tsv.gz") ||
                    shape.path.text.ends_with(".tsv.zst");
  if (shape.delimiter) {
    out.dialect.delimiter = *shape.delimiter;
  } else if (tabs) {
    out.dialect.delimiter = '\t';
  } else {
    out.dialect.delimiter = likely_delimiter(sample, whole, out.dialect.quote, shape);
  }
  if (!shape.quote && likely_single_quotes(sample, whole, out.dialect.delimiter)) {
    out.dialect.quote = '\'';
    if (!shape.delimiter && !tabs) {
      out.dialect.delimiter = likely_delimiter(sample, whole, '\'', shape);
    }
  }
  return out;
}

}  // namespace engine::connectors::files
