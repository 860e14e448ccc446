#pragma once

#include <string>

#include "connect/catalog.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// SQL that a plan wrote. It is compiled under an authorizer that allows reading alone, so that no
/// form of writing passes: no ATTACH, no PRAGMA, no loading of code. The handle is locked
/// meanwhile.

/// What it gives, or why it is refused: not one statement, no reading one, with parameters, or with
/// columns of one name.
connect::QueryInfo query_info(Database& database, const std::string& sql);
/// Throws E317 where query_info refuses.
Statement prepare_query(Database& database, const std::string& sql);

}  // namespace engine::connectors::sqlite
