#include "harness/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

namespace fs = std::filesystem;

// build/release/bench/sqlite_load -> build/release
fs::path build_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path();
}

std::int64_t positive(const std::string& flag, const std::string& text) {
  const std::int64_t value = std::atoll(text.c_str());
  if (value < 1)
    throw std::runtime_error(flag + " needs a number of at least 1, not '" + text + "'");
  return value;
}

void take_flag(Settings& settings, const std::string& flag, const std::string& value) {
  if (flag == "--rounds") {
    settings.rounds = static_cast<int>(positive(flag, value));
  } else if (flag == "--rows") {
    settings.rows = positive(flag, value);
  } else if (flag == "--data") {
    settings.data = fs::absolute(value).string();
  } else {
    throw std::runtime_error("unknown flag '" + flag + "' (there are --rounds, --rows, --data)");
  }
}

}  // namespace

std::string Settings::fresh_folder(const std::string& name) const {
  const fs::path folder = fs::path(data) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

Settings read_settings(int argc, char** argv, int default_rounds) {
  Settings settings;
  settings.rounds = default_rounds;
  settings.data = (build_folder().parent_path() / "bench-data").string();
  settings.engine = (build_folder() / "bin" / "engine").string();
  if (const char* chosen = std::getenv("ENGINE_BINARY")) settings.engine = fs::absolute(chosen);
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) throw std::runtime_error(std::string(argv[i]) + " needs a value");
    take_flag(settings, argv[i], argv[i + 1]);
  }
  if (!fs::exists(settings.engine)) {
    throw std::runtime_error("there is no engine at " + settings.engine +
                             "; bench/run.sh builds it");
  }
  fs::create_directories(settings.data);
  return settings;
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench
