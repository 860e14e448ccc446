#include <algorithm>
#include <utility>

#include "base/text.h"
#include "compile/binding.h"
#include "compile/circles.h"
#include "compile/id_rules.h"
#include "expr/ids.h"
#include "expr/pieces.h"
#include "stages/checks/key_conversion.h"

namespace engine::compile {
namespace {

expr::IdRecipe recipe_of(const Binding& work, const plan::IdMap& map, std::size_t parent) {
  expr::IdRecipe recipe;
  recipe.hmac = map.method == plan::IdMethod::kHmacSha256;
  recipe.key = map.key;
  recipe.name_space = map.name_space;
  recipe.table = work.result.tables[parent].name;
  std::string problem;
  if (map.format) {
    recipe.format = expr::parse_id_format(map.format->text, problem).value_or(expr::IdFormat{});
  }
  return recipe;
}

/// The value itself, as the column that it goes to wants it.
expr::NodePtr keep_value(Binding& work, std::size_t at, const base::Span& span,
                         const expr::NodePtr& value, const std::optional<data::Type>& wanted) {
  if (!wanted || expr::type_of(*value) == *wanted) return value;
  expr::NodePtr widened = expr::widen_node(value, *wanted);
  if (widened != nullptr) return widened;
  work.fail(at, "E304", span,
            "the kept id is " + data::type_name(expr::type_of(*value)) + ", the column is " +
                data::type_name(*wanted),
            "give the column the type of the source's key");
  return nullptr;
}

expr::NodePtr hash_values(Binding& work, std::size_t at, const base::Span& span,
                          const expr::IdRecipe& recipe, std::vector<expr::NodePtr> values,
                          const std::optional<data::Type>& wanted) {
  std::string problem;
  expr::NodePtr node = expr::id_node(recipe, std::move(values), wanted, problem);
  if (node == nullptr) {
    work.fail(at, "E304", span, problem,
              "choose a 'format' of the id map that the column can hold: uuid and hex are texts, "
              "int63 is a number");
  }
  return node;
}

/// The child's value must be comparable with the parent's key column.
bool fits_parent(Binding& work, std::size_t at, const plan::Reference& reference, std::size_t part,
                 const data::Type& child, const data::Field& parent) {
  if (stages::keys_comparable(child, parent.type)) return true;
  work.fail(at, "E310", reference.columns[part].span,
            "'" + reference.columns[part].text + "' is " + data::type_name(child) + ", the key " +
                reference.to.text + "." + parent.name + " is " + data::type_name(parent.type),
            "cast the child's column to the type of the parent's");
  return false;
}

}  // namespace

const plan::Reference* remap_into(const plan::Table& table, const std::string& column) {
  for (const plan::Reference& reference : table.references) {
    if (reference.via && reference_column(reference).text == column) return &reference;
  }
  return nullptr;
}

expr::NodePtr bind_own_id(Binding& work, std::size_t at, const plan::ColumnRule& rule,
                          const std::optional<data::Type>& wanted) {
  BoundTable& table = work.result.tables[at];
  const plan::IdMap& map = *work.plan.id_map(rule.id->text);
  BoundId bound{map.name.text, {}, {}, table.comparison.written.size()};
  expr::IdRecipe recipe = recipe_of(work, map, at);
  std::vector<expr::NodePtr> values;
  for (const base::Located& name : map.from) {
    const std::size_t position = *table.read.columns.find(name.text);
    bound.from.push_back(name.text);
    bound.read.push_back(position);
    recipe.key_types.push_back(table.read.columns.fields[position].type);
    values.push_back(expr::column_node(table.read.columns, position));
  }
  table.ids.push_back(std::move(bound));
  if (map.method == plan::IdMethod::kKeep) {
    return keep_value(work, at, rule.id->span, values.front(), wanted);
  }
  return hash_values(work, at, rule.id->span, recipe, std::move(values), wanted);
}

expr::NodePtr bind_remap(Binding& work, std::size_t at, const plan::Reference& reference,
                         std::vector<expr::NodePtr> values,
                         const std::optional<data::Type>& wanted) {
  const plan::IdMap& map = *work.plan.id_map(reference.via->text);
  const base::Span& span = reference.via->span;
  if (map.method == plan::IdMethod::kKeep) {
    return keep_value(work, at, span, values.front(), wanted);
  }
  const std::size_t parent = work.result.graph.find(reference.to.text);
  expr::IdRecipe recipe = recipe_of(work, map, parent);
  for (std::size_t i = 0; i < map.from.size(); ++i) {
    const data::Schema& keys = work.source_schemas[parent];
    const auto position = keys.find(map.from[i].text);
    if (!position) return nullptr;  // the parent has a mistake of its own
    const data::Field& key = keys.fields[*position];
    if (!fits_parent(work, at, reference, i, expr::type_of(*values[i]), key)) return nullptr;
    recipe.key_types.push_back(key.type);
  }
  return hash_values(work, at, span, recipe, std::move(values), wanted);
}

plan::Reference judged_reference(const Binding& work, const plan::Reference& reference) {
  plan::Reference judged = reference;
  if (!reference.via) return judged;
  judged.columns = {reference_column(reference)};
  const plan::Table& parent = *work.result.graph.tables[work.result.graph.find(reference.to.text)];
  if (const plan::ColumnRule* rule = id_rule(parent, reference.via->text)) {
    judged.fields = {rule->name};
  }
  return judged;
}

namespace {

/// The reference's column takes NULL in the target.
bool can_wait(const Binding& work, const Edge& edge) {
  if (edge.late || edge.reference == nullptr) return edge.late;
  const BoundTable& child = work.result.tables[edge.child];
  const plan::Reference judged = judged_reference(work, *edge.reference);
  return std::any_of(judged.columns.begin(), judged.columns.end(), [&](const auto& name) {
    const auto column = child.comparison.written.find(name.text);
    if (!column) return false;
    return child.comparison.written.fields[*column].nullable && !child.comparison.in_key(*column);
  });
}

}  // namespace

void break_circles(Binding& work) {
  Graph& graph = work.result.graph;
  if (graph.circles.empty()) return;
  for (const std::vector<std::size_t>& circle : graph.circles) {
    if (std::any_of(circle.begin(), circle.end(), [&](auto at) { return work.broken[at]; })) return;
  }
  order_tables(graph, [&](const Edge& edge) { return can_wait(work, edge); });
  for (std::size_t at = 0; at < graph.levels.size(); ++at) {
    work.result.tables[at].level = graph.levels[at];
  }
  if (!graph.order.empty()) return;
  const std::vector<const Edge*> circle = unbroken_circle(graph);
  work.diagnostics.error(
      "E306", circle.front()->span, "tables wait for each other: " + circle_text(graph, circle),
      "none of these columns takes NULL in the target; let one of them do so, or remove an edge");
}

}  // namespace engine::compile
