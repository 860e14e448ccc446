#pragma once

#include <filesystem>
#include <string>

namespace engine::cli {

/// The rows of a table that a run keeps, as NDJSON on stdout: a JSON object a row, values that JSON
/// has no form for as text. `stage` is "extract" or "transform". E513 when the run keeps none.
void show_rows(const std::filesystem::path& run_folder, const std::string& table,
               const std::string& stage);

}  // namespace engine::cli
