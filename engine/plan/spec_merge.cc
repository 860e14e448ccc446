#include "plan/declare.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

using Shared = std::shared_ptr<const ObjectSpec>;

Shared share(ObjectSpec spec) {
  return std::make_shared<const ObjectSpec>(std::move(spec));
}

Shared newest_spec() {
  return share({.name = "newest",
                .doc = "Which of two rows is the newer one.",
                .options = {text_option("by",
                                        "A written column, in the target's names: the larger value "
                                        "is the newer row. NULL is older than any value.")
                                .required()
                                .since("0.2")
                                .example("updated_at")},
                .positional = "by"});
}

Shared dedupe_spec() {
  return share({.name = "dedupe",
                .doc = "Which of several rows with one key wins.",
                .options = {names_option("order_by",
                                         "Source columns, each with `desc` where the largest wins; "
                                         "the first row wins. NULLs come last, an unequal tie is "
                                         "an error.")
                                .required()
                                .example("updated_at desc")},
                .positional = "order_by"});
}

}  // namespace

Shared merge_spec() {
  static const Shared spec = share(
      {.name = "merge",
       .doc = "How rows meet the rows of the target.",
       .options =
           {Declare(
                "mode", OptionKind::kChoice,
                "upsert: insert or update by key; insert: existing keys are kept; update: only "
                "existing keys; mirror: upsert, and remove what the source no longer has; replace: "
                "all rows; append: no key.")
                .choices({{"upsert", "0.1"},
                          {"insert", "0.1"},
                          {"update", "0.2"},
                          {"mirror", "0.2"},
                          {"replace", "0.2"},
                          {"append", "0.2"}})
                .standard("upsert"),
            Declare("dedupe", OptionKind::kObject, "Which of several rows with one key wins.")
                .object(dedupe_spec())
                .example("{order_by: updated_at desc}"),
            Declare("unchanged", OptionKind::kChoice, "Rows that equal the target's.")
                .choices({{"skip", "0.1"}, {"write", "0.1"}})
                .standard("skip"),
            Declare("when_matched", OptionKind::kChoice,
                    "What an existing key does. update: the row is updated where it differs; keep: "
                    "it stays; newest: it is updated where the incoming row is newer.")
                .choices({{"update", "0.2"}, {"keep", "0.2"}, {"newest", "0.2"}})
                .standard("update")
                .since("0.2"),
            Declare("newest", OptionKind::kObject, "Which of two rows is the newer one.")
                .object(newest_spec())
                .since("0.2")
                .example("{by: updated_at}"),
            names_option("columns",
                         "The columns that an update may change, in the target's names. A row "
                         "that differs in others only counts as the same.")
                .since("0.2")
                .example("[email, phone]"),
            Declare("deleted_when", OptionKind::kExpression,
                    "Source rows that mean a delete, in source columns.")
                .since("0.2")
                .example("op = 'D'"),
            Declare("delete", OptionKind::kChoice,
                    "How mirror removes rows. hard: they are deleted; soft: the column named in "
                    "`deleted_at` is set to the time of the run, and to NULL when a row comes "
                    "back.")
                .choices({{"hard", "0.2"}, {"soft", "0.2"}})
                .standard("hard")
                .since("0.2"),
            text_option("deleted_at", "The target column that `delete: soft` sets.")
                .since("0.2")
                .example("deleted_at"),
            bool_option("exclusive",
                        "Allows replace to empty the table by a faster way that readers may "
                        "notice, where the target has one.")
                .standard("false")
                .since("0.2")},
       .positional = "mode"});
  return spec;
}

}  // namespace engine::plan
