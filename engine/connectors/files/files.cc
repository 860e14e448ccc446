#include "connectors/files/files.h"

#include <sys/stat.h>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/files/connection.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;
using connect::OpenMode;

/// Only the last folder is created: a path with several missing folders is a mistyped one.
void create_root(const Folder& folder) {
  if (::mkdir(folder.root().c_str(), 0777) == 0 || errno == EEXIST) return;
  throw Error(Fault::kRemote, "E201",
              "files " + folder.label() + ": cannot create the folder " +
                  base::quoted(folder.root().string()) + ": " +
                  std::generic_category().message(errno),
              "create the folder, or correct the root of the connection");
}

class FilesConnector final : public connect::Connector {
 public:
  std::string type() const override { return "files"; }

  std::unique_ptr<connect::Connection> open(const plan::Connection& connection,
                                            const std::string& plan_folder,
                                            OpenMode mode) const override {
    const auto* const option = connection.options.find("root");
    if (option == nullptr || option->text.text.empty()) {
      throw Error(Fault::kPlan, "E107", "connection " + connection.name.text + " has no root",
                  "say which folder: root: data/import");
    }
    const std::string& label = option->text.text;
    const auto root = std::filesystem::absolute(std::filesystem::path(plan_folder) / label);
    Folder folder(root.lexically_normal(), label);
    if (mode == OpenMode::kPublish) create_root(folder);
    if (mode == OpenMode::kRead && !folder.exists()) {
      throw Error(Fault::kRemote, "E201",
                  "files " + label + ": there is no such folder (" + root.string() + ")",
                  "check the root of the connection; it is relative to the plan's folder");
    }
    return std::make_unique<FilesConnection>(std::make_shared<Shared>(std::move(folder), mode));
  }
};

}  // namespace

std::unique_ptr<connect::Connector> files_connector() {
  return std::make_unique<FilesConnector>();
}

}  // namespace engine::connectors::files
