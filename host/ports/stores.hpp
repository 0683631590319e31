#pragma once

#include "domain/audit.hpp"
#include "domain/connection.hpp"
#include "domain/page.hpp"
#include "domain/user.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Stores of everything but executions (execution_store.hpp). Every method may be called from any
/// thread, is one transaction, and throws StoreUnavailable when the database cannot be used now.
namespace oscar::ports {

/// Outcome of an insert or update that a unique key may refuse.
enum class Saved { kOk = 1, kDuplicate, kNotFound, kInUse };

/// What shall change of a user; what is absent stays as it is.
struct UserEdit {
  std::optional<std::string> password_hash;
  std::optional<std::string> display_name;
  std::optional<std::string> email;
  std::optional<Role> role;
  std::optional<bool> is_active;
};

/// Table `users`. No method takes a whole row to write: what others change between a caller's
/// reading and its writing stays changed.
class UserStore {
 public:
  /// Outcome of update().
  enum class Updated { kDone = 1, kNotFound, kLastAdmin };
  /// What an update has done; the two users are set with kDone only.
  struct Update {
    Updated outcome = Updated::kNotFound;
    User before;
    User after;
  };

  virtual std::optional<User> findById(const std::string& id) = 0;
  /// Case-insensitive: user names are stored in lower case.
  virtual std::optional<User> findByUsername(const std::string& username) = 0;
  /// By user name.
  virtual Page<User> list(const PageRequest& page) = 0;
  virtual std::int64_t count() = 0;  ///< inactive ones included
  /// kOk, or kDuplicate when the user name is taken.
  virtual Saved insert(const User& user) = 0;
  /// Changes what `edit` holds, and updated_at. Nothing is changed when there is no such user, and
  /// when it would take away the last active admin (kLastAdmin).
  virtual Update update(const std::string& id, const UserEdit& edit, Timestamp at) = 0;
  /// Gives an active user another password while the hash is still `known_hash`. False: the user
  /// is gone or disabled, or has been given another password meanwhile; nothing is changed.
  virtual bool replacePassword(const std::string& id, const std::string& known_hash,
                               const std::string& hash, Timestamp at) = 0;
  virtual void touchLastLogin(const std::string& id, Timestamp at) = 0;

 protected:
  ~UserStore() = default;
};

/// Table `sessions`. Removing what is not there does nothing.
class SessionStore {
 public:
  virtual void insert(const Session& session) = 0;
  /// Also one that has expired; the caller has the clock.
  virtual std::optional<Session> find(const std::string& id) = 0;
  virtual void remove(const std::string& id) = 0;
  virtual void removeOfUser(const std::string& user_id) = 0;
  /// All of a user's sessions but one, which need not be there.
  virtual void removeOfUserExcept(const std::string& user_id, const std::string& session_id) = 0;
  virtual void removeExpired(Timestamp now) = 0;

 protected:
  ~SessionStore() = default;
};

/// A connection with its sealed password, as stored.
struct StoredConnection {
  Connection connection;
  std::string sealed_password;
};

/// Which connections are wanted: what is empty or absent does not restrict.
struct ConnectionFilter {
  std::optional<Environment> environment;
  std::string keyword;  ///< substring of name, host, database or description
};

/// Table `connections`.
class ConnectionStore {
 public:
  /// nullopt when there is none or it was removed, as findByName.
  virtual std::optional<StoredConnection> find(const std::string& id) = 0;
  virtual std::optional<StoredConnection> findByName(const std::string& name) = 0;
  /// Ordered by environment (prod, test, dev), then name.
  virtual Page<Connection> list(const ConnectionFilter& filter, const PageRequest& page) = 0;
  /// kOk, or kDuplicate when the name is taken.
  virtual Saved insert(const StoredConnection& connection) = 0;
  /// kInUse when host or port would change while pending or running executions refer to it: what
  /// they still have to do (or to clean up) must reach the server that they were submitted for.
  virtual Saved update(const StoredConnection& connection) = 0;
  /// Outcome of remove().
  enum class Removed { kOk = 1, kNotFound, kInUse };
  /// kInUse while pending or running executions refer to it. Finished executions keep their copy of
  /// its name; the row stays as a tombstone (deleted_at) for the foreign key, invisible here.
  virtual Removed remove(const std::string& id, Timestamp at) = 0;

 protected:
  ~ConnectionStore() = default;
};

/// Table `audit_logs`: written and read, never changed.
class AuditStore {
 public:
  /// The store gives the id.
  virtual void append(const AuditEntry& entry) = 0;
  /// Newest first. `before_number` of the page request is an audit id.
  virtual Page<AuditEntry> list(const AuditFilter& filter, const PageRequest& page) = 0;

 protected:
  ~AuditStore() = default;
};

}  // namespace oscar::ports
