#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/type.h"
#include "expr/node.h"

namespace engine::expr {

/// Casts. cast(x as type) means what PostgreSQL 15 means, with these differences: text forms are
/// the engine's own (value_text.h), and nothing that would need a time zone is guessed.
///   text to any type          spaces around it are ignored; what does not parse refuses the row
///   (E404) any type to text          never fails decimal, number to int64  rounds half away from
///   zero; float64 to int64 rounds half to even to decimal(p,s)           rounds half away from
///   zero to s digits; too large refuses the row (E405) float64 to decimal        takes 15
///   significant digits first timestamp to date         drops the time of day

/// Whether values of one type become the other without a written cast: nothing is lost; what does
/// not fit refuses the row.
bool widens(const data::Type& from, const data::Type& to);

/// The node's value in the type, as a written cast does it; nullptr when there is no such cast.
NodePtr make_cast(const NodePtr& node, const data::Type& to);
/// What to write instead of a cast that does not exist; may be empty.
std::string instead_of_cast(const data::Type& from, const data::Type& to);

/// A canonical number at a scale, rounded half away from zero; nullopt when it needs more digits
/// than the precision has.
std::optional<data::Int128> round_number(std::string_view canonical, int precision, int scale);

/// The double nearest to a decimal or canonical number.
double nearest_double(std::string_view number);

}  // namespace engine::expr
