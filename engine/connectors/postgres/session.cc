#include "connectors/postgres/session.h"

#include <libpq-fe.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using base::Fault;

/// What every session is set to, so that texts mean the same on every server. A client that was
/// killed is noticed within seconds, before its statement runs to the end and commits.
constexpr const char* kSettings =
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';"
    " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content';"
    " SET standard_conforming_strings = on; SET idle_in_transaction_session_timeout = 0";

struct Meaning {
  std::string_view state;  ///< the code's first characters
  Fault fault;
  const char* code;
  const char* help;
};

/// The first that fits (https://www.postgresql.org/docs/15/errcodes-appendix.html).
constexpr Meaning kMeanings[] = {
    {"08", Fault::kTransient, "E209", "run the same command again"},
    {"57P", Fault::kTransient, "E209", "run the same command again"},
    {"28", Fault::kRemote, "E203", "check user and password of the connection"},
    {"42501", Fault::kRemote, "E203", "grant what the message names to the user of the connection"},
    {"40", Fault::kTransient, "E206", "run the same command again"},
    {"55P03", Fault::kTransient, "E206", "run the same command again"},
    {"57014", Fault::kTransient, "E206", "run the same command again"},
    {"53300", Fault::kTransient, "E206", "run the same command again"},
    {"53100", Fault::kTransient, "E208", "free some space on the server's disk"},
    {"22", Fault::kData, "E416", "nothing was written; correct the row, or the target's rule"},
    {"23", Fault::kData, "E416", "nothing was written; correct the row, or the target's rule"},
    {"", Fault::kRemote, "E210", ""},
};

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  for (const std::string_view prefix : {"ERROR:  ", "FATAL:  ", "ERROR: ", "FATAL: "}) {
    const auto at = text.find(prefix);
    if (at != std::string_view::npos) return std::string(text.substr(at + prefix.size()));
  }
  return std::string(text);
}

std::string in_one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == '\n' || c == '\t' ? ' ' : c;
  return std::string(base::trim_spaces(out));
}

std::string field(const pg_result* result, int which) {
  const char* const text = result == nullptr ? nullptr : PQresultErrorField(result, which);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

Rows::Rows(pg_result* result) : result_(result, PQclear) {}
int Rows::size() const {
  return PQntuples(result_.get());
}
bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}
std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}
std::int64_t Rows::integer(int row, int column) const {
  const std::string_view digits = text(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}
std::int64_t Rows::changed() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

Session::Session(const Settings& settings, const std::string& application) : settings_(settings) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  for (const auto& [name, value] : settings_.keywords) add(name.c_str(), value.c_str());
  if (!settings_.password.empty()) add("password", settings_.password.reveal().c_str());
  add("application_name", application.c_str());
  add(nullptr, nullptr);
  handle_ = PQconnectdbParams(names.data(), values.data(), 0);
  try {
    if (handle_ == nullptr || PQstatus(handle_) != CONNECTION_OK) fail_to_connect();
    PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
    run(kSettings);
    run("SET search_path = " + quoted_name(settings_.schema) + ", public");
    if (PQserverVersion(handle_) >= 140000) run("SET client_connection_check_interval = '2s'");
  } catch (...) {
    PQfinish(handle_);
    throw;
  }
}

Session::~Session() {
  if (message_ != nullptr) PQfreemem(message_);
  PQfinish(handle_);
}

void Session::fail_to_connect() const {
  const std::string reason = handle_ == nullptr ? "out of memory" : PQerrorMessage(handle_);
  std::string all = in_one_line(reason);
  const auto fatal = all.find("FATAL:");  // the server's own word; before it, how it was reached
  if (fatal != std::string::npos) all = in_one_line(std::string_view(all).substr(fatal + 6));
  const bool refused = all.find("authentication failed") != std::string::npos ||
                       all.find("no password supplied") != std::string::npos ||
                       all.find("no pg_hba.conf entry") != std::string::npos;
  throw Error(Fault::kRemote, refused ? "E203" : "E201", self() + ": cannot connect: " + all,
              refused ? "check user and password of the connection"
                      : "check that the server runs and that host, port and database are right");
}

