#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/random.h"
#include "conformance/support/world.h"
#include "connectors/files/files.h"

namespace engine::conformance {
namespace {

namespace fs = std::filesystem;

/// A folder of CSV files; the other program is an editor.
class FilesWorld final : public World {
 public:
  FilesWorld()
      : folder_(fs::temp_directory_path() / ("engine-conformance-" + base::random_hex(8))),
        connector_(connectors::files::files_connector()) {
    fs::create_directories(folder_);
  }
  ~FilesWorld() override {
    std::error_code ignored;  // a folder that stays behind fails no test
    fs::remove_all(folder_, ignored);
  }

  std::string name() const override { return "files"; }
  std::unique_ptr<connect::Connection> open(connect::OpenMode mode) override {
    plan::Connection connection;
    connection.name.text = "target";
    connection.type = "files";
    connection.options.kind = plan::OptionKind::kObject;
    connection.options.fields["root"].text.text = "data";
    return connector_->open(connection, folder_.string(), mode);
  }
  void rename_row(const std::string& table, std::int64_t id, const std::string& name) override {
    const std::string start = std::to_string(id) + ",";
    std::string edited;
    std::istringstream lines(text(table));
    for (std::string line; std::getline(lines, line);) {
      edited += (line.starts_with(start) ? start + name : line) + "\n";
    }
    write(table, edited);
  }
  void insert_row(const std::string& table, std::int64_t id, const std::string& name) override {
    write(table, text(table) + std::to_string(id) + "," + name + "\n");
  }
  void spoil_row(const std::string& table, std::int64_t id) override {
    rename_row(table, id, "\xff");
  }
  std::string code_of_spoiled() const override { return "E406"; }

 private:
  fs::path path(const std::string& table) const { return folder_ / "data" / (table + ".csv"); }
  std::string text(const std::string& table) const {
    std::ifstream in(path(table));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& table, const std::string& text) const {
    std::ofstream(path(table)) << text;
  }

  fs::path folder_;
  std::unique_ptr<connect::Connector> connector_;
};

}  // namespace

std::unique_ptr<World> files_world() {
  return std::make_unique<FilesWorld>();
}

}  // namespace engine::conformance
