#include "services/principal_cache.hpp"

#include <utility>

namespace oscar::services {
namespace {

/// Calls a function at the end of a scope, however it ends.
class AtEnd {
 public:
  explicit AtEnd(const std::function<void()>& then) : then_{then} {}
  ~AtEnd() { then_(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  const std::function<void()>& then_;
};

}  // namespace

PrincipalCache::PrincipalCache(Authenticate authenticate, const ports::Clock& clock,
                               std::chrono::milliseconds lifetime, std::size_t max_tokens)
    : authenticate_{std::move(authenticate)},
      clock_{clock},
      lifetime_{lifetime},
      max_tokens_{max_tokens} {}

Principal PrincipalCache::authenticate(std::string_view token) {
  std::string key{token};
  std::uint64_t changes_before = 0;
  {
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(key);
    if (found != entries_.end() && clock_.steady() < found->second.until) {
      return found->second.principal;
    }
    changes_before = changes_;
  }
  // Its age counts from before the look: what changed meanwhile is not in it.
  const Instant until = clock_.steady() + lifetime_;
  Principal principal = authenticate_(token);
  const std::lock_guard lock{mutex_};
  if (changes_ == changes_before) {
    if (entries_.size() >= max_tokens_) entries_.clear();
    entries_.insert_or_assign(std::move(key), Entry{principal, until});
  }
  return principal;
}

void PrincipalCache::forgetAll() {
  const std::lock_guard lock{mutex_};
  ++changes_;
  entries_.clear();
}

TellingUserStore::TellingUserStore(ports::UserStore& store, std::function<void()> changed)
    : store_{store}, changed_{std::move(changed)} {}

std::optional<User> TellingUserStore::findById(const std::string& id) {
  return store_.findById(id);
}
std::optional<User> TellingUserStore::findByUsername(const std::string& username) {
  return store_.findByUsername(username);
}
Page<User> TellingUserStore::list(const PageRequest& page) {
  return store_.list(page);
}
std::int64_t TellingUserStore::count() {
  return store_.count();
}
ports::Saved TellingUserStore::insert(const User& user) {
  return store_.insert(user);  // nobody holds a token of a user who was not there
}
TellingUserStore::Update TellingUserStore::update(const std::string& id,
                                                  const ports::UserEdit& edit, Timestamp at) {
  const AtEnd tell{changed_};
  return store_.update(id, edit, at);
}
bool TellingUserStore::replacePassword(const std::string& id, const std::string& known_hash,
                                       const std::string& hash, Timestamp at) {
  const AtEnd tell{changed_};
  return store_.replacePassword(id, known_hash, hash, at);
}
void TellingUserStore::touchLastLogin(const std::string& id, Timestamp at) {
  store_.touchLastLogin(id, at);  // no principal holds it
}

TellingSessionStore::TellingSessionStore(ports::SessionStore& store, std::function<void()> changed)
    : store_{store}, changed_{std::move(changed)} {}

void TellingSessionStore::insert(const Session& session) {
  store_.insert(session);  // only successes are remembered, so a new session changes nothing
}
std::optional<Session> TellingSessionStore::find(const std::string& id) {
  return store_.find(id);
}
void TellingSessionStore::remove(const std::string& id) {
  const AtEnd tell{changed_};
  store_.remove(id);
}
void TellingSessionStore::removeOfUser(const std::string& user_id) {
  const AtEnd tell{changed_};
  store_.removeOfUser(user_id);
}
void TellingSessionStore::removeOfUserExcept(const std::string& user_id,
                                             const std::string& session_id) {
  const AtEnd tell{changed_};
  store_.removeOfUserExcept(user_id, session_id);
}
void TellingSessionStore::removeExpired(Timestamp now) {
  const AtEnd tell{changed_};
  store_.removeExpired(now);
}

}  // namespace oscar::services
