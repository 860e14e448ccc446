#pragma once

#include <memory>

#include "connectors/files/output.h"
#include "data/batch.h"
#include "plan/file_shape.h"

namespace engine::connectors::files {

/// Writes rows in one format; reading the file with the same shape gives the same rows. One thread.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// Errors: E404 for a value that the format cannot tell from another.
  virtual void write(const data::Batch& rows) = 0;
  /// The end of the format; the output is finished by its owner.
  virtual void finish() = 0;
};

/// `label` decides the format where the shape does not. The output outlives the writer.
std::unique_ptr<RowWriter> write_rows(const plan::FileShape& shape, const std::string& label,
                                      const data::Schema& columns, ByteOutput& output);

}  // namespace engine::connectors::files
