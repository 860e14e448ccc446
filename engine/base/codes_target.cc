#include <array>

#include "base/codes_tables.h"

namespace engine::base {
namespace {

constexpr std::array<CodeEntry, 31> kCodes = {{
    {"E201", "cannot open or connect",
     "The file, database or service of a connection could not be opened. The message holds the "
     "reason that the system or the server gave.",
     "Check the path, address and credentials of the connection and try again; a path in a plan is "
     "relative to the file that says it."},
    {"E202", "not a database of this format",
     "The file is there but is not a database, or is damaged, encrypted, or of another format. It "
     "was not changed.",
     "Check that the connection names the right file; a damaged database is repaired with its own "
     "tools, from a backup."},
    {"E203", "permission denied",
     "The file, folder or object may be read but not written, or not read at all, by this user. "
     "Nothing was written.",
     "Grant the permission that the message names to the user who runs the engine, or use another "
     "connection."},
    {"E204", "source needs recovery",
     "The source database has a hot journal: a program that wrote to it died and left an "
     "unfinished transaction. Reading it would either show half of that transaction or change the "
     "source.",
     "Let the program that owns the database recover it by opening it once for writing, or run the "
     "engine on a copy of the database together with its journal."},
    {"E205", "file cannot be read",
     "A file that the command needs is missing, too large, or may not be read. The message holds "
     "the system's reason.",
     "Correct the path or the permissions; paths in a plan are relative to the file that says "
     "them."},
    {"E206", "database busy",
     "Another program held the database locked for longer than the engine waited. Nothing was "
     "published; the next try may pass.",
     "Run the same command again when the other program has finished, or give it time with "
     "`--wait`."},
    {"E207", "source and target are the same table",
     "The plan reads a table and writes the same one. The run would change its own input, so that "
     "a second run could not give the same result.",
     "Name another target table or database; paths are compared after links are followed."},
    {"E208", "disk full",
     "The disk or the quota was used up while writing. Nothing was published, and what was staged "
     "is resumed or removed by the next run.",
     "Free some space on the disk that the message names and run the same command again, or move "
     "the state folder with `--state`."},
    {"E209", "connection lost",
     "The connection to the server ended while it was used: the server stopped, the network "
     "failed, "
     "or an administrator ended the session. What was not committed was undone by the server.",
     "Run the same command again when the server can be reached; a run goes on with `--resume`."},
    {"E210", "statement refused",
     "The server refused a statement for a reason of its own, which the message holds.",
     "Read the server's reason; its log may say more. Nothing was written by the statement."},
    {"E300", "the plan does not fit what is there",
     "Source and target were looked at, and the plan asks for something they do not have or cannot "
     "hold. Every mistake stands above with its place.",
     "Mend the plan or the databases; 'engine plan' looks again and writes nothing."},
    {"E301", "table not found",
     "The database has no table of that name. Names are compared exactly first; the message "
     "suggests a near one.",
     "Correct the name in `from`, `to` or `table_name`, or let the engine create the table with "
     "`create: if_missing`."},
    {"E302", "column not found",
     "The table has no column of that name. The left side of `columns` and the key are target "
     "names, the right side and `where` are source names.",
     "Correct the name; `engine explain PLAN TABLE` lists the columns of both sides."},
    {"E303", "key missing",
     "The table needs a key for its merge mode and has none, or a column of the key is not filled. "
     "Without it, rows of the two sides cannot be matched.",
     "Name the key's columns under `key`, in the target's names, and fill each of them under "
     "`columns`."},
    {"E304", "type cannot hold the value",
     "The target's column cannot hold every value of the type that flows into it. Values are never "
     "rounded, cut or turned into NULL in silence.",
     "Change the column's type in the target, or convert in the plan: `cast(…)`, `round(…)`, or "
     "`type:` on the column."},
    {"E305", "target column that nothing fills",
     "The target has a column that does not allow NULL and has no default, and the plan does not "
     "fill it. Every insert would be refused.",
     "Fill it under `columns`, for instance with a constant, or give it a default in the target."},
    {"E306", "tables depend on each other in a circle",
     "The references and `depends_on` of these tables lead back to where they began, so there is "
     "no order in which parents come first. The message prints the circle.",
     "Remove one of the edges, or make one of the referencing columns nullable: such a circle is "
     "broken there."},
    {"E307", "level contradicts the order",
     "A table refers to one of the same or a higher level. `level` asserts an order that the edges "
     "must agree with; it makes no order of its own.",
     "Correct the level of one of the two tables, or remove the reference that should not be "
     "there."},
    {"E308", "key not unique in the target",
     "Two rows of the target have the same key, so that an incoming row would match both. The "
     "target was not changed.",
     "Remove the duplicates in the target or name more columns under `key`; a unique index keeps "
     "them from coming back."},
    {"E309", "target is a view",
     "The target is a view, which cannot be published to and undone row by row.",
     "Name the table behind it under `to`."},
    {"E310", "reference leads nowhere",
     "The reference names a table that is not part of the plan, or columns whose number or types "
     "do not fit the parent's key.",
     "Correct `to` and `fields`: they name a table of the plan and its target columns."},
    {"E311", "schema differs",
     "The table in the target differs from its definition in the plan. `create: if_missing` never "
     "alters a table that is there.",
     "Change the definition or the table, so that both agree; the message lists the columns that "
     "differ."},
    {"E312", "no primary key declared",
     "`key: catalog` takes the primary key declared at the source, and the source declares none.",
     "Name the key's columns under `key`."},
    {"E313", "column name is ambiguous",
     "Two columns match the name, most often because they differ in case only, or two entries fill "
     "the same target column.",
     "Rename one of them, or name each column exactly under `columns`."},
    {"E314", "table definition is invalid",
     "The definition of the table to be created contradicts itself: a key or index names a column "
     "that is not there, a type is unknown, or a default does not fit its column.",
     "Correct the definition at the place that the message names."},
    {"E316", "row not found",
     "`--only TABLE:KEY` names a key that no row of the source has, or one that `from.where` "
     "leaves "
     "out. The key is the source's, as it stands there, not the one the target will have.",
     "Correct the key; several columns are written as JSON: `--only "
     "'orders:{\"region\":\"eu\",\"id\":42}'`."},
    {"E317", "query refused",
     "A `query` of the plan is not one statement that only reads, the source does not understand "
     "it, or its columns have no names of their own. What would write is never run.",
     "Write one SELECT without parameters, and give each column a name with AS; `${name}` puts in "
     "a variable of the plan."},
    {"E318", "new column at the source",
     "`\"*\": keep` would take along a column that the source did not have when this plan was last "
     "applied, and `on_new_column: error`, the default under a protected profile, wants a person "
     "to decide.",
     "Name the column under `columns`, or write `on_new_column: add` or `ignore`."},
    {"E320", "file not found",
     "A connection of files has no file of that name, or none that the glob matches.",
     "Check the path; it is relative to the connection's `root`, which the message names."},
    {"E321", "file outside of its root",
     "The path leads out of the connection's `root`, by `..`, by a symbolic link or because it is "
     "absolute, or into the folder where the engine keeps its own files.",
     "Put the file beneath the root, or give a connection of its own to the folder."},
    {"E322", "file cannot be read as a table",
     "The name does not tell the format, or the header does not name the columns: it is missing, "
     "has a name twice or an empty one, or differs between the files of a glob.",
     "Say `format:`, correct the header, or name the columns with `csv: {header: false, columns: "
     "…}`."},
}};

}  // namespace

std::span<const CodeEntry> target_codes() {
  return kCodes;
}

}  // namespace engine::base
