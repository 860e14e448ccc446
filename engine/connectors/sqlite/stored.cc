#include "connectors/sqlite/stored.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using Class = Stored::Class;
constexpr std::size_t kShownBytes = 200;

[[noreturn]] void throw_broken() {
  throw base::Error(base::Fault::kState, "E503", "an undo record is broken: it holds no row",
                    "the undo of this run cannot be trusted; restore the rows from a backup");
}

template <typename T>
void append_fixed(std::string& out, Class storage, T value) {
  char bytes[1 + sizeof(T)];
  bytes[0] = static_cast<char>(storage);
  std::memcpy(bytes + 1, &value, sizeof(T));
  out.append(bytes, sizeof(bytes));
}

std::string_view take(std::string_view& wire, std::size_t size) {
  if (size > wire.size()) throw_broken();
  const auto part = wire.substr(0, size);
  wire.remove_prefix(size);
  return part;
}

template <typename T>
T take_fixed(std::string_view& wire) {
  T value;
  std::memcpy(&value, take(wire, sizeof(T)).data(), sizeof(T));
  return value;
}

Stored take_value(std::string_view& wire) {
  Stored out;
  const auto storage = take_fixed<std::uint8_t>(wire);
  if (storage > static_cast<std::uint8_t>(Class::kBlob)) throw_broken();
  out.storage = static_cast<Class>(storage);
  if (out.storage == Class::kInteger) out.integer = take_fixed<std::int64_t>(wire);
  if (out.storage == Class::kReal) out.real = take_fixed<double>(wire);
  if (out.storage == Class::kText || out.storage == Class::kBlob) {
    out.bytes = take(wire, take_fixed<std::uint32_t>(wire));
  }
  return out;
}

}  // namespace

// A text is asked for before its length: that is what turns the UTF-16 of some databases into
// UTF-8.
Stored stored_value(sqlite3_value* value) {
  Stored out;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      out.storage = Class::kInteger;
      out.integer = sqlite3_value_int64(value);
      break;
    case SQLITE_FLOAT:
      out.storage = Class::kReal;
      out.real = sqlite3_value_double(value);
      break;
    case SQLITE_TEXT: {
      out.storage = Class::kText;
      const auto* const bytes = sqlite3_value_text(value);
      out.bytes = {reinterpret_cast<const char*>(bytes),
                   static_cast<std::size_t>(sqlite3_value_bytes(value))};
      break;
    }
    case SQLITE_BLOB: {
      out.storage = Class::kBlob;
      const auto* const bytes = sqlite3_value_blob(value);
      out.bytes = {static_cast<const char*>(bytes),
                   static_cast<std::size_t>(sqlite3_value_bytes(value))};
      break;
    }
    default:
      break;
  }
  return out;
}

void bind_stored(Statement& statement, int parameter, const Stored& value) {
  switch (value.storage) {
    case Class::kNull:
      statement.bind_null(parameter);
      break;
    case Class::kInteger:
      statement.bind(parameter, value.integer);
      break;
    case Class::kReal:
      statement.bind_real(parameter, value.real);
      break;
    case Class::kText:
      statement.bind_text(parameter, value.bytes);
      break;
    case Class::kBlob:
      statement.bind_blob(parameter, value.bytes);
      break;
  }
}

void append_wire(std::string& out, const Stored& value) {
  switch (value.storage) {
    case Class::kNull:
      out.push_back('\0');
      break;
    case Class::kInteger:
      append_fixed(out, value.storage, value.integer);
      break;
    case Class::kReal:
      append_fixed(out, value.storage, value.real);
      break;
    case Class::kText:
    case Class::kBlob:
      append_fixed(out, value.storage, static_cast<std::uint32_t>(value.bytes.size()));
      out.append(value.bytes);
      break;
  }
}

namespace {

std::size_t wire_size(const Stored& value) {
  switch (value.storage) {
    case Class::kNull:
      return 1;
    case Class::kInteger:
    case Class::kReal:
      return 1 + sizeof(std::int64_t);
    case Class::kText:
    case Class::kBlob:
      break;
  }
  return 1 + sizeof(std::uint32_t) + value.bytes.size();
}

template <typename T>
char* put(char* at, T value) {
  std::memcpy(at, &value, sizeof(T));
  return at + sizeof(T);
}

char* put_wire(char* at, const Stored& value) {
  *at++ = static_cast<char>(value.storage);
  switch (value.storage) {
    case Class::kNull:
      return at;
    case Class::kInteger:
      return put(at, value.integer);
    case Class::kReal:
      return put(at, value.real);
    case Class::kText:
    case Class::kBlob:
      break;
  }
  at = put(at, static_cast<std::uint32_t>(value.bytes.size()));
  return std::copy(value.bytes.begin(), value.bytes.end(), at);
}

}  // namespace

void wire_of_row(std::string& out, const std::vector<Stored>& row) {
  std::size_t size = 0;
  for (const Stored& value : row) size += wire_size(value);
  out.resize(size);
  char* at = out.data();
  for (const Stored& value : row) at = put_wire(at, value);
}

std::vector<Stored> parse_wire(std::string_view wire) {
  std::vector<Stored> out;
  while (!wire.empty()) out.push_back(take_value(wire));
  return out;
}

std::string wire_of_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) append_wire(out, {.storage = Class::kText, .bytes = name});
  return out;
}

std::vector<std::string> names_of_wire(std::string_view wire) {
  std::vector<std::string> out;
  for (const auto& value : parse_wire(wire)) out.emplace_back(value.bytes);
  return out;
}

std::string text_of(const Stored& value) {
  std::string out;
  switch (value.storage) {
    case Class::kNull:
      return "NULL";
    case Class::kInteger:
      return std::to_string(value.integer);
    case Class::kReal:
      data::append_float64(out, value.real);
      return out;
    case Class::kText:
      return std::string(value.bytes.substr(0, kShownBytes));
    case Class::kBlob:
      return "\\x" + base::hex(value.bytes.substr(0, kShownBytes / 2));
  }
  return out;
}

std::string key_text(const std::vector<std::string>& names, const std::vector<Stored>& key) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < key.size(); ++i) {
    out += (i == 0 ? "" : ", ") + names[i] + "=" + text_of(key[i]);
  }
  return out;
}

}  // namespace engine::connectors::sqlite
