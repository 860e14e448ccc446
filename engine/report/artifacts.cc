#include "report/artifacts.h"

#include "base/file.h"
#include "report/documents.h"
#include "report/report_json.h"

namespace engine::report {

void write_artifacts(const run::Outcome& outcome, const state::RunFolder& folder) {
  base::write_file_atomically(folder.file("change.json"), change_json(outcome));
  base::write_file_atomically(folder.file("errors.txt"), errors_text(outcome));
  base::write_file_atomically(folder.file("report.md"), report_markdown(outcome));
  base::write_file_atomically(folder.file("report.html"), report_html(outcome));
  // Last: whoever sees report.json sees the others too.
  base::write_file_atomically(folder.file("report.json"), report_json(outcome));
}

}  // namespace engine::report
