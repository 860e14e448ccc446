#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch.h"
#include "expr/expression.h"
#include "plan/file_shape.h"

namespace engine::connect {

struct ReadRequest {
  std::string table;
  std::optional<plan::FileShape> file;  ///< read instead of a table; only with Capabilities::files
  std::string query;  ///< instead of a table; described by describe_query. Neither filter nor order
  /// What is wanted, with the types describe() gave; an untyped column with any type.
  data::Schema columns;
  std::optional<expr::Sql> where;  ///< pushed down; only with a dialect
  std::vector<std::string>
      order_by;  ///< ascending in the order of key bytes; only with Capabilities::ordered_read
  std::optional<data::Batch>
      keys;  ///< only rows with these keys (columns named as in the table); only with key_lookup
};

/// The rows of a file that is read or written as its bytes (plan::FileFormat::kPieces): `piece`
/// int64, counted from 0; `bytes` bytes, at most a megabyte. In order they are the file, compressed
/// or not.
data::Schema piece_columns();

/// An independent part of a read, opaque to all but the connector that cut it. Parts are disjoint
/// and together complete.
struct Range {
  std::string position;
};

/// A stream of rows. `next` fills a batch of at most data::kMaxBatchRows rows and says true, or
/// false at the end; a cell that does not conform to its column's type is a row error of the batch
/// (E403, E406) and NULL in it. `position` is the point from which a read could go on after the
/// last batch. Used from one thread at a time, not always the same one. Failures throw base::Error
/// and end the stream. Destroying a source early is fine.
class Source {
 public:
  virtual ~Source() = default;
  virtual bool next(data::Batch& batch) = 0;
  virtual std::string position() const = 0;
};

/// The newest value of a column, with the source's own clock of the same moment.
struct Newest {
  std::optional<std::string> text;  ///< as the source holds it; nullopt: no row, or only NULLs
  std::int64_t source_now_us = 0;
};

}  // namespace engine::connect
