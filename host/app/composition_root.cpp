#include "app/composition_root.hpp"

#include "adapters/bcrypt_password_hasher.hpp"
#include "adapters/jwt_token_codec.hpp"
#include "adapters/key_file.hpp"
#include "adapters/mariadb_target_database.hpp"
#include "adapters/system_clock.hpp"
#include "app/observer_text.hpp"
#include "app/stored_secrets.hpp"
#include "app/version.hpp"
#include "engine/engine.hpp"
#include "events/event_bus.hpp"
#include "http/dispatcher.hpp"
#include "http/in_process_gateway.hpp"
#include "http/routes.hpp"
#include "http/server.hpp"
#include "json/writer.hpp"
#include "plugin_runtime/plugin_runtime.hpp"
#include "services/audit_service.hpp"
#include "services/auth_service.hpp"
#include "services/connection_service.hpp"
#include "services/execution_launch_check.hpp"
#include "services/execution_service.hpp"
#include "services/principal_cache.hpp"
#include "services/tools_service.hpp"
#include "services/user_service.hpp"
#include "store/database.hpp"
#include "store/sql_audit_store.hpp"
#include "store/sql_connection_store.hpp"
#include "store/sql_execution_store.hpp"
#include "store/sql_session_store.hpp"
#include "store/sql_user_store.hpp"
#include "ws/session_hub.hpp"
#include "ws/ticket_office.hpp"
#include "ws/watch_endpoint.hpp"

namespace oscar::app {
namespace {

/// What capabilities may ask the host for (plugin_runtime.hpp, `host_facts`).
std::string hostFacts(const DataDir& data) {
  json::Writer w;
  w.beginObject().field("run_root", data.runs()).endObject();
  return w.take();
}

/// For the start page, which anybody may read: not where the store is.
const char* storeKind(const store::Database& database) {
  return database.dialect() == store::Dialect::kSqlite ? "SQLite" : "MySQL";
}

}  // namespace

struct CompositionRoot::Parts {
  // By value, so that the secrets end with the construction.
  // NOLINTNEXTLINE(performance-unnecessary-value-param)
  Parts(Settings given, const DataDir& data, EnvironmentSecrets secrets, ports::Log& process_log)
      : settings{std::move(given)},
        log{process_log},
        database{store::Database::open(settings.store, data.path())},
        principals{[this](std::string_view token) { return auth.authenticate(token); }, clock},
        stored_users{*database},
        stored_sessions{*database},
        users{stored_users, [this] { principals.forgetAll(); }},
        sessions{stored_sessions, [this] { principals.forgetAll(); }},
        connections{*database},
        audit_entries{*database},
        executions{*database},
        secret_box{openSecretBox(
            connections, {data.path(), secrets.master_key, secrets.accept_lost_secrets}, log)},
        hasher{settings.auth.bcrypt_cost},
        tokens{adapters::loadTokenKey(data.path(), secrets.jwt_secret)},
        bus{log},
        plugins{settings.plugins, log, clock, {}, hostFacts(data)},
        auth{users, sessions, hasher, tokens, clock, settings.auth},
        user_service{users, sessions, hasher, clock},
        connection_service{connections, secret_box, targets, clock},
        tools{connection_service, targets},
        audit{audit_entries, log},
        execution_service{executions, connections, connection_service, targets, plugins,
                          bus,        clock,       settings.executions},
        launch_check{execution_service},
        engine{{executions, connection_service, targets, launch_check, plugins, bus, clock, log,
                settings.executions, data.node(),
                std::string{observerText()}.append(eventsText()).append(tableWatchText()),
                std::string{rowCheckText()}},
               bus},
        hub{bus, executions, sessions, clock, log},
        tickets{clock},
        watch{hub, executions, tickets,
              [this](std::string_view token) { return auth.authenticate(token); },
              settings.http.allowed_origins},
        controllers{{auth, tickets},
                    http::UserController{user_service},
                    {connection_service, tools},
                    http::ExecutionController{execution_service},
                    {{kVersion, storeKind(*database)},
                     plugins,
                     execution_service,
                     audit,
                     settings.executions}},
        dispatcher{http::makeRoutes(controllers),
                   {[this](std::string_view token) { return principals.authenticate(token); },
                    [this](AuditEntry entry) { audit.record(std::move(entry)); }, log, clock,
                    settings.http.max_body_bytes, settings.language,
                    [this] { return database->writable(); }}},
        gateway{dispatcher, [this](const std::string& id) { return auth.principalOf(id); }, clock},
        server{settings.http, dispatcher, watch, log} {
    sessions.removeExpired(clock.now());
    plugins.openGateway(gateway);
    // Last: what failed behind it would take the first password with it.
    first_admin = auth.ensureFirstAdmin(secrets.admin_password);
  }

  ~Parts() {
    server.stop();
    plugins.closeGateway();
    hub.stop();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // In the order of dependence: what stands below may use what stands above.
  const Settings settings;
  ports::Log& log;
  adapters::SystemClock clock;
  std::unique_ptr<store::Database> database;
  services::PrincipalCache principals;  ///< asks `auth`, once requests come
  store::SqlUserStore stored_users;
  store::SqlSessionStore stored_sessions;
  services::TellingUserStore users;  ///< what changes by it is no longer in `principals`
  services::TellingSessionStore sessions;
  store::SqlConnectionStore connections;
  store::SqlAuditStore audit_entries;
  store::SqlExecutionStore executions;
  adapters::AesGcmSecretBox secret_box;
  adapters::BcryptPasswordHasher hasher;
  adapters::JwtTokenCodec tokens;
  adapters::MariadbTargetDatabase targets;
  events::EventBus bus;
  plugin_runtime::PluginRuntime plugins;
  services::AuthService auth;
  services::UserService user_service;
  services::ConnectionService connection_service;
  services::ToolsService tools;
  services::AuditService audit;
  services::ExecutionService execution_service;
  services::SurveyingLaunchCheck launch_check;
  engine::Engine engine;
  ws::SessionHub hub;
  ws::MemoryTicketOffice tickets;
  ws::WatchEndpoint watch;
  http::Controllers controllers;
  http::Dispatcher dispatcher;
  http::InProcessGateway gateway;
  http::Server server;
  std::optional<services::AuthService::FirstAdmin> first_admin;
};

CompositionRoot::CompositionRoot(Settings settings, const DataDir& data, EnvironmentSecrets secrets,
                                 ports::Log& log)
    : parts_{std::make_unique<Parts>(std::move(settings), data, std::move(secrets), log)} {}

CompositionRoot::~CompositionRoot() = default;

void CompositionRoot::start() {
  parts_->engine.start();
  parts_->server.start();
}

int CompositionRoot::port() const {
  return parts_->server.port();
}

std::optional<Secret> CompositionRoot::takeFirstPassword() {
  if (!parts_->first_admin || parts_->first_admin->password.empty()) return std::nullopt;
  return std::move(parts_->first_admin->password);
}

}  // namespace oscar::app
