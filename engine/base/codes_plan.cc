#include <array>

#include "base/codes_tables.h"

namespace engine::base {
namespace {

constexpr std::array<CodeEntry, 23> kCodes = {{
    {"E100", "wrong command line",
     "The command line names a command, flag or value that does not exist, or flags that exclude "
     "each other. Nothing was read or written.",
     "Run `engine --help`, or `engine COMMAND --help`, which ends with an example, and correct the "
     "line."},
    {"E101", "YAML syntax",
     "The file is not valid YAML, so nothing behind this place could be read. Most often it is an "
     "indentation, a missing colon or an unclosed quote on this line or the one above.",
     "Correct the text at the caret; quote scalars that hold ': ', ' #', or begin with one of the "
     "signs @ ` % & * ! |. The other files of the plan are still checked in the same go."},
    {"E102", "not plain UTF-8 text",
     "The file holds bytes that are not UTF-8, a NUL byte, or a tab used for indentation. YAML "
     "allows none of these, and guessing an encoding would change values silently.",
     "Save the file as UTF-8 without NUL bytes and indent with spaces. `iconv -f latin1 -t utf-8` "
     "converts a file of the most common old encoding."},
    {"E103", "duplicate key",
     "The same key stands twice in one map. YAML readers keep one of the two in silence, so a "
     "reviewer could read a value that does not count.",
     "Remove one of the two; the message names the place of the first."},
    {"E104", "wrong type or value out of range",
     "The value cannot be read as what the option declares, or lies outside its range. Scalars are "
     "read as the declared type and never guessed.",
     "Write a value of the type that the message names; `engine explain` shows the option with an "
     "example."},
    {"E105", "the plan is larger than the limits",
     "The plan is larger, deeper or has more nodes than the limits allow, or its aliases expand "
     "without end or too far. The limits keep a broken or hostile file from using up the machine.",
     "Split the plan with `include`, or write out the aliases that expand into one another. The "
     "limits are 64 MiB, 10,000,000 nodes, depth 64, and ten times the size by aliases."},
    {"E106", "unknown key",
     "The key is not one that may stand here. Unknown keys are errors, because a misspelt option "
     "would otherwise be ignored in silence.",
     "Use the key that the message suggests, or look up the ones allowed here in "
     "`plans/README.md`."},
    {"E107", "required key missing",
     "A key that this map needs is not there. There is no default that would be right for every "
     "plan.",
     "Add the key that the message names."},
    {"E108", "YAML feature that plans do not have",
     "The file uses a merge key `<<`, a tag `!…` or a second document. They hide where a value "
     "comes from, so plans do without them.",
     "Use `defaults` for what tables share and `include` for what plans share. Remove tags: the "
     "option declares its type."},
    {"E109", "include refused",
     "An included file is missing, lies outside the project root, includes itself in a circle, "
     "holds a key that only the plan may hold, or defines a name again. Includes may hold anything "
     "but `version`, `name`, `profiles` and `run`.",
     "Correct the path, which is relative to the file that says it, or move the key or the "
     "definition to one place. The project root is the nearest folder upward with `.git` or "
     "`.engine-root`."},
    {"E110", "variable unset or badly written",
     "A `${…}` names a variable that neither the plan nor the environment sets and that has no "
     "default, or it is not one of the forms that exist. Nothing is replaced by an empty text.",
     "Set the variable, pass `--set name=value`, or give a default: `${NAME:-default}`. The other "
     "forms are `${NAME?message}`, `${secret:NAME}` and `${file:/path}`."},
    {"E111", "variable or default that nothing uses",
     "A variable or a key under `defaults` is used by no table, under any profile. It is most "
     "often a misspelling of the one that was meant.",
     "Remove it, or use it where it was meant to stand."},
    {"E112", "secret written in the plan",
     "A password, token or key stands in the plan as plain text. Plans are reviewed, versioned and "
     "printed; a secret there is no secret any more.",
     "Write `${secret:NAME}` or `${file:/run/secrets/name}` instead, and change the secret that "
     "was in the file."},
    {"E113", "unknown name",
     "The plan names a connection, table, profile, id, format, transform, function or check that "
     "is not defined. The message suggests a near one of the same kind.",
     "Correct the name, or define it."},
    {"E114", "version missing or not supported",
     "The first key of a plan is `version`, and this engine reads version 1. Without it a later "
     "engine could read the same text in another sense.",
     "Write `version: 1` as the first line, or use an engine that knows the version in the file."},
    {"E115", "syntax of an expression",
     "The expression cannot be parsed at the caret. Expressions are shaped like SQL: texts in "
     "single quotes, columns bare or in double quotes, variables as `:name`.",
     "Correct it at the caret; `plans/README.md` lists operators and functions with an example "
     "each."},
    {"E116", "type of an expression",
     "An operand or argument has a type that the operator or function does not take, or the result "
     "does not fit where it is used. Text is only coerced against a column of a known type.",
     "Write a `cast(… as type)` where the conversion is meant, or use a function for that type."},
    {"E117", "variable in the wrong form",
     "Inside an expression a variable is written `:name` and bound as a value; in all other "
     "options it is `${name}`. The other form would be pasted into the text, or would never be "
     "replaced.",
     "Use the form that the message names."},
    {"E118", "options that do not go together",
     "Each option is valid, but the combination has no meaning or would not be safe. The table of "
     "combinations in `plans/README.md` says which are allowed.",
     "Remove one of the options that the message names."},
    {"E119", "not available in this version",
     "The plan or command is valid, but this version of the engine cannot run that part yet. It is "
     "refused by name, never left out in silence.",
     "Remove that part or use a later version; `engine validate` lists all such parts of a plan as "
     "notes."},
    {"E120", "table pattern or assertion fails",
     "A table pattern matches nothing, matches another number of tables than `matches` says, or "
     "two patterns take the same table. A pattern that is wrong would leave tables out in silence.",
     "Correct the pattern, its `except` or `matches`, or give the doubly matched table an entry of "
     "its own: an exact name wins."},
    {"E121", "defined twice",
     "Two files of the plan define the same name. Neither of them wins, because the order of "
     "includes should not decide.",
     "Remove one of the definitions, or rename it; the message names both places."},
    {"E122", "profile changes what it may not",
     "A profile overlays connections, vars, run, limits, observe and the severity of checks, never "
     "the logic of tables. Otherwise what was tested in one place would not be what runs in "
     "another.",
     "Move the difference into a variable or a connection, or write two plans with a shared "
     "include."},
}};

}  // namespace

std::span<const CodeEntry> plan_codes() {
  return kCodes;
}

}  // namespace engine::base
