#include "services/user_service.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "services/auth_service.hpp"
#include "services/field_checks.hpp"

#include <algorithm>
#include <vector>

namespace oscar::services {
namespace {

constexpr int kMaxUsername = 50;
constexpr int kMaxDisplayName = 100;
constexpr int kMaxEmail = 255;

ServiceError noSuchUser() {
  return ServiceError{ErrorCode::kNotFound, Text{"用户不存在", "There is no such user"}};
}

ServiceError lastAdmin() {
  return ServiceError{ErrorCode::kConflict,
                      Text{"这是最后一个可用的管理员，不能停用或降级。请先指定另一位管理员",
                           "This is the last active administrator, who can be neither disabled nor "
                           "demoted. Appoint another one first"}};
}

void checkUsername(std::vector<FieldError>& errors, const std::string& username) {
  if (!checkText(errors, "username", username, 2, kMaxUsername)) return;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (!std::all_of(username.begin(), username.end(), allowed) || username.front() == '-' ||
      username.front() == '.') {
    errors.push_back({"username", Text{"只能包含 a-z、0-9、点、下划线和连字符，且不能以点或连字符"
                                       "开头",
                                       "may hold a-z, 0-9, dot, underscore and hyphen, and must "
                                       "not start with a dot or a hyphen"}});
  }
}

/// Only what would break a mail later: RFC 5321 allows nearly everything else.
void checkEmail(std::vector<FieldError>& errors, const std::string& email) {
  if (email.empty() || !checkText(errors, "email", email, 0, kMaxEmail)) return;
  const auto at = email.find('@');
  const bool plausible = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                         email.find('@', at + 1) == std::string::npos &&
                         email.find_first_of(" ,;<>\"") == std::string::npos;
  if (!plausible) {
    errors.push_back({"email", Text{"不是有效的邮箱地址", "is not an e-mail address"}});
  }
}

void checkPassword(std::vector<FieldError>& errors, const Secret& password,
                   const std::string& username) {
  if (Text problem = passwordProblem(password, username); !problem.empty()) {
    errors.push_back({"password", std::move(problem)});
  }
}

/// A disabled user's are ended also when it was disabled before: the store may have failed then
/// between the two steps.
bool losesSessions(const User& before, const User& after, bool new_password) {
  return new_password || !after.is_active || after.role < before.role;
}

}  // namespace

void checkNewUser(const NewUser& wanted) {
  const std::string username = lowerAscii(wanted.username);
  std::vector<FieldError> errors;
  checkUsername(errors, username);
  checkText(errors, "display_name", wanted.display_name, 0, kMaxDisplayName);
  checkEmail(errors, wanted.email);
  checkPassword(errors, wanted.password, username);
  throwIfAny(std::move(errors));
}

void checkUserChange(const UserChange& change, const std::string& username) {
  std::vector<FieldError> errors;
  if (change.display_name) {
    checkText(errors, "display_name", *change.display_name, 0, kMaxDisplayName);
  }
  if (change.email) checkEmail(errors, *change.email);
  if (change.password) checkPassword(errors, *change.password, username);
  throwIfAny(std::move(errors));
}

UserService::UserService(ports::UserStore& users, ports::SessionStore& sessions,
                         ports::PasswordHasher& hasher, const ports::Clock& clock)
    : users_{users}, sessions_{sessions}, hasher_{hasher}, clock_{clock} {}

Page<User> UserService::list(const PageRequest& page) {
  return users_.list(page);
}

User UserService::get(const std::string& id) {
  auto user = users_.findById(id);
  if (!user) throw noSuchUser();
  return std::move(*user);
}

User UserService::create(const NewUser& wanted) {
  checkNewUser(wanted);
  User user;
  user.id = newUuid();
  user.username = lowerAscii(wanted.username);
  user.display_name = wanted.display_name;
  user.email = wanted.email;
  user.role = wanted.role;
  user.password_hash = hasher_.hash(wanted.password);
  user.created_at = clock_.now();
  user.updated_at = user.created_at;
  if (users_.insert(user) == ports::Saved::kDuplicate) {
    throw ServiceError{ErrorCode::kConflict,
                       Text{"用户名 " + user.username + " 已被使用，请换一个",
                            "The user name " + user.username + " is taken. Choose another"}};
  }
  return user;
}

User UserService::update(const std::string& id, const UserChange& change) {
  checkUserChange(change, get(id).username);
  ports::UserEdit edit;
  edit.display_name = change.display_name;
  edit.email = change.email;
  edit.role = change.role;
  edit.is_active = change.is_active;
  if (change.password) edit.password_hash = hasher_.hash(*change.password);
  const auto [outcome, before, after] = users_.update(id, edit, clock_.now());
  if (outcome == ports::UserStore::Updated::kNotFound) throw noSuchUser();
  if (outcome == ports::UserStore::Updated::kLastAdmin) throw lastAdmin();
  if (losesSessions(before, after, change.password.has_value())) sessions_.removeOfUser(id);
  return after;
}

}  // namespace oscar::services
