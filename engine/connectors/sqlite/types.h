#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/type.h"

namespace engine::connectors::sqlite {

/// What a column does to values of other storage classes (https://www.sqlite.org/datatype3.html,
/// section 3.1).
enum class Affinity { kText, kNumeric, kInteger, kReal, kBlob };

/// By the store's own rules on the declared name; a STRICT table's ANY changes nothing.
Affinity affinity_of(std::string_view declared, bool strict);

/// The engine's type of a column by its declared name. Names are compared without case; a name the
/// table below does not have is judged by its affinity, numeric affinity and no name at all being
/// text.
data::Type type_of_declared(std::string_view declared);

/// What a table made by the engine declares. Decimals, numbers and times have names that hold TEXT,
/// so that the store's affinity leaves their digits alone, and that no other program uses, so that
/// they come back as the same type. Throws E314 for types the store cannot hold (document,
/// nanoseconds).
std::string declared_of_type(const data::Type& type);

/// The one table of names, in both directions, for the reference page.
struct TypeName {
  std::string declared;  ///< "DECIMAL(p,s)"
  std::string type;      ///< "decimal(p,s)"
  bool created = false;  ///< the name that created tables use for the type
};
std::vector<TypeName> type_names();

}  // namespace engine::connectors::sqlite
