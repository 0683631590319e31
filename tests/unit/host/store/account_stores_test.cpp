#include "store/sql_session_store.hpp"
#include "store_fixture.hpp"

#include <thread>
#include <tuple>

namespace oscar::store::test {
namespace {

using ports::Saved;

User sampleUser(const std::string& name, Role role = Role::kAdmin) {
  User user;
  user.id = newUuid();
  user.username = name;
  user.password_hash = "$2b$12$hash";
  user.display_name = "张三 😀 \"x\" 'y'\n";
  user.email = "z@example.org";
  user.role = role;
  user.created_at = at(1);
  user.updated_at = at(2);
  return user;
}

/// Everything of a user, for comparing.
auto columns(const User& user) {
  return std::tuple{user.id,
                    user.username,
                    user.password_hash,
                    user.display_name,
                    user.email,
                    user.role,
                    user.is_active,
                    user.last_login_at,
                    toMillis(user.created_at),
                    toMillis(user.updated_at)};
}

class UserStoreTest : public StoreTest {};
OSCAR_STORE_SUITE(UserStoreTest);

TEST_P(UserStoreTest, GivesBackWhatWasInserted) {
  SqlUserStore store{*database_};
  User user = sampleUser("Root");
  user.last_login_at = fromMillis(toMillis(at(9)) + 123);
  ASSERT_EQ(store.insert(user), Saved::kOk);
  const auto found = store.findById(user.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->username, "root") << "names are kept in lower case";
  EXPECT_EQ(found->display_name, user.display_name);
  EXPECT_EQ(found->password_hash, user.password_hash);
  EXPECT_EQ(found->email, user.email);
  EXPECT_EQ(found->role, Role::kAdmin);
  EXPECT_TRUE(found->is_active);
  EXPECT_EQ(found->last_login_at, user.last_login_at);
  EXPECT_EQ(found->created_at, at(1));
  EXPECT_EQ(found->updated_at, at(2));
  EXPECT_EQ(store.findByUsername("ROOT")->id, user.id);
  EXPECT_FALSE(store.findByUsername("roo"));
  EXPECT_FALSE(store.findById("nobody"));
}

TEST_P(UserStoreTest, RefusesATakenName) {
  SqlUserStore store{*database_};
  ASSERT_EQ(store.insert(sampleUser("root")), Saved::kOk);
  EXPECT_EQ(store.insert(sampleUser("ROOT")), Saved::kDuplicate);
  EXPECT_EQ(store.count(), 1);
}

using Updated = ports::UserStore::Updated;

ports::UserEdit roleEdit(Role role) {
  ports::UserEdit edit;
  edit.role = role;
  return edit;
}

ports::UserEdit activeEdit(bool is_active) {
  ports::UserEdit edit;
  edit.is_active = is_active;
  return edit;
}

TEST_P(UserStoreTest, UpdateChangesOnlyWhatIsGiven) {
  SqlUserStore store{*database_};
  const User user = sampleUser("root");
  store.insert(user);
  store.insert(sampleUser("second"));
  store.touchLastLogin(user.id, at(50));
  ports::UserEdit nothing;
  ports::UserEdit words;
  words.display_name = "D";
  words.email = "E";
  ports::UserEdit password;
  password.password_hash = "H";
  User wanted = user;
  wanted.last_login_at = at(50);
  int seconds = 100;
  for (const auto& edit : {nothing, words, password, roleEdit(Role::kViewer), activeEdit(false)}) {
    const User before = wanted;
    if (edit.display_name) wanted.display_name = *edit.display_name;
    if (edit.email) wanted.email = *edit.email;
    if (edit.password_hash) wanted.password_hash = *edit.password_hash;
    if (edit.role) wanted.role = *edit.role;
    if (edit.is_active) wanted.is_active = *edit.is_active;
    wanted.updated_at = at(++seconds);
    const auto done = store.update(user.id, edit, at(seconds));
    ASSERT_EQ(done.outcome, Updated::kDone) << seconds;
    EXPECT_EQ(columns(done.before), columns(before)) << seconds;
    EXPECT_EQ(columns(done.after), columns(wanted)) << seconds;
    EXPECT_EQ(columns(*store.findById(user.id)), columns(wanted)) << seconds;
  }
}

TEST_P(UserStoreTest, KeepsTheLastActiveAdmin) {
  SqlUserStore store{*database_};
  const User a = sampleUser("a");
  const User b = sampleUser("b");
  const User viewer = sampleUser("c", Role::kViewer);
  for (const User& user : {a, b, viewer}) ASSERT_EQ(store.insert(user), Saved::kOk);
  EXPECT_EQ(store.update(b.id, activeEdit(false), at(3)).outcome, Updated::kDone);
  for (ports::UserEdit edit : {roleEdit(Role::kOperator), activeEdit(false)}) {
    edit.email = "changed";
    EXPECT_EQ(store.update(a.id, edit, at(4)).outcome, Updated::kLastAdmin);
    EXPECT_EQ(columns(*store.findById(a.id)), columns(a)) << "nothing may be changed";
  }
  ports::UserEdit words;
  words.email = "new@example.org";
  EXPECT_EQ(store.update(a.id, words, at(5)).outcome, Updated::kDone);
  EXPECT_EQ(store.update(a.id, roleEdit(Role::kAdmin), at(6)).outcome, Updated::kDone);
  EXPECT_EQ(store.update(viewer.id, activeEdit(false), at(6)).outcome, Updated::kDone);
  EXPECT_EQ(store.update(b.id, activeEdit(true), at(7)).outcome, Updated::kDone);
  EXPECT_EQ(store.update(a.id, activeEdit(false), at(8)).outcome, Updated::kDone);
}

TEST_P(UserStoreTest, AnUnknownUserIsNotTakenForTheLastAdmin) {
  SqlUserStore store{*database_};
  const std::string ghost = newUuid();
  EXPECT_EQ(store.update(ghost, activeEdit(false), at(3)).outcome, Updated::kNotFound);
  store.insert(sampleUser("root"));
  EXPECT_EQ(store.update(ghost, activeEdit(false), at(3)).outcome, Updated::kNotFound);
  EXPECT_FALSE(store.replacePassword(ghost, "$2b$12$hash", "new", at(3)));
}

TEST_P(UserStoreTest, TwoAdminsCannotDemoteEachOtherAtOnce) {
  SqlUserStore store{*database_};
  for (int round = 0; round < 10; ++round) {
    const User a = sampleUser("a" + std::to_string(round));
    const User b = sampleUser("b" + std::to_string(round));
    ASSERT_EQ(store.insert(a), Saved::kOk);
    ASSERT_EQ(store.insert(b), Saved::kOk);
    Updated done_a{};
    std::thread other{[&] { done_a = store.update(a.id, roleEdit(Role::kViewer), at(3)).outcome; }};
    const Updated done_b = store.update(b.id, roleEdit(Role::kViewer), at(3)).outcome;
    other.join();
    const bool first = done_a == Updated::kDone && done_b == Updated::kLastAdmin;
    const bool second = done_a == Updated::kLastAdmin && done_b == Updated::kDone;
    EXPECT_TRUE(first || second) << round;
    // Leave none behind but one inactive, so that the next round starts from nothing.
    place_->link()->execute("UPDATE users SET role = 'viewer'", {});
  }
}

TEST_P(UserStoreTest, ReplacesAPasswordOnlyWhileItIsTheKnownOne) {
  SqlUserStore store{*database_};
  const User user = sampleUser("root");
  const User other = sampleUser("other");
  store.insert(user);
  store.insert(other);
  EXPECT_FALSE(store.replacePassword(user.id, "$2b$12$HASH", "new", at(3)));
  EXPECT_EQ(columns(*store.findById(user.id)), columns(user));
  EXPECT_TRUE(store.replacePassword(user.id, "$2b$12$hash", "new", at(4)));
  User wanted = user;
  wanted.password_hash = "new";
  wanted.updated_at = at(4);
  EXPECT_EQ(columns(*store.findById(user.id)), columns(wanted));
  EXPECT_EQ(columns(*store.findById(other.id)), columns(other));
  EXPECT_FALSE(store.replacePassword(user.id, "$2b$12$hash", "newer", at(5)));
  store.update(user.id, activeEdit(false), at(6));
  EXPECT_FALSE(store.replacePassword(user.id, "new", "newer", at(7))) << "the user is disabled";
  EXPECT_EQ(store.findById(user.id)->password_hash, "new");
}

/// Somebody else's change is not committed yet when ours begins: ours waits, and sees it.
TEST_P(UserStoreTest, ChangesAtOnceDoNotUndoEachOther) {
  SqlUserStore store{*database_};
  const User user = sampleUser("ann", Role::kViewer);
  store.insert(user);
  store.insert(sampleUser("root"));
  const auto while_others_write = [&](const std::string& statement, const auto& ours) {
    const auto link = place_->link();
    link->begin(true);
    link->execute(statement + " WHERE id = '" + user.id + "'", {});
    std::thread thread{ours};
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    link->commit();
    thread.join();
  };
  ports::UserEdit words;
  words.email = "new@example.org";
  while_others_write("UPDATE users SET is_active = 0, password_hash = 'reset'", [&] {
    const auto done = store.update(user.id, words, at(3));
    EXPECT_EQ(done.outcome, Updated::kDone);
    EXPECT_FALSE(done.before.is_active);
    EXPECT_FALSE(done.after.is_active);
  });
  EXPECT_FALSE(store.findById(user.id)->is_active);
  EXPECT_EQ(store.findById(user.id)->password_hash, "reset");
  EXPECT_EQ(store.findById(user.id)->email, "new@example.org");

  store.update(user.id, activeEdit(true), at(4));
  while_others_write("UPDATE users SET is_active = 0",
                     [&] { EXPECT_FALSE(store.replacePassword(user.id, "reset", "mine", at(5))); });
  EXPECT_FALSE(store.findById(user.id)->is_active);
  EXPECT_EQ(store.findById(user.id)->password_hash, "reset");
}

TEST_P(UserStoreTest, ListsByNameInPages) {
  SqlUserStore store{*database_};
  for (const char* name : {"c", "a", "e", "b", "d"}) store.insert(sampleUser(name));
  PageRequest page;
  page.page_size = 2;
  page.page = 2;
  const auto result = store.list(page);
  EXPECT_EQ(result.total, 5);
  ASSERT_EQ(result.items.size(), 2U);
  EXPECT_EQ(result.items[0].username, "c");
  EXPECT_EQ(result.items[1].username, "d");
}

class SessionStoreTest : public StoreTest {};
OSCAR_STORE_SUITE(SessionStoreTest);

TEST_P(SessionStoreTest, LivesUntilRemovedOrExpired) {
  SqlUserStore users{*database_};
  SqlSessionStore store{*database_};
  const User user = sampleUser("u");
  const User other = sampleUser("v");
  users.insert(user);
  users.insert(other);
  const auto session = [&](const std::string& owner, Timestamp expires) {
    Session s{newUuid(), owner, at(0), expires, "::1", "agent \xff 😀"};
    store.insert(s);
    return s;
  };
  const Session early = session(user.id, at(10));
  const Session late = session(user.id, at(20));
  const Session foreign = session(other.id, at(20));
  const auto found = store.find(early.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->user_id, user.id);
  EXPECT_EQ(found->expires_at, at(10));
  EXPECT_EQ(found->user_agent, "agent \xEF\xBF\xBD 😀");
  store.removeExpired(at(10));
  EXPECT_FALSE(store.find(early.id));
  EXPECT_TRUE(store.find(late.id));
  store.removeOfUser(user.id);
  EXPECT_FALSE(store.find(late.id));
  EXPECT_TRUE(store.find(foreign.id));
  store.remove(foreign.id);
  EXPECT_FALSE(store.find(foreign.id));
}

TEST_P(SessionStoreTest, AllButOneOfAUserCanBeRemoved) {
  SqlUserStore users{*database_};
  SqlSessionStore store{*database_};
  const User user = sampleUser("u");
  const User other = sampleUser("v");
  users.insert(user);
  users.insert(other);
  const auto session = [&](const std::string& owner) {
    const Session s{newUuid(), owner, at(0), at(10), "::1", "agent"};
    store.insert(s);
    return s.id;
  };
  const std::string kept = session(user.id);
  const std::string ended = session(user.id);
  const std::string foreign = session(other.id);
  store.removeOfUserExcept(user.id, kept);
  EXPECT_TRUE(store.find(kept));
  EXPECT_FALSE(store.find(ended));
  EXPECT_TRUE(store.find(foreign));
  store.removeOfUserExcept(user.id, ended);
  EXPECT_FALSE(store.find(kept));
  EXPECT_FALSE(store.find(ended)) << "one that is gone does not come back";
  store.removeOfUserExcept(other.id, "");
  EXPECT_FALSE(store.find(foreign));
}

}  // namespace
}  // namespace oscar::store::test
