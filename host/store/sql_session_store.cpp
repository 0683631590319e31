#include "store/sql_session_store.hpp"

#include "store/clean_text.hpp"

namespace oscar::store {
namespace {

constexpr std::size_t kMaxAddress = 45;
constexpr std::size_t kMaxAgent = 1000;

constexpr std::string_view kInsertSession =
    "INSERT INTO sessions (id, user_id, created_at, expires_at, ip_address, user_agent)"
    " VALUES (?, ?, ?, ?, ?, ?)";
constexpr Query kSelectSession{
    "SELECT id, user_id, {ms:created_at}, {ms:expires_at}, ip_address, user_agent FROM sessions"
    " WHERE id = ?",
    "ssiiss"};
constexpr std::string_view kDeleteSession = "DELETE FROM sessions WHERE id = ?";
constexpr std::string_view kDeleteSessionsOfUser = "DELETE FROM sessions WHERE user_id = ?";
constexpr std::string_view kDeleteOtherSessions =
    "DELETE FROM sessions WHERE user_id = ? AND id <> ?";
constexpr std::string_view kDeleteExpired = "DELETE FROM sessions WHERE expires_at <= ?";

}  // namespace

void SqlSessionStore::insert(const Session& session) {
  database_.write([&](Sql& sql) {
    sql.execute(kInsertSession, {session.id, session.user_id, session.created_at,
                                 session.expires_at, cleanText(session.ip_address, kMaxAddress),
                                 cleanText(session.user_agent, kMaxAgent)});
  });
}

std::optional<Session> SqlSessionStore::find(const std::string& id) {
  return database_.read([&](Sql& sql) -> std::optional<Session> {
    auto row = sql.one(kSelectSession, {id});
    if (!row) return std::nullopt;
    Session session;
    session.id = row->text();
    session.user_id = row->text();
    session.created_at = row->time();
    session.expires_at = row->time();
    session.ip_address = row->text();
    session.user_agent = row->text();
    return session;
  });
}

void SqlSessionStore::remove(const std::string& id) {
  database_.write([&](Sql& sql) { sql.execute(kDeleteSession, {id}); });
}

void SqlSessionStore::removeOfUser(const std::string& user_id) {
  database_.write([&](Sql& sql) { sql.execute(kDeleteSessionsOfUser, {user_id}); });
}

void SqlSessionStore::removeOfUserExcept(const std::string& user_id,
                                         const std::string& session_id) {
  database_.write([&](Sql& sql) { sql.execute(kDeleteOtherSessions, {user_id, session_id}); });
}

void SqlSessionStore::removeExpired(Timestamp now) {
  database_.write([&](Sql& sql) { sql.execute(kDeleteExpired, {now}); });
}

}  // namespace oscar::store
