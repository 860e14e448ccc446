#include "compile/id_rules.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "expr/ids.h"

namespace engine::compile {
namespace {

/// The offline checks of one plan.
class IdRules {
 public:
  IdRules(const plan::Plan& plan, const Graph& graph, base::Diagnostics& diagnostics)
      : plan_(plan), graph_(graph), diagnostics_(diagnostics) {}

  void check_map(const plan::IdMap& map) {
    check_key(map);
    if (map.method == plan::IdMethod::kKeep) {
      if (map.from.size() > 1) {
        conflict(map.from[1].span, "id map '" + map.name.text + "' keeps several columns as one id",
                 "method keep takes one column; with several, hash them: method: sha256");
      }
      if (map.format) {
        conflict(map.format->span, "'format' stands beside method: keep, which makes no id",
                 "remove 'format', or hash: method: sha256");
      }
    }
    std::string problem;
    if (!map.format || expr::parse_id_format(map.format->text, problem)) return;
    diagnostics_.error("E104", map.format->span,
                       base::quoted(map.format->text) + " is no format of ids", problem);
  }

  void check_columns(const plan::Table& table) {
    for (const plan::ColumnRule& rule : table.columns) {
      if (!rule.id || find(*rule.id) == nullptr) continue;
      if (rule.default_value || rule.type || rule.format || rule.zone || rule.dst) {
        conflict(rule.id->span, "'id' stands beside other keys of the column",
                 "an id is made from the source key alone; write {id: " + rule.id->text + "}");
      }
    }
  }

  void check_reference(const plan::Table& child, const plan::Reference& reference) {
    check_orphans(reference);
    if (!reference.via) {
      if (reference.into) {
        conflict(reference.into->span, "'into' stands without 'via'",
                 "'into' takes the new id that an id map makes; name the map with 'via'");
      }
      return;
    }
    const plan::IdMap* map = find(*reference.via);
    if (map == nullptr) return;
    check_counts(reference, *map);
    check_parent(reference);
    check_filled_once(child, reference);
  }

 private:
  void conflict(const base::Span& span, const std::string& message, const std::string& help) {
    diagnostics_.error("E118", span, message, help);
  }

  const plan::IdMap* find(const base::Located& name) {
    if (const plan::IdMap* map = plan_.id_map(name.text)) return map;
    std::vector<std::string> names;
    for (const plan::IdMap& map : plan_.ids) names.push_back(map.name.text);
    const auto near = base::nearest(name.text, names);
    diagnostics_.error("E113", name.span, "unknown id map '" + name.text + "'",
                       near            ? "did you mean '" + *near + "'?"
                       : names.empty() ? "describe it under 'ids:'"
                                       : "there are: " + base::join(names, ", "));
    return nullptr;
  }

  void check_key(const plan::IdMap& map) {
    const bool hmac = map.method == plan::IdMethod::kHmacSha256;
    if (hmac && !map.has_key) {
      diagnostics_.error("E107", map.name.span,
                         "id map '" + map.name.text + "' lacks the key of hmac_sha256",
                         "write 'key: \"${secret:NAME}\"'");
    }
    if (!hmac && map.has_key) {
      conflict(map.name.span, "id map '" + map.name.text + "' has a key that nothing uses",
               "a key makes ids that cannot be guessed with method: hmac_sha256");
    }
  }

  void check_orphans(const plan::Reference& reference) {
    if (!reference.max_orphans || reference.on_orphan != plan::OnOrphan::kFail) return;
    conflict(reference.max_orphans->text.span,
             "'max_orphans' stands beside on_orphan: fail, which lets none pass",
             "say what becomes of them: on_orphan: null, keep or reject");
  }

  void check_counts(const plan::Reference& reference, const plan::IdMap& map) {
    if (reference.columns.size() != map.from.size()) {
      diagnostics_.error("E310", reference.span,
                         "the reference names " + std::to_string(reference.columns.size()) +
                             (reference.columns.size() == 1 ? " column" : " columns") +
                             ", id map '" + map.name.text + "' is made from " +
                             std::to_string(map.from.size()),
                         "name one column for each of: " + from_text(map));
    }
    if (reference.columns.size() < 2 || reference.into) return;
    diagnostics_.error("E107", reference.span,
                       "a reference of several columns with 'via' lacks 'into'",
                       "name the child's column that takes the one new id");
  }

  static std::string from_text(const plan::IdMap& map) {
    std::vector<std::string> names;
    for (const base::Located& name : map.from) names.push_back(name.text);
    return base::join(names, ", ");
  }

  void check_parent(const plan::Reference& reference) {
    const std::size_t at = graph_.covering(reference.to.text);
    if (at == graph_.tables.size()) return;  // E310 of its own
    const plan::ColumnRule* rule = id_rule(*graph_.tables[at], reference.via->text);
    if (rule == nullptr) {
      diagnostics_.error("E310", reference.via->span,
                         "table '" + reference.to.text + "' has no column with ids of '" +
                             reference.via->text + "'",
                         "give it one under 'columns:', for example id: {id: " +
                             reference.via->text + "}, or leave 'via' away");
      return;
    }
    if (reference.fields.empty()) return;
    if (reference.fields.size() == 1 && reference.fields.front().text == rule->name.text) return;
    diagnostics_.error("E310", reference.fields.front().span,
                       "a reference via '" + reference.via->text + "' leads to " +
                           reference.to.text + "." + rule->name.text,
                       "leave 'fields' away, or name that one column");
  }

  void check_filled_once(const plan::Table& child, const plan::Reference& reference) {
    if (reference.columns.size() > 1 && !reference.into) return;
    const base::Located& filled = reference_column(reference);
    for (const plan::ColumnRule& rule : child.columns) {
      if (rule.name.text != filled.text) continue;
      if (!rule.id && !reference.into) continue;
      conflict(rule.name.span, "column '" + filled.text + "' is filled by a reference as well",
               "keep one of them");
    }
    for (const plan::Reference& other : child.references) {
      if (&other >= &reference || !other.via || (other.columns.size() > 1 && !other.into)) continue;
      if (reference_column(other).text != filled.text) continue;
      conflict(reference.span, "column '" + filled.text + "' takes ids of two references",
               "keep one of them, or give it a column of its own with 'into'");
    }
  }

  const plan::Plan& plan_;
  const Graph& graph_;
  base::Diagnostics& diagnostics_;
};

}  // namespace

const plan::ColumnRule* id_rule(const plan::Table& table, std::string_view map) {
  const auto found =
      std::find_if(table.columns.begin(), table.columns.end(),
                   [&](const plan::ColumnRule& rule) { return rule.id && rule.id->text == map; });
  return found == table.columns.end() ? nullptr : &*found;
}

const base::Located& reference_column(const plan::Reference& reference) {
  return reference.into ? *reference.into : reference.columns.front();
}

void check_ids(const plan::Plan& plan, const Graph& graph, base::Diagnostics& diagnostics) {
  IdRules rules(plan, graph, diagnostics);
  for (const plan::IdMap& map : plan.ids) rules.check_map(map);
  for (const plan::Table* table : graph.tables) {
    rules.check_columns(*table);
    for (const plan::Reference& reference : table->references) {
      if (!reference.columns.empty()) rules.check_reference(*table, reference);
    }
  }
}

}  // namespace engine::compile
