#pragma once

#include <optional>
#include <string_view>

#include "stages/checks/binder.h"

namespace engine::stages {

/// A kind of check: how it is called in plans, what it judges when the plan does not say, and who
/// reads its options. nullopt after a mistake, which was reported, and offline.
struct CheckKind {
  std::string_view name;
  plan::CheckScope scope;
  std::optional<KindBinding> (*bind)(CheckBinder& binder);
};

/// nullptr when this version has no such kind.
const CheckKind* find_check_kind(std::string_view name);

std::optional<KindBinding> bind_not_null(CheckBinder& binder);
std::optional<KindBinding> bind_unique(CheckBinder& binder);
std::optional<KindBinding> bind_primary_key(CheckBinder& binder);
std::optional<KindBinding> bind_accepted_values(CheckBinder& binder);
std::optional<KindBinding> bind_format(CheckBinder& binder);
std::optional<KindBinding> bind_regex(CheckBinder& binder);
std::optional<KindBinding> bind_range(CheckBinder& binder);
std::optional<KindBinding> bind_length(CheckBinder& binder);
std::optional<KindBinding> bind_type(CheckBinder& binder);
std::optional<KindBinding> bind_relationships(CheckBinder& binder);
std::optional<KindBinding> bind_row_count(CheckBinder& binder);
std::optional<KindBinding> bind_row_count_match(CheckBinder& binder);
std::optional<KindBinding> bind_schema(CheckBinder& binder);
std::optional<KindBinding> bind_reconcile(CheckBinder& binder);
std::optional<KindBinding> bind_expression(CheckBinder& binder);

}  // namespace engine::stages
