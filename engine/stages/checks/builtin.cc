#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

using plan::CheckScope;

constexpr CheckKind kKinds[] = {
    {"not_null", CheckScope::kRun, bind_not_null},
    {"unique", CheckScope::kTable, bind_unique},
    {"primary_key", CheckScope::kTable, bind_primary_key},
    {"accepted_values", CheckScope::kRun, bind_accepted_values},
    {"format", CheckScope::kRun, bind_format},
    {"regex", CheckScope::kRun, bind_regex},
    {"range", CheckScope::kRun, bind_range},
    {"length", CheckScope::kRun, bind_length},
    {"type", CheckScope::kRun, bind_type},
    {"relationships", CheckScope::kTable, bind_relationships},
    {"row_count", CheckScope::kTable, bind_row_count},
    {"row_count_match", CheckScope::kRun, bind_row_count_match},
    {"schema", CheckScope::kTable, bind_schema},
    {"reconcile", CheckScope::kTable, bind_reconcile},
    {"expression", CheckScope::kRun, bind_expression},
};

}  // namespace

const CheckKind* find_check_kind(std::string_view name) {
  for (const CheckKind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace engine::stages
