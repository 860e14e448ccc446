#include <gtest/gtest.h>

#include "connectors/declared.h"
#include "stages/checks/declared.h"
#include "unit/plan_files.h"

namespace engine::plan {
namespace {

const std::string kHead = R"(version: 1
name: t
connections:
  a: {type: sqlite, path: a.db}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
)";

struct Case {
  const char* name;
  std::string plan;
  std::vector<std::string> mistakes;  ///< "line:column+length code message | help", all of them
};

const Case kCases[] = {
    // clang-format off
    {"unknown_key",
     kHead + R"y(tabels:
  x: {key: id}
)y",
     {R"x(1:1+1 E107 the plan lacks the key 'tables' | name at least one table)x",
     R"x(7:1+6 E106 unknown key 'tabels' | did you mean 'tables'?)x"}},
    {"duplicate_key",
     kHead + R"y(tables:
  x: {key: id}
  x: {key: id}
)y",
     {R"x(9:3+1 E103 duplicate key 'x' | it stands on line 8 too; keep one of them)x"}},
    {"wrong_kinds",
     kHead + R"y(run: {workers: four, memory: 12, atomic: plann}
tables:
  x: {key: id, level: -1, freshness: {column: c, error_after: 6}, guard: {max_delete: lots}}
)y",
     {R"x(7:16+4 E104 'workers' takes a whole number, not 'four' | )x",
     R"x(7:30+2 E104 'memory' takes a size such as 64KiB, 512MiB, not '12' | a number and one unit: KiB, MiB, GiB)x",
     R"x(7:42+5 E104 'atomic' takes one of plan, table, not 'plann' | did you mean 'plan'?)x",
     R"x(9:23+2 E104 'level' must be at least 0, not '-1' | )x",
     R"x(9:63+1 E104 'error_after' takes a duration such as 90s, 15m, 6h, 2d, not '6' | a number and one unit: ms, s, m, h or d)x",
     R"x(9:87+4 E104 'max_delete' takes a whole number, or a share such as 0.1%, not 'lots' | for example: 20%)x"}},
    {"numbers",
     kHead + R"y(run: {workers: 1_000}
tables: {x: {key: id, batch_rows: 99999999999999999999, level: 2.5}}
)y",
     {R"x(7:16+5 E104 'workers' takes a whole number, not '1_000' | write the digits without separators)x",
     R"x(8:35+20 E104 'batch_rows' takes a whole number, not '99999999999999999999' | for example: 10000)x",
     R"x(8:64+3 E104 'level' takes a whole number, not '2.5' | for example: 2)x"}},
    {"missing_keys_and_names",
     R"y(version: 1
name: t
connections:
  a: {path: a.db}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables:
  x: {key: id, checks: [{format: {column: c}}, {not_nul: [id]}, {range: {column: c, mni: 0}}, {not_null: [id], severity: warn}]}
)y",
     {R"x(4:6+1 E107 connections.a lacks the key 'type' | type: The kind of connection. For example: sqlite)x",
     R"x(8:34+1 E107 checks.format lacks the key 'as' | as: The format. For example: email)x",
     R"x(8:49+7 E113 unknown check 'not_nul' | did you mean 'not_null'?)x",
     R"x(8:85+3 E106 unknown key 'mni' | did you mean 'min'?)x",
     R"x(8:112+8 E104 a check has one key, its kind | put the others inside: - not_null: {..., severity: ...})x"}},
    {"missing_version",
     R"y(name: t
connections:
  a: {type: sqlite, path: a.db}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(1:1+1 E114 the plan does not say its version | write 'version: 1' as the first key)x"}},
    {"version_of_tomorrow",
     R"y(version: 2
name: t
connections:
  a: {type: sqlite, path: a.db}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(1:10+1 E114 version '2' is not supported | this program reads version 1)x"}},
    {"merge_key",
     kHead + R"y(tables:
  x: &x {key: id}
  y:
    <<: *x
)y",
     {R"x(10:5+2 E108 merge keys '<<' are not part of the plan language | put what tables share into 'defaults', or into a file of 'include')x"}},
    {"tag",
     kHead + R"y(tables:
  x: !mine {key: id}
)y",
     {R"x(8:6+1 E108 tags are not part of the plan language | remove the tag; every value is read as its option declares)x"}},
    {"two_documents",
     kHead + R"y(tables: {x: {key: id}}
---
version: 1
)y",
     {R"x(8:1+1 E108 a second document begins here | a plan is one document; split it with 'include' or into two files)x"}},
    {"tab",
     std::string("version: 1\nname: t\nconnections:\n  a: {type: sqlite, path: a.db}\n  b: {type: sqlite, path: b.db}\ndefaults: {source: a, target: b}\ntables:\n\tx: {key: id}\n", 151),
     {R"x(8:1+1 E102 a tab stands in the indentation | YAML is indented with spaces only; replace the tab by spaces)x"}},
    {"nul",
     std::string("version: 1\nname: t\nconnections:\n  a: {type: sqlite, path: a.db}\n  b: {type: sqlite, path: b.db}\ndefaults: {source: a, target: b}\ntables:\n  x\000: {key: id}\n", 153),
     {R"x(8:4+1 E102 a NUL byte stands in the file | remove it; a plan is plain text in UTF-8)x"}},
    {"bad_utf8",
     std::string("version: 1\nname: t\nconnections:\n  a: {type: sqlite, path: a.db}\n  b: {type: sqlite, path: b.db}\ndefaults: {source: a, target: b}\ntables:\n  x: {key: id, owner: \377\376}\n", 163),
     {R"x(8:23+1 E102 byte 0xFF is not valid UTF-8 | save the file as UTF-8)x"}},
    {"alias_cycle",
     kHead + R"y(tables:
  x: &x
    key: id
    columns: *x
)y",
     {R"x(10:14+1 E105 the alias stands inside the value it names | a plan cannot contain itself; write the value out)x"}},
    {"unset_variables",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: "${ENGINE_NOT_SET}"}
  b: {type: sqlite, path: "x-${ENGINE_NOT_SET?set it to the target}"}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(4:28+17 E110 variable 'ENGINE_NOT_SET' is not set | export ENGINE_NOT_SET=..., or write ${ENGINE_NOT_SET:-default})x",
     R"x(5:30+38 E110 variable 'ENGINE_NOT_SET' is not set | set it to the target)x"}},
    {"bad_variables",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: "${a:-${b}}"}
  b: {type: sqlite, path: "${1x}"}
