#include "plan/declare.h"
#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

const ObjectSpec& check_common_spec() {
  return *check_item_spec();
}

std::shared_ptr<const ObjectSpec> check_item_spec() {
  static const auto spec = std::make_shared<const ObjectSpec>(ObjectSpec{
      .name = kCheckSpec,
      .doc = "Keys that every check takes.",
      .options =
          {text_option("name", "A name for reports.").example("emails are good"),
           Declare("severity", OptionKind::kChoice, "Whether a failure stops the run.")
               .choices({{"error", "0.1"}, {"warn", "0.1"}})
               .standard("error"),
           Declare("where", OptionKind::kExpression, "Judge only these rows.")
               .example("status = 'active'"),
           Declare("error_if", OptionKind::kThreshold,
                   "How many rows, or what share, make a failure an error.")
               .example("> 1%"),
           Declare("warn_if", OptionKind::kThreshold,
                   "How many rows, or what share, make a failure a warning.")
               .example("> 0"),
           Declare(
               "stage", OptionKind::kChoice,
               "What is judged: source (rows as read), staged (before publishing), published (in "
               "the target, inside the publish).")
               .choices({{"source", "0.1"}, {"staged", "0.1"}, {"published", "0.1"}})
               .standard("staged"),
           Declare(
               "scope", OptionKind::kChoice,
               "run: the rows in flight; table: the image the target would have. Each check has "
               "its own default.")
               .choices({{"run", "0.1"}, {"table", "0.1"}}),
           Declare("on_fail", OptionKind::kChoice, "What a failing row does.")
               .choices({{"stop", "0.1"}, {"reject", "0.2"}})
               .standard("stop"),
           Declare("sample", OptionKind::kInt, "How many failing rows the report shows.")
               .range(0, 1000)
               .standard("20"),
           names_option("tags", "Words to choose checks by.").example("[nightly]"),
           text_option("owner", "Who answers for the check.")},
      .positional = ""});
  return spec;
}

}  // namespace engine::plan
