#include "report/snapshot_json.h"

#include "base/clock.h"

namespace engine::report {
namespace {

JsonObject<run::SnapshotOutcome::Table> copy_fields() {
  using Copy = run::SnapshotOutcome::Table;
  return JsonObject<Copy>()
      .field("table", text_type(), "The plan's name of the table.",
             [](const Copy& copy) { return Json(copy.table); })
      .field("side", choice_of({"source", "target"}), "Which side it lies on.",
             [](const Copy& copy) { return Json(copy.side); })
      .field("place", text_type(), "Connection and table.",
             [](const Copy& copy) { return Json(copy.place); })
      .field("missing", flag_type(), "There is no such table yet.",
             [](const Copy& copy) { return Json(copy.missing); })
      .field("rows", count_type(), "Rows in it.", [](const Copy& copy) { return Json(copy.rows); })
      .field("bytes", count_type(), "Size of the copy.",
             [](const Copy& copy) { return Json(copy.bytes); });
}

}  // namespace

JsonObject<run::SnapshotOutcome> snapshot_fields() {
  using run::SnapshotOutcome;
  static const auto kCopies = copy_fields();
  return JsonObject<SnapshotOutcome>()
      .maybe("id", text_type(), "What restore names it by; absent: none was taken.",
             [](const SnapshotOutcome& taken) { return text_or_null(taken.id); })
      .field("estimated", flag_type(), "What an applied run would take; bytes are an estimate.",
             [](const SnapshotOutcome& taken) { return Json(taken.estimated); })
      .maybe("expires_at", text_type(), "UTC.",
             [](const SnapshotOutcome& taken) {
               return taken.id.empty() ? Json() : Json(base::iso_utc(taken.expires_us));
             })
      .field("tables", list_of(kCopies.schema()), "Table by table.",
             [](const SnapshotOutcome& taken) { return kCopies.write_all(taken.tables); });
}

}  // namespace engine::report
