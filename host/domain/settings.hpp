#pragma once

#include "domain/text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace oscar {

/// Typed configuration, as host/settings reads it from config/oscar.yaml and the environment. Each
/// struct is one section; config/oscar.yaml describes every key with its range, which the reader
/// has checked.

/// Section `http`: where REST, WebSocket and the page are served.
struct HttpSettings {
  std::string bind = "127.0.0.1";
  int port = 8080;   ///< 0 = any free port
  int threads = 32;  ///< complete requests worked on at the same time; receiving needs none
  std::int64_t max_body_bytes = 1 << 20;
  int request_timeout_seconds = 30;  ///< a client slower than this is dropped
  std::vector<std::string>
      allowed_origins;  ///< besides the server's own, for WebSocket and CORS-less clients
  std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-For is believed
  std::string tls_certificate;               ///< PEM files; both empty = plain HTTP
  std::string tls_key;
};

/// Section `store`: our own database.
struct StoreSettings {
  std::string url =
      "sqlite";          ///< `sqlite` (in the data folder) or `mysql://user@host:port/database`
  std::string password;  ///< from OSCAR_STORE_PASSWORD only
  int pool_size = 8;     ///< connections to a MySQL store
};

/// Section `auth`: logins.
struct AuthSettings {
  int session_hours = 24;  ///< how long a login lasts
  int bcrypt_cost = 12;    ///< 2^cost rounds
  int max_failures = 5;    ///< per account and address together, then throttled; see LoginThrottle
  int failure_window_seconds = 300;
};

/// Defaults of pt-osc's parameters and the limits of executions (requirement document 3.5.2).
struct ExecutionSettings {
  int max_concurrent = 10;
  int max_per_server = 2;
  std::int64_t big_table_rows = 10'000'000;  ///< from here on a confirmation is asked
  std::int64_t big_table_bytes = 50LL << 30;
  std::int64_t default_chunk_size = 0;  ///< 0 = let chunk_time decide
  double default_chunk_time = 0.5;      ///< seconds
  std::string default_max_load = "Threads_running=50";
  std::string default_critical_load = "Threads_running=200";
  int default_lock_wait_timeout = 60;  ///< seconds
  int stop_grace_seconds = 15;  ///< cooperative stop before SIGTERM, and again before SIGKILL
  bool auto_cleanup = true;     ///< remove our own run's leftovers after an abnormal end
  int load_sample_seconds = 2;
  int duplicate_check_seconds = 60;  ///< bound of the query for duplicates before a unique key
  std::string default_backend = "local";
  int lease_seconds = 30;
};

/// Section `plugins`.
struct PluginSettings {
  std::vector<std::string> paths;  ///< absolute plugin folders, the allow-list
  /// JSON object per plugin id, passed to its instances.
  std::vector<std::pair<std::string, std::string>> configuration;
};

/// Section `log`.
struct LogSettings {
  std::string level = "info";   ///< debug, info, warning or error
  std::string format = "text";  ///< text or json
};

/// All of it.
struct Settings {
  /// Folder of the SQLite store, the run directories and the key files.
  std::string data_dir = "var";
  Language language = Language::kZh;  ///< when a client does not say
  HttpSettings http;
  StoreSettings store;
  AuthSettings auth;
  ExecutionSettings executions;
  PluginSettings plugins;
  LogSettings log;
};

}  // namespace oscar