void Session::fail(pg_result* result) const {
  const std::unique_ptr<pg_result, void (*)(pg_result*)> owned(result, PQclear);
  std::string state = field(result, PG_DIAG_SQLSTATE);
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  if (message.empty()) message = first_line(PQerrorMessage(handle_));
  if (!detail.empty()) message += " (" + detail + ")";
  if (PQstatus(handle_) == CONNECTION_BAD && !state.starts_with("57P")) state = "08006";
  for (const Meaning& meaning : kMeanings) {
    if (!state.starts_with(meaning.state)) continue;
    const std::string lost = std::string_view(meaning.code) == "E209" ? "connection lost: " : "";
    throw Error(meaning.fault, meaning.code, self() + ": " + lost + in_one_line(message),
                meaning.help);
  }
  base::bug("an error without a meaning");
}

pg_result* Session::checked(pg_result* result) const {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_EMPTY_QUERY:
      return result;
    default:
      fail(result);
  }
}

void Session::run(const std::string& sql) {
  PQclear(checked(PQexec(handle_, sql.c_str())));
}

Rows Session::query(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  return Rows(checked(PQexecParams(handle_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                   values.data(), nullptr, nullptr, 0)));
}

std::vector<ResultColumn> Session::columns_of_cursor(const std::string& cursor) {
  const std::unique_ptr<pg_result, void (*)(pg_result*)> result(
      checked(PQdescribePortal(handle_, cursor.c_str())), PQclear);
  std::vector<ResultColumn> out;
  for (int i = 0; i < PQnfields(result.get()); ++i) {
    out.push_back({PQfname(result.get(), i), PQftype(result.get(), i), PQfmod(result.get(), i)});
  }
  return out;
}

void Session::close_cursor(const std::string& name) noexcept {
  if (PQtransactionStatus(handle_) != PQTRANS_INTRANS) return;
  PQclear(PQexec(handle_, ("CLOSE " + name).c_str()));
}

bool Session::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

bool Session::is_idle() const {
  return PQtransactionStatus(handle_) == PQTRANS_IDLE;
}

void Session::rollback() noexcept {
  if (PQtransactionStatus(handle_) == PQTRANS_ACTIVE) cancel();
  if (in_transaction()) PQclear(PQexec(handle_, "ROLLBACK"));
}

std::string Session::literal(std::string_view text) const {
  const std::unique_ptr<char, void (*)(void*)> quoted(
      PQescapeLiteral(handle_, text.data(), text.size()), PQfreemem);
  if (quoted == nullptr) fail(nullptr);
  return quoted.get();
}

void Session::begin_copy_out(const std::string& sql) {
  PQclear(checked(PQexec(handle_, sql.c_str())));
}

std::string_view Session::copy_out() {
  if (message_ != nullptr) PQfreemem(message_);
  message_ = nullptr;
  const int length = PQgetCopyData(handle_, &message_, 0);
  if (length > 0) return {message_, static_cast<std::size_t>(length)};
  pg_result* const result = PQgetResult(handle_);
  if (length == -1 && PQresultStatus(result) == PGRES_COMMAND_OK) {
    PQclear(result);
    PQclear(PQgetResult(handle_));  // nullptr: the statement is over
    return {};
  }
  fail(result);
}

void Session::copy_in(const std::string& sql, std::string_view bytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  PQclear(checked(PQexec(handle_, sql.c_str())));
  bool good = true;
  while (good && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    good = PQputCopyData(handle_, piece.data(), static_cast<int>(piece.size())) == 1;
    bytes.remove_prefix(piece.size());
  }
  if (!good || PQputCopyEnd(handle_, nullptr) != 1) fail(PQgetResult(handle_));
  pg_result* const result = PQgetResult(handle_);
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  while (pg_result* const rest = PQgetResult(handle_)) PQclear(rest);
  if (!done) fail(result);
  PQclear(result);
}

Rows Session::query_binary(const std::string& sql) {
  return Rows(
      checked(PQexecParams(handle_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1)));
}

void Session::cancel() noexcept {
  constexpr int kReason = 256;
  char reason[kReason];
  PGcancel* const cancel = PQgetCancel(handle_);
  if (cancel != nullptr) PQcancel(cancel, reason, kReason);
  PQfreeCancel(cancel);
  char* rest = nullptr;
  while (PQgetCopyData(handle_, &rest, 0) > 0) PQfreemem(rest);
  while (pg_result* const result = PQgetResult(handle_)) PQclear(result);
}

}  // namespace engine::connectors::postgres
