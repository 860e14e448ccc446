#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/connection.h"
#include "data/value.h"

namespace engine::conformance {

/// A store without SQL, schema changes or transactions: rows by key bytes, written one by one. What
/// a document store would be like, in memory.
struct ToyCell {
  data::Value value;
  bool spoiled = false;  ///< holds something that is not of the column's type
};
using ToyRow = std::vector<ToyCell>;

struct ToyTable {
  data::Schema schema;
  std::vector<std::string> key;
  std::map<std::string, ToyRow> rows;  ///< by key bytes, in their order
};

struct ToyUndo {
  std::string run_id, step, table;
  std::int64_t expires_us = 0;
  std::string block;
};

struct ToyStore {
  std::map<std::string, ToyTable> tables;
  std::optional<connect::LockRow> lock;
  std::vector<connect::LedgerRow> ledger;
  std::vector<ToyUndo> undo;
  std::uint64_t version = 0;  ///< counts the writes of everybody
};
using ToyStorePtr = std::shared_ptr<ToyStore>;

/// "before images" and digests of the toy: length-prefixed value texts, NULL apart.
std::string toy_wire(const ToyRow& row);
ToyRow toy_row(const std::string& wire, const data::Schema& schema);
std::string toy_key_text(const ToyTable& table, const ToyRow& row);

std::unique_ptr<connect::Connection> open_toy(ToyStorePtr store, connect::OpenMode mode);
/// `seen` is the version at the connection's first read.
using SeenVersion = std::shared_ptr<std::optional<std::uint64_t>>;
std::unique_ptr<connect::Publisher> toy_publisher(ToyStorePtr store, SeenVersion seen);
std::unique_ptr<connect::Ledger> toy_ledger(ToyStorePtr store);
std::unique_ptr<connect::Source> toy_source(const ToyStore& store,
                                            const connect::ReadRequest& request);

}  // namespace engine::conformance
