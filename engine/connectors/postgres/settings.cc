#include "connectors/postgres/settings.h"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::postgres {
namespace {

using Keywords = std::map<std::string, std::string>;

constexpr std::int64_t kMicroseconds = 1'000'000;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

[[noreturn]] void refuse(const plan::Connection& connection, const std::string& what,
                         const std::string& help) {
  throw base::Error(base::Fault::kPlan, "E107", "connection " + connection.name.text + ": " + what,
                    help);
}

void add_all(const Options& options, Keywords& out) {
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) out[option->keyword] = option->val;
  }
}

Keywords keywords_of_url(const plan::Connection& connection, const std::string& url) {
  Keywords out;
  char* message = nullptr;
  const Options parsed(PQconninfoParse(url.c_str(), &message));
  const std::unique_ptr<char, void (*)(void*)> owned(message, PQfreemem);
  if (!parsed) {
    const std::string reason(message == nullptr ? "out of memory" : base::trim_spaces(message));
    refuse(connection, "the url is not understood: " + reason,
           "write postgresql://user@host:port/database");
  }
  add_all(parsed, out);
  if (out.contains("password")) {
    refuse(connection, "the url holds a password", "say it with 'password: \"${secret:NAME}\"'");
  }
  return out;
}

std::string text_of(const plan::Connection& connection, std::string_view option) {
  const auto* const value = connection.options.find(option);
  return value == nullptr ? std::string() : value->text.text;
}

/// The machine itself: nobody stands between.
bool is_local(const std::string& host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host == "127.0.0.1" || host == "::1";
}

void add_numbers(const plan::Connection& connection, Keywords& keywords) {
  if (const auto* const port = connection.options.find("port")) {
    keywords["port"] = std::to_string(port->integer);
  }
  if (const auto* const timeout = connection.options.find("connect_timeout")) {
    const std::int64_t seconds = (timeout->integer + kMicroseconds - 1) / kMicroseconds;
    keywords["connect_timeout"] = std::to_string(seconds);
  } else if (!keywords.contains("connect_timeout")) {
    keywords["connect_timeout"] = "30";
  }
}

/// As libpq will see them, with what it adds by itself.
Keywords with_defaults(const Keywords& keywords) {
  Keywords out;
  const Options defaults(PQconndefaults());
  if (defaults) add_all(defaults, out);
  for (const auto& [keyword, value] : keywords) out[keyword] = value;
  return out;
}

std::string host_of(const Keywords& seen) {
  for (const char* const keyword : {"host", "hostaddr"}) {
    const auto found = seen.find(keyword);
    if (found != seen.end() && !found->second.empty()) return found->second;
  }
  return {};
}

std::string label_of(const Keywords& seen) {
  const auto value = [&](const char* keyword) {
    const auto found = seen.find(keyword);
    return found == seen.end() ? std::string() : found->second;
  };
  const std::string host = host_of(seen);
  const std::string database = value("dbname").empty() ? value("user") : value("dbname");
  const bool socket = host.empty() || host.starts_with('/') || host.starts_with('@');
  return (socket ? "local" : host) + ":" + value("port") + "/" + database;
}

}  // namespace

Settings settings_of(const plan::Connection& connection) {
  Keywords keywords;
  const std::string url = text_of(connection, "url");
  if (!url.empty()) keywords = keywords_of_url(connection, url);
  const std::pair<const char*, const char*> texts[] = {
      {"host", "host"}, {"database", "dbname"}, {"user", "user"}, {"sslmode", "sslmode"}};
  for (const auto& [option, keyword] : texts) {
    const std::string value = text_of(connection, option);
    if (!value.empty()) keywords[keyword] = value;
  }
  add_numbers(connection, keywords);
  const Keywords seen = with_defaults(keywords);
  if (!keywords.contains("sslmode") && !is_local(host_of(seen))) {
    keywords["sslmode"] = "verify-full";
  }
  keywords["client_encoding"] = "UTF8";
  Settings out;
  out.name = connection.name.text;
  out.label = label_of(seen);
  out.schema = text_of(connection, "schema");
  if (out.schema.empty()) out.schema = "public";
  if (const auto* const password = connection.options.find("password")) {
    if (password->secret) out.password = *password->secret;
  }
  out.keywords.assign(keywords.begin(), keywords.end());
  return out;
}

}  // namespace engine::connectors::postgres