defaults: {source: a, target: b}
tables: {x: {key: id, owner: "${open"}}
)y",
     {R"x(4:28+9 E110 '${a:-${b}' is no variable | write ${name}, ${NAME:-default}, ${NAME?message}, ${secret:NAME} or ${file:/path}; none may stand inside another)x",
     R"x(5:28+5 E110 '${1x}' is no variable | write ${name}, ${NAME:-default}, ${NAME?message}, ${secret:NAME} or ${file:/path}; none may stand inside another)x",
     R"x(7:31+6 E110 '${' is never closed | write ${name}, ${NAME:-default}, ${NAME?message}, ${secret:NAME} or ${file:/path}; none may stand inside another)x"}},
    {"circle_of_variables",
     kHead + R"y(vars: {p: "${q}", q: "${p}"}
tables: {x: {key: id}}
)y",
     {R"x(7:12+4 E110 variable 'q' is made of itself | give one of the variables a plain value)x",
     R"x(7:23+4 E110 variable 'p' is made of itself | give one of the variables a plain value)x"}},
    {"unused",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: a.db}
  b: {type: sqlite, path: b.db}
vars: {unused: 1, used: 2}
defaults: {batch_rows: 5, source: a, target: b}
tables: {x: {key: id, batch_rows: 7, owner: "${used}"}}
)y",
     {R"x(6:8+6 E111 nothing uses the variable 'unused' | use it as ${unused} in an option or :unused in an expression, or remove it)x",
     R"x(7:12+10 E111 no table inherits the default 'batch_rows' | every table writes it itself; remove it here)x"}},
    {"literal_password",
     R"y(version: 1
name: t
connections:
  a: {type: postgres, host: h, user: u, password: hunter2}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(4:51+7 E112 'password' holds a secret in the open | a secret does not belong in a file: write "${secret:NAME}", "${file:/run/secrets/name}" or "${NAME?set NAME}")x"}},
    {"password_in_a_url",
     R"y(version: 1
name: t
connections:
  a: {type: postgres, url: "postgres://u:hunter2@h/d"}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(4:29+24 E112 'url' holds a secret in the open | a secret does not belong in a file: write "${secret:NAME}", "${file:/run/secrets/name}" or "${NAME?set NAME}")x"}},
    {"password_through_a_variable",
     R"y(version: 1
name: t
connections:
  a: {type: postgres, password: "${p}"}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
vars: {p: hunter2}
tables: {x: {key: id}}
)y",
     {R"x(4:34+4 E112 'password' holds a secret in the open | a secret does not belong in a file: write "${secret:NAME}", "${file:/run/secrets/name}" or "${NAME?set NAME}")x"}},
    {"secret_in_a_path",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: "${secret:HOME}"}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(4:28+14 E118 a secret may not stand in 'path' | ${secret:...} and ${file:...} may only fill options that are declared secret)x"}},
    {"expressions",
     kHead + R"y(vars: {since: 1}
tables:
  x:
    key: id
    from: {table: x, where: "created >= ${since}"}
    to: ":since"
    columns:
      a: lower(trim(b)
      c: 'b + * ''x'''
      "*": kepe
)y",
     {R"x(11:41+2 E117 '${' is not allowed inside an expression | a variable is written :name here and bound as a value)x",
     R"x(12:10+6 E117 :since has no meaning in the text option 'table' | in text a variable is written ${since})x",
     R"x(14:23+1 E115 expected ')', found the end | )x",
     R"x(15:15+1 E115 expected a value, found '*' | )x",
     R"x(16:12+4 E104 '*' takes keep or drop, not 'kepe' | keep: the other source columns come along; drop: they stay behind)x"}},
    {"profile",
     kHead + R"y(profiles:
  dev: {tables: {x: {key: a}}, conections: {}, connections: {a: {type: sqlit, path: x}}}
tables: {x: {key: id}}
)y",
     {R"x(8:9+6 E122 a profile may not change 'tables' | profiles overlay connections, vars, run, limits, observe and checks.severity; never table logic)x",
     R"x(8:32+10 E106 unknown key 'conections' | did you mean 'connections'?)x",
     R"x(8:72+5 E113 unknown connection type 'sqlit' | did you mean 'sqlite'?)x"}},
    {"unclosed_mapping",
     kHead + R"y(tables:
  x: {key: id
  y: {key: id}
)y",
     {R"x(9:4+1 E101 the '{' is never closed | add '}', or a ',' between two entries)x"}},
    {"bare_variable",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: ${A}}
  b: {type: sqlite, path: b.db}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(4:27+2 E101 '${' stands outside quotes between '{' and '}' | put the text in double quotes: "${NAME}")x"}},
    {"indentation",
     kHead + R"y(tables:
  x:
    key: id
   level: 1
)y",
     {R"x(10:4+1 E101 this line does not fit the mapping around it | check the indentation: keys of one mapping stand in one column)x"}},
    {"unknown_anchor",
     kHead + R"y(tables:
  x: *nope
)y",
     {R"x(8:6+1 E101 no such anchor | an alias '*name' needs '&name' before it in the same file)x"}},
    {"definition",
     kHead + R"y(tables:
  x:
    schema: {columns: {a: txt, b: {type: int64, nullable: maybe}}, primary_key: [c]}
    columns: {a: b}
)y",
     {R"x(9:27+3 E104 'txt' is no type, in 'type' | did you mean 'text'?)x",
     R"x(9:59+5 E104 'nullable' takes true or false, not 'maybe' | write true or false)x",
     R"x(9:82+1 E314 primary_key names the column 'c', which the definition lacks | did you mean 'a'?)x",
     R"x(10:14+1 E118 'columns' stands in a table that is created only | a table with 'schema' and neither 'from' nor 'key' moves no rows: add a key, or remove it)x"}},
    {"references_and_merge",
     kHead + R"y(tables:
  x:
    key: id
    references: [{to: y}, {columns: [a], to: y, on_orphan: explode}]
    merge: {dedupe: {order_by: "a b c"}}
  y: {key: id, from: {table: a, query: "select 1"}}
)y",
     {R"x(10:18+1 E107 a reference in the list form lacks 'columns' | for example: {columns: [a, b], to: parent, fields: [a, b]})x",
     R"x(10:60+7 E104 'on_orphan' takes one of fail, null, keep, reject, not 'explode' | )x",
     R"x(11:33+5 E104 'a b c' is no order | write a source column, and desc where the largest wins)x",
     R"x(12:22+1 E118 'from' names table and query together | rows come from one place: keep one of them)x"}},
    {"empty",
     R"y()y",
     {R"x(1:1+1 E101 the plan is empty, or no mapping of keys | begin with 'version: 1', then 'connections' and 'tables')x"}},
    {"no_mapping",
     R"y(- a
- b
)y",
     {R"x(1:1+1 E101 the plan is empty, or no mapping of keys | begin with 'version: 1', then 'connections' and 'tables')x"}},
    {"nothing_where_a_value_belongs",
     kHead + R"y(tables:
  x: {key: id, from: , owner: null}
)y",
     {R"x(8:22+1 E104 'from' takes a mapping, not nothing | for example: {table: crm_contacts, where: "created >= :since"})x",
     R"x(8:31+4 E104 'owner' takes text, not nothing | for example: data-team)x"}},
    {"table_name_without_table",
     R"y(version: 1
name: t
connections:
  a: {type: sqlite, path: a.db}
  b: {type: sqlite, path: b.db, table_name: dev}
defaults: {source: a, target: b}
tables: {x: {key: id}}
)y",
     {R"x(5:45+3 E104 'table_name' lacks the word {table} | for example: "{table}-dev"; {table} stands for the plan's name)x"}},
    {"freshness",
     kHead + R"y(tables: {x: {key: id, freshness: {warn_after: 2h, error_after: 1h}}}
)y",
     {R"x(7:34+1 E107 freshness lacks the key 'column' | name the column with the time of each row)x",
     R"x(7:34+1 E118 warn_after is later than error_after | a warning comes before the error)x"}},
    // clang-format on
};

