#pragma once

#include "domain/secret.hpp"
#include "domain/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace oscar {

/// What a server is for. Production is where confirmations and limits matter most.
enum class Environment { kProd = 1, kTest = 2, kDev = 3 };
std::string_view toString(Environment environment);  ///< `prod`, `test`, `dev`
/// nullopt for any other word.
std::optional<Environment> parseEnvironment(std::string_view word);

/// How the server's certificate is checked when `use_ssl` is on. kVerifyIdentity (chain and host
/// name) is the default; kRequired encrypts without checking and is the user's explicit choice.
enum class SslVerify { kRequired = 1, kVerifyCa = 2, kVerifyIdentity = 3 };
/// `required`, `verify_ca`, `verify_identity`
std::string_view toString(SslVerify mode);
/// nullopt for any other word.
std::optional<SslVerify> parseSslVerify(std::string_view word);

/// A saved MySQL server, account and default database: table `connections` of the requirement
/// document 5.1.1 (without the password, which ConnectionStore keeps sealed beside it).
struct Connection {
  std::string id;    ///< UUID
  std::string name;  ///< 1–50 characters, unique
  Environment environment = Environment::kTest;
  std::string host;
  int port = 3306;
  std::string username;
  std::string database_name;
  std::string description;
  int connect_timeout = 5;  ///< seconds, 1–60
  std::string charset = "utf8mb4";
  bool use_ssl = false;
  SslVerify ssl_verify = SslVerify::kVerifyIdentity;
  std::string ssl_ca;   ///< PEM text of the authority; empty = the system's
  std::string backend;  ///< preferred backend type; empty = the configured default
  std::string created_by;
  Timestamp created_at{};
  Timestamp updated_at{};
};

/// Everything needed to reach a target server. Lives only as long as the call or run that needs it.
struct TargetAddress {
  std::string host;
  int port = 3306;
  std::string username;
  Secret password;
  std::string database;  ///< may be empty: connect without a default database
  int connect_timeout_seconds = 5;
  std::string charset = "utf8mb4";
  bool use_ssl = false;
  SslVerify ssl_verify = SslVerify::kVerifyIdentity;
  std::string ssl_ca;
};

}  // namespace oscar
