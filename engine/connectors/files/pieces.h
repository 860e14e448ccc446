#pragma once

#include <memory>

#include "connect/read.h"
#include "connectors/files/input.h"
#include "connectors/files/row_writer.h"

namespace engine::connectors::files {

/// A file as its bytes, in rows of connect::piece_columns().
std::unique_ptr<connect::Source> read_pieces(std::unique_ptr<ByteInput> input);
std::unique_ptr<RowWriter> write_pieces(ByteOutput& output);

}  // namespace engine::connectors::files