TEST(PlanMistakes, EachIsReportedWithPlaceAndCure) {
  const PlanFolder folder;
  for (const Case& one : kCases) {
    const PlanRead got = read_whole(folder.write("plan.yaml", one.plan));
    EXPECT_EQ(got.mistakes(), one.mistakes) << one.name;
  }
}

TEST(PlanMistakes, ALiteralSecretIsNeverShown) {
  const PlanFolder folder;
  const PlanRead got = read_whole(folder.write(
      "plan.yaml",
      "version: 1\nconnections: {a: {type: postgres, password: hunter2}}\ntables: {}\n"));
  EXPECT_EQ(got.diagnostics.render_all().find("hunter2"), std::string::npos);
  EXPECT_NE(got.diagnostics.render_all().find("password: *******"), std::string::npos);
}

TEST(PlanMistakes, AliasBombsEndEarly) {
  const PlanFolder folder;
  std::string plan = kHead + "vars:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    plan += fmt::format("  {0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n",
                        name, static_cast<char>(name - 1));
  }
  EXPECT_EQ(read_whole(folder.write("plan.yaml", plan + "tables: {x: {key: id}}\n")).codes(),
            "E105 ");
}

TEST(PlanMistakes, DeepNestingIsRefused) {
  const PlanFolder folder;
  const std::string open(5000, '[');
  EXPECT_EQ(read_whole(folder.write("plan.yaml", kHead + "tables: " + open + "\n")).codes(),
            "E105 ");
}

