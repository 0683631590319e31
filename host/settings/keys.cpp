#include "settings/keys.hpp"

#include "settings/text_rules.hpp"

namespace oscar::settings {

std::vector<Key> keysOf(Settings& s) {
  HttpSettings& http = s.http;
  ExecutionSettings& run = s.executions;
  constexpr std::int64_t kDay = 86'400;
  return {
      {"data_dir", TextKey{&s.data_dir, notEmpty}, "OSCAR_DATA_DIR"},
      {"language", LanguageKey{&s.language}},

      {"http.bind", TextKey{&http.bind, ipAddress}, "OSCAR_HTTP_BIND"},
      {"http.port", IntegerKey{&http.port, 0, 65'535}, "OSCAR_HTTP_PORT"},
      {"http.threads", IntegerKey{&http.threads, 2, 1024}},
      {"http.max_body_bytes", IntegerKey{&http.max_body_bytes, 1024, 64LL << 20}},
      {"http.request_timeout_seconds", IntegerKey{&http.request_timeout_seconds, 1, 600}},
      {"http.allowed_origins", ListKey{&http.allowed_origins, origin}},
      {"http.trusted_proxies", ListKey{&http.trusted_proxies, ipAddress}},
      {"http.tls_certificate", TextKey{&http.tls_certificate, anyText}},
      {"http.tls_key", TextKey{&http.tls_key, anyText}},

      {"store.url", TextKey{&s.store.url, storeUrl}, "OSCAR_STORE_URL"},
      {"store.pool_size", IntegerKey{&s.store.pool_size, 1, 200}},

      {"auth.session_hours", IntegerKey{&s.auth.session_hours, 1, std::int64_t{24} * 30}},
      {"auth.bcrypt_cost", IntegerKey{&s.auth.bcrypt_cost, 10, 16}},
      {"auth.max_failures", IntegerKey{&s.auth.max_failures, 1, 1000}},
      {"auth.failure_window_seconds", IntegerKey{&s.auth.failure_window_seconds, 1, kDay}},

      {"executions.max_concurrent", IntegerKey{&run.max_concurrent, 1, 1000}},
      {"executions.max_per_server", IntegerKey{&run.max_per_server, 1, 1000}},
      {"executions.big_table_rows", IntegerKey{&run.big_table_rows, 1, INT64_MAX}},
      {"executions.big_table_bytes", IntegerKey{&run.big_table_bytes, 1, INT64_MAX}},
      {"executions.default_chunk_size", IntegerKey{&run.default_chunk_size, 0, 10'000'000}},
      {"executions.default_chunk_time", NumberKey{&run.default_chunk_time, 0, 60}},
      {"executions.default_max_load", TextKey{&run.default_max_load, loadLimits}},
      {"executions.default_critical_load", TextKey{&run.default_critical_load, loadLimits}},
      {"executions.default_lock_wait_timeout",
       IntegerKey{&run.default_lock_wait_timeout, 1, 31'536'000}},
      {"executions.stop_grace_seconds", IntegerKey{&run.stop_grace_seconds, 1, 3600}},
      {"executions.auto_cleanup", FlagKey{&run.auto_cleanup}},
      {"executions.load_sample_seconds", IntegerKey{&run.load_sample_seconds, 1, 3600}},
      {"executions.duplicate_check_seconds", IntegerKey{&run.duplicate_check_seconds, 1, 3600}},
      {"executions.default_backend", TextKey{&run.default_backend, backendType}},
      {"executions.lease_seconds", IntegerKey{&run.lease_seconds, 5, 3600}},

      {"plugins.paths", ListKey{&s.plugins.paths, absolutePath}},

      {"log.level", TextKey{&s.log.level, logLevel}, "OSCAR_LOG_LEVEL"},
      {"log.format", TextKey{&s.log.format, logFormat}},
  };
}

}  // namespace oscar::settings
