#pragma once

#include <memory>

#include "stages/checks/binder.h"

namespace engine::stages {

/// No two rows agree in the frame's columns; rows with a NULL among them are not compared, and with
/// `nulls_fail` break the rule by themselves. Every row but the first of its equals counts as
/// failing.
///
/// Where the columns are the table's key and rows come in its order, equal rows are neighbours and
/// nothing needs to be remembered; else the keys go to a spool, whose memory is bounded.
KindBinding uniqueness(CheckBinder& binder, std::vector<std::size_t> columns, Phrase phrase,
                       bool nulls_fail);

}  // namespace engine::stages