TEST(PlanMistakes, AHugeFileIsRefused) {
  const PlanFolder folder;
  const std::string file = folder.write("plan.yaml", kHead);
  std::filesystem::resize_file(file, (std::uintmax_t{64} << 20) + 1);
  EXPECT_EQ(read_whole(file).codes(), "E105 ");
}

TEST(PlanMistakes, AMissingFileIsOneMistake) {
  const PlanFolder folder;
  const PlanRead got = read_whole((folder.path() / "none.yaml").string());
  EXPECT_EQ(got.codes(), "E205 ");
  EXPECT_FALSE(got.plan.has_value());
}

TEST(PlanMistakes, IncludesStayInsideTheProject) {
  const PlanFolder folder;
  folder.write(".engine-root", "");
  folder.write("plans/inc.yaml", "version: 1\nvars: {q: 1}\ntables: {x: {key: id}}\n");
  folder.write("plans/loop.yaml", "include: [loop.yaml]\n");
  std::filesystem::create_symlink("/etc", folder.path() / "plans/out");
  const PlanRead got = read_whole(folder.write(
      "plans/plan.yaml",
      kHead + "include: [../../../etc/passwd, out/passwd, none.yaml, loop.yaml, inc.yaml]\n"
              "tables: {x: {key: id, owner: \"${q}\"}}\n"));
  EXPECT_EQ(got.codes(), "E109 E109 E109 E109 E109 E121 ") << got.diagnostics.render_all();
}

TEST(PlanMistakes, OfAnUnknownProfileAndVariable) {
  const PlanFolder folder;
  const std::string file =
      folder.write("plan.yaml", kHead +
                                    "profiles: {production: {}}\nvars: {since: 1}\n"
                                    "tables: {x: {key: id, owner: \"${since}\"}}\n");
  const PlanRead got = read_whole(file, {.profile = "prodution", .set = {{"sinse", "2"}}});
  EXPECT_EQ(got.codes(), "E113 E113 ");
  EXPECT_NE(got.diagnostics.render_all().find("did you mean 'production'?"), std::string::npos);
  EXPECT_NE(got.diagnostics.render_all().find("did you mean 'since'?"), std::string::npos);
}

TEST(PlanMistakes, OfflineAnUnsetVariableIsUnknownNotWrong) {
  const PlanFolder folder;
  const std::string file =
      folder.write("plan.yaml",
                   "version: 1\nconnections:\n  a: {type: postgres, password: \"${file:/none}\"}\n"
                   "  b: {type: sqlite, path: \"${ENGINE_NOT_SET}\"}\n"
                   "defaults: {source: a, target: b}\ntables: {x: {key: id}}\n");
  const PlanRead got = read_whole(file, {.offline = true});
  EXPECT_EQ(got.diagnostics.render_all(), "");
  EXPECT_EQ(got.plan->unknown_vars, std::vector<std::string>{"ENGINE_NOT_SET"});
  EXPECT_TRUE(got.plan->connection("b")->options.find("path")->unknown);
}

}  // namespace
}  // namespace engine::plan
