#include "store/sql_user_store.hpp"

#include "store/clean_text.hpp"

#include <algorithm>

namespace oscar::store {
namespace {

#define USER_COLUMNS                                                                        \
  "id, username, password_hash, display_name, email, role, is_active, {ms:last_login_at}, " \
  "{ms:created_at}, {ms:updated_at}"
constexpr std::string_view kUserTypes = "ssssssiiii";

constexpr Query kSelectUserById{"SELECT " USER_COLUMNS " FROM users WHERE id = ?", kUserTypes};
constexpr Query kLockUser{"SELECT " USER_COLUMNS " FROM users WHERE id = ?{lock}", kUserTypes};
constexpr Query kSelectUserByName{"SELECT " USER_COLUMNS " FROM users WHERE username = ?",
                                  kUserTypes};
constexpr Query kSelectUsers{
    "SELECT " USER_COLUMNS " FROM users ORDER BY username LIMIT ? OFFSET ?", kUserTypes};
#undef USER_COLUMNS
constexpr Query kCountUsers{"SELECT COUNT(*) FROM users", "i"};
// Locks the active admins, so that two of them cannot be demoted at the same moment.
constexpr Query kSelectActiveAdmins{
    "SELECT id FROM users WHERE role = 'admin' AND is_active = 1{lock}", "s"};
constexpr std::string_view kInsertUser =
    "INSERT INTO users (id, username, password_hash, display_name, email, role, is_active,"
    " last_login_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kUpdateUser =
    "UPDATE users SET password_hash = ?, display_name = ?, email = ?, role = ?, is_active = ?,"
    " updated_at = ? WHERE id = ?";
constexpr std::string_view kReplacePassword =
    "UPDATE users SET password_hash = ?, updated_at = ?"
    " WHERE id = ? AND password_hash = ? AND is_active = 1";
constexpr std::string_view kTouchLastLogin = "UPDATE users SET last_login_at = ? WHERE id = ?";

User userOf(Row& row) {
  User user;
  user.id = row.text();
  user.username = row.text();
  user.password_hash = row.text();
  user.display_name = row.text();
  user.email = row.text();
  user.role = parseRole(row.text()).value_or(Role::kViewer);
  user.is_active = row.boolean();
  user.last_login_at = row.optionalTime();
  user.created_at = row.time();
  user.updated_at = row.time();
  return user;
}

std::string word(Role role) {
  return std::string{toString(role)};
}

User edited(User user, const ports::UserEdit& edit, Timestamp at) {
  if (edit.password_hash) user.password_hash = *edit.password_hash;
  if (edit.display_name) user.display_name = *edit.display_name;
  if (edit.email) user.email = *edit.email;
  if (edit.role) user.role = *edit.role;
  if (edit.is_active) user.is_active = *edit.is_active;
  user.updated_at = at;
  return user;
}

bool isActiveAdmin(const User& user) {
  return user.role == Role::kAdmin && user.is_active;
}

std::optional<User> findOne(Database& database, const Query& query, const std::string& value) {
  return database.read([&](Sql& sql) -> std::optional<User> {
    auto row = sql.one(query, {value});
    return row ? std::optional{userOf(*row)} : std::nullopt;
  });
}

}  // namespace

std::optional<User> SqlUserStore::findById(const std::string& id) {
  return findOne(database_, kSelectUserById, id);
}

std::optional<User> SqlUserStore::findByUsername(const std::string& username) {
  return findOne(database_, kSelectUserByName, asciiLower(username));
}

Page<User> SqlUserStore::list(const PageRequest& page) {
  return database_.read([&](Sql& sql) {
    Page<User> result;
    result.total = sql.one(kCountUsers)->integer();
    const std::int64_t offset = std::int64_t{page.page - 1} * page.page_size;
    for (auto& row : sql.query(kSelectUsers, {std::int64_t{page.page_size}, offset})) {
      result.items.push_back(userOf(row));
    }
    return result;
  });
}

std::int64_t SqlUserStore::count() {
  return database_.read([](Sql& sql) { return sql.one(kCountUsers)->integer(); });
}

ports::Saved SqlUserStore::insert(const User& user) {
  try {
    database_.write([&](Sql& sql) {
      sql.execute(kInsertUser,
                  {user.id, asciiLower(user.username), user.password_hash, user.display_name,
                   user.email, word(user.role), flag(user.is_active), nullable(user.last_login_at),
                   user.created_at, user.updated_at});
    });
    return ports::Saved::kOk;
  } catch (const DuplicateKey&) {
    return ports::Saved::kDuplicate;
  }
}

SqlUserStore::Update SqlUserStore::update(const std::string& id, const ports::UserEdit& edit,
                                          Timestamp at) {
  return database_.write([&](Sql& sql) -> Update {
    auto admins = sql.query(kSelectActiveAdmins);
    auto row = sql.one(kLockUser, {id});
    if (!row) return {};
    const User before = userOf(*row);
    const User after = edited(before, edit, at);
    const bool has_other_admin =
        std::any_of(admins.begin(), admins.end(), [&](Row& admin) { return admin.text() != id; });
    if (isActiveAdmin(before) && !isActiveAdmin(after) && !has_other_admin) {
      return {Updated::kLastAdmin, {}, {}};
    }
    sql.execute(kUpdateUser, {after.password_hash, after.display_name, after.email,
                              word(after.role), flag(after.is_active), at, id});
    return {Updated::kDone, before, after};
  });
}

bool SqlUserStore::replacePassword(const std::string& id, const std::string& known_hash,
                                   const std::string& hash, Timestamp at) {
  return database_.write([&](Sql& sql) {
    return sql.execute(kReplacePassword, {hash, at, id, known_hash}) > 0;
  });
}

void SqlUserStore::touchLastLogin(const std::string& id, Timestamp at) {
  database_.write([&](Sql& sql) { sql.execute(kTouchLastLogin, {at, id}); });
}

}  // namespace oscar::store
