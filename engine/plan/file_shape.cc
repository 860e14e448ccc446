#include "plan/file_shape.h"

namespace engine::plan {

FileShape stored_file(const std::string& path) {
  FileShape shape;
  shape.path = base::Located::made(path, {});
  shape.format = FileFormat::kPieces;
  return shape;
}

}  // namespace engine::plan
