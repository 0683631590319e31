#include "services/auth_service.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <random>

namespace oscar::services {
namespace {

constexpr std::size_t kMinPasswordLength = 8;
constexpr std::size_t kMaxPasswordBytes = 72;
constexpr std::size_t kMaxAgentBytes = 255;
constexpr const char* kFirstAdminName = "admin";

ServiceError loginRefused(const std::string& internal) {
  return ServiceError{ErrorCode::kUnauthenticated,
                      Text{"用户名或密码不正确，或账号已停用。请核对后重试，或联系管理员",
                           "User name or password is wrong, or the account is disabled. Check "
                           "them, or ask an administrator"},
                      internal};
}

ServiceError sessionOver(const std::string& internal) {
  return ServiceError{
      ErrorCode::kUnauthenticated,
      Text{"登录已失效，请重新登录", "You are not logged in, or the login has ended. Log in again"},
      internal};
}

ServiceError wrongCurrentPassword() {
  return ServiceError::invalidFields(
      {{"current_password", Text{"当前密码不正确", "is not your current password"}}});
}

ServiceError tooManyAttempts(int seconds) {
  const std::string wait = std::to_string(seconds);
  return ServiceError{ErrorCode::kTooManyRequests,
                      Text{"密码错误次数过多，请在 " + wait + " 秒后重试",
                           "Too many wrong passwords. Try again in " + wait + " seconds"}}
      .withRetryAfter(seconds);
}

/// A well-formed hash that no password is known for. Checking against it costs what checking
/// against a real one costs, so the time of an answer does not tell which user names exist.
std::string decoyHash(int cost) {
  const std::string digits = (cost < 10 ? "0" : "") + std::to_string(cost);
  return "$2b$" + digits + "$" + "Jx1yZp0Qm7cV4tR9kLw3uO" + "e5sB8nD2aF6hG0iK1lM3oP4qS7uW9yC";
}

/// Twenty characters that cannot be mistaken for each other when they are typed from a screen.
Secret generatePassword() {
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  constexpr std::size_t kLength = 20;
  std::random_device source;  // getrandom/rdrand on Linux
  std::uniform_int_distribution<std::size_t> pick{0, kAlphabet.size() - 1};
  while (true) {
    std::string text;
    text.reserve(kLength);
    for (std::size_t i = 0; i < kLength; ++i) text += kAlphabet[pick(source)];
    Secret password{std::move(text)};
    if (passwordProblem(password, kFirstAdminName).empty()) return password;
  }
}

Principal principalFor(const User& user, const std::string& session_id) {
  return {user.id, user.username, user.role, session_id};
}

}  // namespace

Text passwordProblem(const Secret& password, const std::string& username) {
  const std::string& text = password.reveal();
  const int length = codePoints(text);
  if (length < 0 || hasControlCharacters(text)) {
    return {"不能包含控制字符，且须为有效的 UTF-8 文本",
            "must be valid UTF-8 text without control characters"};
  }
  if (static_cast<std::size_t>(length) < kMinPasswordLength) {
    return {"至少需要 8 个字符", "needs at least 8 characters"};
  }
  if (text.size() > kMaxPasswordBytes) {
    return {"最长 72 字节（一个汉字占 3 字节）",
            "may have at most 72 bytes (a Chinese character takes 3)"};
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 0x7f;
  };
  if (std::none_of(text.begin(), text.end(), is_digit) ||
      std::none_of(text.begin(), text.end(), is_letter)) {
    return {"必须同时包含字母和数字", "needs both a letter and a digit"};
  }
  if (lowerAscii(text) == lowerAscii(username)) {
    return {"不能与用户名相同", "must not be the user name"};
  }
  return {};
}

AuthService::AuthService(ports::UserStore& users, ports::SessionStore& sessions,
                         ports::PasswordHasher& hasher, ports::TokenCodec& tokens,
                         const ports::Clock& clock, const AuthSettings& settings)
    : users_{users},
      sessions_{sessions},
      hasher_{hasher},
      tokens_{tokens},
      clock_{clock},
      settings_{settings},
      throttle_{clock, settings.max_failures,
                std::chrono::seconds{settings.failure_window_seconds}} {}

AuthService::Login AuthService::login(const std::string& username, const Secret& password,
                                      const ClientInfo& client) {
  const std::string account = lowerAscii(username);
  if (const int wait = throttle_.admit(account, client.ip_address); wait > 0) {
    throw tooManyAttempts(wait);
  }
  std::optional<User> user;
  try {
    user = users_.findByUsername(account);
  } catch (const StoreUnavailable&) {
    throttle_.forgotten(account, client.ip_address);
    throw;
  }
  const bool right =
      hasher_.verify(password, user ? user->password_hash : decoyHash(settings_.bcrypt_cost));
  if (!user) throw loginRefused("login: no user " + truncated(account, 64));
  if (!right) throw loginRefused("login: wrong password for " + account);
  if (!user->is_active) throw loginRefused("login: " + account + " is disabled");
  throttle_.succeeded(account, client.ip_address);

  const Session session = openSession(*user, client);
  users_.touchLastLogin(user->id, session.created_at);
  user->last_login_at = session.created_at;
  const std::string token = tokens_.issue({session.id, user->id, session.expires_at});
  return {token, session.expires_at, *user};
}

Session AuthService::openSession(const User& user, const ClientInfo& client) {
  const Timestamp now = clock_.now();
  Session session;
  session.id = newUuid();
  session.user_id = user.id;
  session.created_at = now;
  session.expires_at = now + std::chrono::hours{settings_.session_hours};
  session.ip_address = client.ip_address;
  session.user_agent = truncated(client.user_agent, kMaxAgentBytes);
  sessions_.removeExpired(now);
  sessions_.insert(session);
  // Who changes a password ends the sessions that are there. This one came while its password was
  // being checked, so it looks for itself whether that has been replaced meanwhile.
  const auto present = users_.findById(user.id);
  if (!present || !present->is_active || present->password_hash != user.password_hash) {
    sessions_.remove(session.id);
    throw loginRefused("login: " + user.username + " was changed meanwhile");
  }
  return session;
}

void AuthService::logout(const Principal& principal) {
  if (!principal.session_id.empty()) sessions_.remove(principal.session_id);
}

Principal AuthService::authenticate(std::string_view token) {
  const auto claims = tokens_.verify(token);
  if (!claims) throw sessionOver("token: not ours");
  const Timestamp now = clock_.now();
  if (claims->expires_at <= now) throw sessionOver("token: expired");
  const auto session = sessions_.find(claims->session_id);
  if (!session || session->user_id != claims->user_id) throw sessionOver("token: no such session");
  if (session->expires_at <= now) throw sessionOver("token: session expired");
  const auto user = users_.findById(session->user_id);
  if (!user || !user->is_active) throw sessionOver("token: user is gone or disabled");
  return principalFor(*user, session->id);
}

Principal AuthService::principalOf(const std::string& user_id) {
  const auto user = users_.findById(user_id);
  if (!user || !user->is_active) {
    throw ServiceError{ErrorCode::kUnauthenticated,
                       Text{"该用户不存在或已停用", "The user does not exist or is disabled"}};
  }
  return principalFor(*user, {});
}

User AuthService::profile(const Principal& principal) {
  auto user = users_.findById(principal.user_id);
  if (!user) throw sessionOver("profile: the user is gone");
  return std::move(*user);
}

void AuthService::changePassword(const Principal& principal, const Secret& current,
                                 const Secret& wanted) {
  const User user = profile(principal);
  // A stolen session must not become a place to guess the password at.
  const std::string account = "password of " + user.username;
  if (const int wait = throttle_.admit(account, {}); wait > 0) throw tooManyAttempts(wait);
  if (!hasher_.verify(current, user.password_hash)) {
    throw wrongCurrentPassword();
  }
  throttle_.succeeded(account, {});
  Text problem = passwordProblem(wanted, user.username);
  if (problem.empty() && wanted.reveal() == current.reveal()) {
    problem = {"不能与当前密码相同", "must differ from the current one"};
  }
  if (!problem.empty()) throw ServiceError::invalidFields({{"new_password", problem}});

  // The hash that `current` was checked against must still be the account's: hashing takes long
  // enough for an administrator to have given it another password, or to have disabled it.
  const std::string hash = hasher_.hash(wanted);
  if (!users_.replacePassword(user.id, user.password_hash, hash, clock_.now())) {
    const auto present = users_.findById(user.id);
    if (!present || !present->is_active) {
      throw sessionOver("change password: the user is gone or disabled");
    }
    throw wrongCurrentPassword();
  }
  sessions_.removeOfUserExcept(user.id, principal.session_id);
}

std::optional<AuthService::FirstAdmin> AuthService::ensureFirstAdmin(
    const std::optional<Secret>& password) {
  if (users_.count() > 0) return std::nullopt;
  if (password) {
    const Text problem = passwordProblem(*password, kFirstAdminName);
    if (!problem.empty()) {
      throw ServiceError{ErrorCode::kBadRequest,
                         Text{"无法创建初始管理员：OSCAR_ADMIN_PASSWORD 中的密码" + problem.zh,
                              "The first administrator cannot be created: the password in "
                              "OSCAR_ADMIN_PASSWORD " +
                                  problem.en}};
    }
  }
  const Secret chosen = password ? *password : generatePassword();
  User admin;
  admin.id = newUuid();
  admin.username = kFirstAdminName;
  admin.password_hash = hasher_.hash(chosen);
  admin.display_name = "Administrator";
  admin.role = Role::kAdmin;
  admin.created_at = clock_.now();
  admin.updated_at = admin.created_at;
  // Another process that starts on the same store may have been first: then it has said the
  // password.
  if (users_.insert(admin) != ports::Saved::kOk) return std::nullopt;
  return FirstAdmin{admin.username, password ? Secret{} : chosen};
}

}  // namespace oscar::services
