#include "services/principal_cache.hpp"

#include "domain/error.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_session_store.hpp"
#include "support/fake_user_store.hpp"

#include <gtest/gtest.h>

namespace oscar::services {
namespace {

using namespace std::chrono_literals;

class PrincipalCacheTest : public testing::Test {
 protected:
  Principal look(std::string_view token) {
    ++looks_;
    if (during_look_) during_look_();
    if (refuses_) throw ServiceError{ErrorCode::kUnauthenticated, {"否", "no"}};
    return {"id of " + std::string{token}, "ann", Role::kViewer, "s1"};
  }

  test::FakeClock clock_;
  int looks_ = 0;
  bool refuses_ = false;
  std::function<void()> during_look_;
  PrincipalCache cache_{[this](std::string_view token) { return look(token); }, clock_, 2s, 3};
};

TEST_F(PrincipalCacheTest, LooksOncePerTokenAndLifetime) {
  EXPECT_EQ(cache_.authenticate("a").user_id, "id of a");
  EXPECT_EQ(cache_.authenticate("a").user_id, "id of a");
  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(cache_.authenticate("b").user_id, "id of b");
  EXPECT_EQ(looks_, 2);
  clock_.advance(2s);
  cache_.authenticate("a");
  EXPECT_EQ(looks_, 3);
}

TEST_F(PrincipalCacheTest, RefusalsAreNotRemembered) {
  refuses_ = true;
  EXPECT_THROW(cache_.authenticate("a"), ServiceError);
  refuses_ = false;
  EXPECT_EQ(cache_.authenticate("a").user_id, "id of a");
}

TEST_F(PrincipalCacheTest, ChangesTakeEffectAtOnce) {
  cache_.authenticate("a");
  cache_.forgetAll();
  refuses_ = true;
  EXPECT_THROW(cache_.authenticate("a"), ServiceError);
}

TEST_F(PrincipalCacheTest, ALookThatOverlapsAChangeIsNotRemembered) {
  during_look_ = [this] { cache_.forgetAll(); };
  cache_.authenticate("a");
  during_look_ = nullptr;
  cache_.authenticate("a");
  EXPECT_EQ(looks_, 2);
}

TEST_F(PrincipalCacheTest, AgeCountsFromBeforeTheLook) {
  during_look_ = [this] { clock_.advance(1500ms); };
  cache_.authenticate("a");
  clock_.advance(500ms);
  cache_.authenticate("a");
  EXPECT_EQ(looks_, 2);
}

TEST_F(PrincipalCacheTest, MemoryIsBounded) {
  for (const char* token : {"a", "b", "c", "d"}) cache_.authenticate(token);
  cache_.authenticate("d");
  EXPECT_EQ(looks_, 4);
  cache_.authenticate("a");  // was forgotten when d came
  EXPECT_EQ(looks_, 5);
}

TEST(TellingStores, TellAfterEveryChangeThatEndsAPrincipal) {
  test::FakeUserStore plain_users;
  test::FakeSessionStore plain_sessions;
  const test::FakeClock clock;
  int told = 0;
  TellingUserStore users{plain_users, [&] { ++told; }};
  TellingSessionStore sessions{plain_sessions, [&] { ++told; }};
  User user;
  user.id = "u1";
  user.username = "ann";
  user.role = Role::kAdmin;
  EXPECT_EQ(users.insert(user), ports::Saved::kOk);
  EXPECT_EQ(users.findById("u1")->username, "ann");
  EXPECT_EQ(users.findByUsername("ann")->id, "u1");
  EXPECT_EQ(users.count(), 1);
  Session session;
  session.id = "s1";
  session.user_id = "u1";
  sessions.insert(session);
  EXPECT_TRUE(sessions.find("s1"));
  EXPECT_EQ(told, 0);
  ports::UserEdit edit;
  edit.email = "ann@example.org";
  EXPECT_EQ(users.update("u1", edit, clock.now()).after.email, "ann@example.org");
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(users.replacePassword("u1", "", "hash", clock.now()));
  EXPECT_EQ(plain_users.findById("u1")->password_hash, "hash");
  EXPECT_EQ(told, 2);
  session.id = "s2";
  sessions.insert(session);
  sessions.removeOfUserExcept("u1", "s1");
  EXPECT_TRUE(plain_sessions.find("s1"));
  EXPECT_FALSE(plain_sessions.find("s2"));
  EXPECT_EQ(told, 3);
  sessions.remove("s1");
  EXPECT_FALSE(plain_sessions.find("s1"));
  EXPECT_EQ(told, 4);
  sessions.removeOfUser("u1");
  EXPECT_EQ(told, 5);
}

TEST(TellingStores, TellEvenWhenTheStoreFails) {
  test::FakeUserStore plain;
  int told = 0;
  TellingUserStore users{plain, [&] { ++told; }};
  plain.away = true;
  EXPECT_THROW(users.update("u1", {}, {}), StoreUnavailable);
  EXPECT_EQ(told, 1);
  EXPECT_THROW(users.replacePassword("u1", "a", "b", {}), StoreUnavailable);
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace oscar::services
