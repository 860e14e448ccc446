#include "connectors/postgres/row_stream.h"

#include "base/error.h"
#include "connectors/postgres/bytes.h"

namespace engine::connectors::postgres {
namespace {

constexpr std::size_t kHeader = 19;  ///< signature, flags and length of an extension
constexpr std::uint16_t kEnd = 0xffff;
constexpr std::uint32_t kNull = 0xffffffff;

}  // namespace

RowStream::RowStream(Session& session, const std::string& statement) : session_(session) {
  session_.begin_copy_out("COPY (" + statement + "\n) TO STDOUT (FORMAT binary)");
}

RowStream::~RowStream() {
  if (!ended_) session_.cancel();
}

bool RowStream::more() {
  const std::string before(rest_);
  const std::string_view message = session_.copy_out();
  if (message.empty()) return false;
  if (before.empty()) {
    rest_ = message;
  } else {
    kept_ = before + std::string(message);
    rest_ = kept_;
  }
  return true;
}

bool RowStream::next() {
  if (ended_) return false;
  while (!parse_row()) {
    if (ended_) {
      while (!session_.copy_out().empty()) continue;
      return false;
    }
    if (more()) continue;
    ended_ = true;  // the session has told a failure; an end without its mark is another
    throw base::Error(base::Fault::kTransient, "E209",
                      session_.self() + ": the rows ended in the middle");
  }
  return true;
}

/// False: the bytes at hand hold no whole row, or the end was found.
bool RowStream::parse_row() {
  std::string_view left = rest_;
  if (!begun_) {
    if (left.size() < kHeader) return false;
    if (left.substr(0, kRowsSignature.size()) != kRowsSignature)
      base::bug("not the rows of a COPY");
    left.remove_prefix(kHeader);
    rest_ = left;
    begun_ = true;
  }
  if (left.size() < 2) return false;
  const auto count = big_endian<std::uint16_t>(left.data());
  if (count == kEnd) {
    ended_ = true;
    return false;
  }
  fields_.resize(count);
  starts_.resize(count);
  std::size_t at = 2;
  for (std::size_t i = 0; i < count; ++i) {
    if (left.size() - at < 4) return false;
    const auto length = big_endian<std::uint32_t>(left.data() + at);
    starts_[i] = at;
    at += 4;
    if (length == kNull) {
      fields_[i] = {};
      continue;
    }
    if (left.size() - at < length) return false;
    fields_[i] = left.substr(at, length);
    at += length;
  }
  row_ = left.substr(0, at);
  rest_ = left.substr(at);
  return true;
}

std::string_view RowStream::raw(std::size_t first, std::size_t end) const {
  const auto start_of = [&](std::size_t field) {
    return field < starts_.size() ? starts_[field] : row_.size();
  };
  return row_.substr(start_of(first), start_of(end) - start_of(first));
}

}  // namespace engine::connectors::postgres
