#pragma once

#include <optional>
#include <vector>

#include "compile/binding.h"

namespace engine::compile {

/// Tables with `key: catalog` whose source declares no primary key are a mistake, one for all
/// tables of an entry (E312).
void require_primary_keys(Binding& work);

/// The primary key of a table's source in the target's names; nullopt after a mistake was reported.
/// Empty where the source declares none and the merge mode needs none.
std::optional<std::vector<base::Located>> catalog_key(Binding& work, std::size_t at);

}  // namespace engine::compile
