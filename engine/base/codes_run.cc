#include <array>

#include "base/codes_tables.h"

namespace engine::base {
namespace {

constexpr std::array<CodeEntry, 45> kCodes = {{
    {"E401", "NULL in a key",
     "A row has NULL in a column of its key. Such a row can never be matched again, and would be "
     "inserted anew by every run.",
     "Fill the column at the source or with `default`, or leave these rows out with `where`."},
    {"E402", "duplicate key",
     "Two rows of the source have the same key. Which of them should win is for the plan to say, "
     "not for the order in which they came.",
     "Remove the duplicates at the source, add the missing column to `key`, or say who wins with "
     "`merge: {dedupe: {order_by: …}}`."},
    {"E403", "value does not conform to its type",
     "A value at the source is not of the type that its column declares, for instance a text in an "
     "integer column. It is neither converted nor dropped in silence.",
     "Correct the value at the source, or read the column as text and convert it in the plan."},
    {"E404", "conversion or arithmetic failed",
     "An expression could not be computed for a row: a text that is no number or date, or a "
     "division by zero. The report names the row's key and the reason.",
     "Correct the value at the source, or allow for it in the expression with `case`, `nullif` or "
     "`coalesce`."},
    {"E405", "overflow",
     "The result of a calculation, or a value to be stored, lies outside the range of its type. It "
     "is never cut or wrapped around.",
     "Use a wider type, such as `decimal(38,s)` or `number`, for the column."},
    {"E406", "text is not UTF-8",
     "A text at the source holds bytes that are not UTF-8. Passing them on would break every "
     "reader behind the target.",
     "Correct the text at the source, or read the column as bytes."},
    {"E407", "target would change the value",
     "The declared type of the target's column makes the database convert the value when it is "
     "stored: '007' becomes 7, a long decimal becomes a rounded real. The run stops instead of "
     "losing it.",
     "Declare the column as TEXT or as a type that keeps the value, or convert it in the plan so "
     "that the loss is written down."},
    {"E408", "check failed",
     "A check with severity `error` found rows that break its rule. Nothing was published, or what "
     "was published was undone where the check ran afterwards.",
     "Look at the sample rows in the report and correct the data, or the rule; `severity: warn` or "
     "`error_if` allow a known amount."},
    {"E409", "check could not be evaluated",
     "A check ended in an error and has no verdict. That never counts as a pass.",
     "Correct the expression, pattern or column that the message names."},
    {"E410", "data too old",
     "The newest row is older than `error_after` allows, or there is none. The source may have "
     "stopped being filled.",
     "See why the source is not filled, or change `freshness` when the limit is wrong."},
    {"E411", "guard",
     "The run would change more rows than a guard allows, or read fewer than the run before by "
     "more than it allows. Nothing was published.",
     "See whether the change is meant; then raise the guard in the plan, or once, for a reviewed "
     "change, with `--expect` and `--allow`."},
    {"E412", "local time that does not exist or exists twice",
     "A local time lies in the hour that daylight saving skips or repeats. There is no single "
     "instant that it means.",
     "Say `dst: earlier` or `dst: later` on the column, or read instants from the source."},
    {"E413", "tie in dedupe",
     "Two rows of the same key are equal by `order_by` but differ in other columns, so that "
     "neither can be preferred.",
     "Add a column to `order_by` that decides."},
    {"E414", "parent row missing",
     "A row refers to a parent that is neither among the rows in flight nor in the target. Nothing "
     "was published.",
     "Load or correct the parent, or say what should happen with `on_orphan: null`, `keep` or "
     "`reject`."},
    {"E415", "the books do not close",
     "The numbers of rows read and of rows accounted for differ. A row would have been lost or "
     "doubled, so the run fails.",
     "Please report this with the run's folder: it is a mistake in the engine, or the source "
     "changed under its own transaction."},
    {"E416", "target refused a row",
     "A constraint, index or trigger of the target refused a row while it was published. The whole "
     "publish was rolled back.",
     "Correct the row or the constraint that the message names; a check in the plan finds such "
     "rows before publishing."},
    {"E417", "rows of other tables would be deleted or orphaned",
     "Deleting a row would delete or change rows of a table outside the plan, by a cascading "
     "foreign key, or leave them without their parent. A rollback could not bring those back.",
     "Take that table into the plan, or keep the rows that it refers to."},
    {"E418", "limit of the plan reached",
     "The run took longer, or its undo would grow larger, than `limits` of the plan allows. It was "
     "ended before anything of it was published.",
     "Raise the limit, or move fewer tables or rows in one run."},
    {"E419", "partial run too large",
     "The rows of a partial run are chosen by their keys, which are held in memory: those that "
     "were "
     "asked for and all parents that they need. They are more than a quarter of `run.memory`.",
     "Ask for fewer rows, raise `run.memory`, or run the plan whole."},
    {"E420", "row is not well formed",
     "A row of a CSV has more or fewer fields than the header, or text stands behind a closing "
     "quote. Most often a delimiter or a quote within a field was not quoted.",
     "Correct the line that the message names, or the dialect under `csv`."},
    {"E421", "quote not closed",
     "A quoted field of a CSV does not end before the file does. Everything behind the quote would "
     "be one field.",
     "Close the quote in the record that the message names; a quote within a quoted field is "
     "written twice."},
    {"E422", "file cut short or damaged",
     "Compressed data ends early or is not sound, or a JSON array is not closed. Rows are missing.",
     "Fetch or write the file again."},
    {"E423", "file changed while it was read",
     "The file's size, time or identity is not what it was when it was looked at first. Rows of "
     "two "
     "states may have been mixed, so none is used.",
     "Run again when the file is complete; who writes such files should write them aside and "
     "rename them."},
    {"E424", "not JSON of the expected form",
     "A row is no JSON object, or has an attribute twice, or the file is no array of rows.",
     "Correct the row that the message names, or say `format: ndjson` or `json`."},
    {"E425", "attribute without a column",
     "A row of a JSON file has an attribute that no column takes. It would be lost.",
     "Name it under `csv: {columns: …}` or `columns`, or leave the rest out with `\"*\": drop`."},
    {"E426", "two source keys have one id",
     "The format of an id map keeps so little of the digest that two different source keys were "
     "given the same id. The run stopped before anything was published.",
     "Choose a longer `format`: uuid, hex32 or longer do not meet this."},
    {"E501", "locked by another run",
     "Another run holds the lock of this target. Two runs may not publish to one target at the "
     "same time.",
     "Wait for it with `--wait 10m`, look at it with `engine status`, or free the lock of a run "
     "that is surely dead with `engine unlock`."},
    {"E502", "run not found",
     "No run of that id or prefix is recorded in the state folder, or the prefix fits several. The "
     "message lists the runs that are there.",
     "Use one of the ids listed, or name the folder with `--plan` or `--state`."},
    {"E503", "state is damaged",
     "A file of the run's state does not have the digest, the size or the form that was recorded "
     "for it. It is not used.",
     "Restore the state folder from a copy, or start a new run; nothing in the target depends on "
     "it until it is published."},
    {"E504", "state of another format",
     "A file or table of the engine was written in a format that this version does not read. It "
     "was left as it is.",
     "Use the version of the engine that wrote it, or finish and prune those runs with that "
     "version first."},
    {"E505", "state or artifact cannot be written",
     "The engine could not create or write its state folder or an artifact. Nothing was published.",
     "Make the folder that the message names writable, or choose another with `--state`."},
    {"E506", "rollback conflict",
     "Rows that the run changed were changed again by someone else since. Undoing them would "
     "destroy that work, so they are left alone.",
     "Look at the rows listed; `--conflicts skip` undoes all others, `--conflicts force` undoes "
     "these too."},
    {"E507", "undo missing or expired",
     "The before images of the run are not there any more: they were pruned after "
     "`snapshot.retain`, or their table was removed. The run cannot be undone row by row.",
     "Restore from a snapshot or a backup. A longer `snapshot.retain` keeps undo longer."},
    {"E508", "outcome unknown",
     "The engine could not prove whether the publish was committed, because the target gave no "
     "answer. It does not guess.",
     "Make the target reachable and run the same command with `--resume`: it asks the target's "
     "ledger first."},
    {"E509", "stopped by a signal",
     "The run was asked to stop and did so after the current batch. The target is exactly as "
     "before or as after the last publish.",
     "Go on with the command that was printed, which has `--resume`."},
    {"E510", "target changed since",
     "The target is not as it was when the change was reviewed or staged, so the change is stale. "
     "Nothing was written.",
     "Make a new plan with `engine plan`, review it, and apply that."},
    {"E511", "confirmation missing",
     "The command changes a target and away from a terminal needs to be told so. Nothing was "
     "written.",
     "Add `--yes`, or `--confirm NAME` for a protected profile."},
    {"E512", "rollback could not be verified",
     "After the rollback the rows do not have the digest they had before the run. The transaction "
     "of the rollback was not committed.",
     "Look for triggers that change rows on their own and for other writers; then try again, or "
     "restore from a snapshot."},
    {"E513", "rows of the run are gone",
     "The journal says that the run kept the rows of a table, and their file is not in the run's "
     "folder any more. Other rows read now would not be the ones that were checked.",
     "Put the file back, or start a new run."},
    {"E514", "run cannot go on",
     "The run ended, was rolled back, or had another plan. Going on would mix two states.",
     "Start a new run; 'engine runs' lists what there is. With the plan as it was, an interrupted "
     "run goes on."},
    {"E515", "rollback after a failure failed",
     "A run failed after it had published something, and could not undo it. The message names what "
     "stands.",
     "Mend what the other error names, then undo the run with `engine rollback RUN`."},
    {"E520", "snapshot not found",
     "There is no snapshot of that id or prefix in the state folder, or the prefix fits several. "
     "Snapshots go when `snapshot.retain` is over, but for the newest ones (`snapshot.keep`).",
     "Use one of the ids listed. What a run changed is undone with `engine rollback`; when that "
     "has expired too, load the rows again from a backup or an archive."},
    {"E521", "snapshot could not be taken",
     "A table could not be copied exactly, or what was read back is not what was written. No run "
     "starts to change anything without the snapshot its plan asks for.",
     "Mend what the message names; or let the plan do without whole copies, with `snapshot: {mode: "
     "auto}`."},
    {"E522", "table is not as it was",
     "The table has other columns or another key than when the snapshot was taken, so its rows "
     "cannot be written back as they were. Nothing was written.",
     "Bring the table back to the columns that the message names, or restore into another "
     "connection with `--to`."},
    {"E900", "internal error",
     "The engine met a state that its own code excludes. It stopped without publishing further.",
     "Please report it with the plan, the log and the version."},
}};

}  // namespace

std::span<const CodeEntry> run_codes() {
  return kCodes;
}

}  // namespace engine::base
