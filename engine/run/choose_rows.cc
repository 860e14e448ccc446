#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "data/value.h"
#include "run/chosen_rows.h"

namespace engine::run {
namespace {

using compile::BoundTable;
using compile::Part;
using nlohmann::json;

/// A quarter of the run's memory may hold keys.
constexpr std::uint64_t kShareOfMemory = 4;

[[noreturn]] void bad_key(const BoundTable& table, const std::string& text,
                          const std::string& why) {
  std::string shape = table.source_key.size() == 1 ? table.name + ":KEY" : "";
  if (shape.empty()) {
    nlohmann::ordered_json object;
    for (const std::string& name : table.source_key) object[name] = "...";
    shape = "'" + table.name + ":" + object.dump() + "'";
  }
  throw base::Error(base::Fault::kUsage, "E100", "--only " + table.name + ":" + text + ": " + why,
                    "the key is the source's (" + base::join(table.source_key, ", ") +
                        "); write --only " + shape);
}

/// Texts of the key's columns, as `--only` gives them.
std::vector<std::string> key_texts(const BoundTable& table, const std::string& text) {
  if (table.source_key.size() == 1 && !text.starts_with('{')) return {text};
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) bad_key(table, text, "the key is no JSON object");
  std::vector<std::string> texts;
  for (const std::string& name : table.source_key) {
    const auto value = object.find(name);
    if (value == object.end()) bad_key(table, text, "the key lacks the column " + name);
    if (value->is_structured() || value->is_null()) {
      bad_key(table, text, "the key's column " + name + " is no value");
    }
    texts.push_back(value->is_string() ? value->get<std::string>() : value->dump());
  }
  for (const auto& [name, value] : object.items()) {
    const auto& names = table.source_key;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto near = base::nearest(name, names);
    bad_key(table, text,
            "the key has no column " + base::quoted(name) +
                (near ? "; did you mean '" + *near + "'?" : ""));
  }
  return texts;
}

data::Batch read_key(const BoundTable& table, const std::string& text) {
  if (table.source_key.empty()) bad_key(table, text, "the key is made of no column of the source");
  const std::vector<std::string> texts = key_texts(table, text);
  auto schema = std::make_shared<data::Schema>();
  data::Batch key{.schema = nullptr, .columns = {}, .rows = 1, .errors = {}};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto place = table.read.columns.find(table.source_key[i]);
    if (!place) base::bug("the source key's column " + table.source_key[i] + " is not read");
    const data::Field& field = table.read.columns.fields[*place];
    const auto value = data::parse_value(field.type, texts[i]);
    if (!value) {
      bad_key(table, text, base::quoted(texts[i]) + " is no " + data::type_name(field.type));
    }
    data::ColumnBuilder builder(field.type);
    data::append_value(builder, *value);
    key.columns.push_back(builder.finish());
    schema->fields.push_back(field);
  }
  key.schema = std::move(schema);
  return key;
}

Seed seed_of(const BoundTable& table, const compile::Selection& selection) {
  Seed seed;
  bool named = selection.only.empty();
  bool keyed = false;
  for (const compile::Selection::Only& one : selection.only) {
    if (one.table != table.name) continue;
    named = true;
    if (one.key.empty()) continue;
    keyed = true;
    seed.keys.push_back(read_key(table, one.key));
  }
  if (!named || keyed) return seed;
  if (!table.create_only) seed.limit = compile::row_limit(*table.spec, selection);
  if (seed.limit) return seed;
  seed.whole = selection.only.empty();
  seed.alone = !seed.whole;
  return seed;
}

bool is_partial(const std::vector<Seed>& seeds) {
  return std::any_of(seeds.begin(), seeds.end(),
                     [](const Seed& seed) { return seed.limit || !seed.keys.empty(); });
}

bool limits_rows(const compile::Bound& bound) {
  return std::any_of(bound.tables.begin(), bound.tables.end(),
                     [](const BoundTable& table) { return table.spec->limit.has_value(); });
}

void settle(compile::Bound& bound, const std::vector<Seed>& seeds, Closure closure) {
  for (std::size_t at = 0; at < bound.tables.size(); ++at) {
    BoundTable& table = bound.tables[at];
    if (seeds[at].whole || seeds[at].alone) continue;
    table.chosen = std::move(closure.tables[at].keys);
    const bool taken = !table.chosen.empty() || seeds[at].limit.has_value();
    table.part = taken ? Part::kChosen : Part::kNone;
  }
}

}  // namespace

std::string choose_rows(compile::Bound& bound, const Wanted& wanted, Session& session,
                        const expr::Context& context, std::uint64_t memory) {
  if (!wanted.any() && !limits_rows(bound)) return {};
  compile::Selection selection;
  selection.limit = wanted.limit;
  for (const std::string& text : wanted.only) {
    selection.only.push_back(compile::read_only(bound, text));
  }
  std::vector<Seed> seeds;
  for (const BoundTable& table : bound.tables) seeds.push_back(seed_of(table, selection));
  bound.partial = is_partial(seeds);
  SessionRows rows(session, bound, context);
  settle(bound, seeds, close_over(bound, seeds, rows, context, memory / kShareOfMemory));
  compile::leave_out(bound);
  return selection.text().empty() ? "limits of the plan" : selection.text();
}

}  // namespace engine::run
