#include "connectors/declared.h"

#include "plan/declare.h"

namespace engine::connectors {

namespace {

using plan::Declare;
using plan::OptionKind;
using plan::OptionSpec;
using plan::text_option;

plan::ConnectorDecl connector(const char* type, const char* since, const char* doc,
                              std::vector<OptionSpec> options) {
  return {.type = type,
          .available_since = since,
          .options = {.name = type, .doc = doc, .options = std::move(options), .positional = ""}};
}

OptionSpec credentials_option() {
  return text_option("credentials",
                     "auto: environment, shared config file, application-default file, instance or "
                     "pod identity, in the service's usual order; else the content of a key file.")
      .choices({{"auto", "0.1"}})
      .standard("auto")
      .secret()
      .example("\"${file:/run/secrets/warehouse.json}\"");
}

plan::ConnectorDecl sqlite() {
  return connector("sqlite", "0.1", "A SQLite database file: the embedded store.",
                   {text_option("path", "The file; a target's is made when it is missing.")
                        .path()
                        .required()
                        .example("data/staging.db")});
}

plan::ConnectorDecl files() {
  return connector("files", "0.2", "A folder of CSV, NDJSON or JSON files.",
                   {text_option("root", "The folder; data files lie beneath it.")
                        .path()
                        .required()
                        .example("data/import")});
}

plan::ConnectorDecl postgres() {
  return connector(
      "postgres", "0.2", "A PostgreSQL database.",
      {text_option("url", "Host, port, database and user in one; without a password.")
           .example("\"${PROD_URL?set the production URL}\""),
       text_option("host", "The host, or the folder of a local socket.").example("db.internal"),
       Declare("port", OptionKind::kInt, "The port.").range(1, 65535).standard("5432"),
       text_option("database", "The database.").example("legacy_production"),
       text_option("user", "The user.").example("migration_user"),
       text_option("password", "The password.").secret().example("\"${secret:DB_PASSWORD}\""),
       Declare("sslmode", OptionKind::kChoice,
               "How the server proves itself; only a server on this machine need not by itself.")
           .choices({{"disable", "0.2"},
                     {"require", "0.2"},
                     {"verify-ca", "0.2"},
                     {"verify-full", "0.2"}})
           .standard("verify-full"),
       Declare("connect_timeout", OptionKind::kDuration, "The longest wait for a connection.")
           .standard("30s"),
       text_option("schema", "The schema of names without one.").standard("public")});
}

plan::ConnectorDecl dynamodb() {
  return connector(
      "dynamodb", "0.5", "DynamoDB tables of one region.",
      {text_option("region", "The region.").required().example("us-west-1"),
       text_option("endpoint", "Another address, for a local server."), credentials_option(),
       text_option("access_key_id", "The key's id.").example("\"${AWS_ACCESS_KEY_ID?set it}\""),
       text_option("secret_access_key", "The key.")
           .secret()
           .example("\"${AWS_SECRET_ACCESS_KEY?set it}\""),
       text_option("session_token", "The token of a temporary key.").secret()});
}

plan::ConnectorDecl bigquery() {
  return connector(
      "bigquery", "0.6", "A dataset of a BigQuery project.",
      {text_option("project", "The project.").required().example("my-project"),
       text_option("dataset", "The dataset.").required().example("staging"), credentials_option(),
       text_option("endpoint", "Another address, for a local server."),
       text_option("location", "Where jobs run.").example("EU")});
}

plan::ConnectorDecl snowflake() {
  return connector(
      "snowflake", "0.7", "A Snowflake database. Login by key pair or token, never by password.",
      {text_option("account", "The account.").required().example("xy12345.eu-central-1"),
       text_option("user", "The user.").required().example("engine"),
       text_option("private_key", "The private key, PEM.")
           .secret()
           .example("\"${file:/run/secrets/snowflake_key}\""),
       text_option("token", "A token instead of a key.").secret(), text_option("role", "The role."),
       text_option("warehouse", "The warehouse."),
       text_option("database", "The database.").example("production"),
       text_option("schema", "The schema.").example("marts"),
       text_option("endpoint", "Another address, for a local server.")});
}

plan::ConnectorDecl trino() {
  return connector("trino", "0.6", "A catalog of a Trino cluster.",
                   {text_option("url", "The coordinator.").required().example("https://trino:8443"),
                    text_option("user", "The user.").required().example("engine"),
                    text_option("catalog", "The catalog.").required().example("iceberg"),
                    text_option("schema", "The schema.").example("marts")});
}

plan::ConnectorDecl http() {
  return connector("http", "0.5", "A JSON service that is read by requests.",
                   {text_option("base_url", "What every request's url stands beneath.")
                        .required()
                        .example("https://api.example.org"),
                    Declare("headers", OptionKind::kMap, "Headers of every request.")
                        .element(text_option("header", "A value.")),
                    Declare("auth", OptionKind::kMap, "bearer, or user and password.")
                        .element(text_option("value", "A secret.").secret())});
}

}  // namespace

std::vector<plan::ConnectorDecl> declared_connectors() {
  return {sqlite(), files(), postgres(), dynamodb(), bigquery(), snowflake(), trino(), http()};
}

}  // namespace engine::connectors
