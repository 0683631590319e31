#include "services/user_service.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_password_hasher.hpp"
#include "support/fake_session_store.hpp"
#include "support/fake_user_store.hpp"

#include <gtest/gtest.h>

namespace oscar::services {
namespace {

class UserServiceTest : public testing::Test {
 protected:
  NewUser wanted(const std::string& name, Role role = Role::kOperator) {
    return {name, Secret{"pass-word1"}, "Somebody", "some@example.com", role};
  }
  /// Names of the wrong fields, in order.
  template <typename Call>
  std::vector<std::string> wrongFields(Call call) {
    std::vector<std::string> names;
    try {
      call();
    } catch (const ServiceError& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
      for (const auto& field : error.fields()) names.push_back(field.field);
    }
    return names;
  }
  template <typename Call>
  std::optional<ErrorCode> codeOf(Call call) {
    try {
      call();
    } catch (const ServiceError& error) {
      return error.code();
    }
    return std::nullopt;
  }
  void openSession(const User& user) {
    Session session;
    session.id = newUuid();
    session.user_id = user.id;
    session.expires_at = clock_.now() + std::chrono::hours{1};
    sessions_.insert(session);
  }

  test::FakeClock clock_;
  test::FakeUserStore users_;
  test::FakeSessionStore sessions_;
  test::FakePasswordHasher hasher_;
  UserService service_{users_, sessions_, hasher_, clock_};
};

TEST_F(UserServiceTest, CreatesAUserWithAHashedPassword) {
  const User user = service_.create(wanted("Dev.Ops_1"));
  EXPECT_TRUE(isUuid(user.id));
  EXPECT_EQ(user.username, "dev.ops_1");
  EXPECT_EQ(user.password_hash, "hashed:pass-word1");
  EXPECT_EQ(user.role, Role::kOperator);
  EXPECT_TRUE(user.is_active);
  EXPECT_EQ(user.created_at, clock_.now());
  EXPECT_EQ(service_.get(user.id).email, "some@example.com");
  EXPECT_EQ(service_.list({}).total, 1);
}

TEST_F(UserServiceTest, RefusesANameThatIsTaken) {
  service_.create(wanted("ann"));
  EXPECT_EQ(codeOf([&] { service_.create(wanted("ANN")); }), ErrorCode::kConflict);
}

TEST_F(UserServiceTest, RefusesEachWrongField) {
  for (const char* name : {"", "a", "-ann", ".ann", "an n", "ann@x", "安安", "ann\n", "a/b",
                           "0123456789012345678901234567890123456789012345678901"}) {
    EXPECT_EQ(wrongFields([&] { service_.create(wanted(name)); }),
              std::vector<std::string>{"username"})
        << name;
  }
  for (const char* email : {"x", "@x", "x@", "a b@c", "a@b@c", "<a@b>", "a@b,c@d", "a@b\n"}) {
    auto user = wanted("ann");
    user.email = email;
    EXPECT_EQ(wrongFields([&] { service_.create(user); }), std::vector<std::string>{"email"})
        << email;
  }
  auto user = wanted("b");
  user.password = Secret{"short"};
  user.display_name = std::string(101, 'x');
  user.email = "nowhere";
  EXPECT_EQ(wrongFields([&] { service_.create(user); }),
            (std::vector<std::string>{"username", "display_name", "email", "password"}));
  EXPECT_EQ(users_.count(), 0);
}

TEST_F(UserServiceTest, UpdateChangesOnlyWhatIsGiven) {
  service_.create(wanted("admin", Role::kAdmin));
  const User before = service_.create(wanted("ann"));
  clock_.advance(std::chrono::seconds{5});
  UserChange change;
  change.display_name = "Ann 安";
  const User after = service_.update(before.id, change);
  EXPECT_EQ(after.display_name, "Ann 安");
  EXPECT_EQ(after.email, before.email);
  EXPECT_EQ(after.role, before.role);
  EXPECT_EQ(after.password_hash, before.password_hash);
  EXPECT_EQ(after.updated_at, clock_.now());
  EXPECT_EQ(service_.get(before.id).display_name, "Ann 安");
}

TEST_F(UserServiceTest, UpdateChecksFieldsAndExistence) {
  const User user = service_.create(wanted("admin", Role::kAdmin));
  UserChange change;
  change.email = "nowhere";
  change.password = Secret{"admin"};
  EXPECT_EQ(wrongFields([&] { service_.update(user.id, change); }),
            (std::vector<std::string>{"email", "password"}));
  EXPECT_EQ(codeOf([&] { service_.update("none", {}); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { service_.get("none"); }), ErrorCode::kNotFound);
}

TEST_F(UserServiceTest, KeepsTheLastActiveAdmin) {
  const User first = service_.create(wanted("admin", Role::kAdmin));
  UserChange disable;
  disable.is_active = false;
  UserChange demote;
  demote.role = Role::kOperator;
  EXPECT_EQ(codeOf([&] { service_.update(first.id, disable); }), ErrorCode::kConflict);
  EXPECT_EQ(codeOf([&] { service_.update(first.id, demote); }), ErrorCode::kConflict);
  EXPECT_TRUE(service_.get(first.id).is_active);

  service_.create(wanted("second", Role::kAdmin));
  EXPECT_NO_THROW(service_.update(first.id, demote));
  EXPECT_EQ(service_.get(first.id).role, Role::kOperator);
}

TEST_F(UserServiceTest, EndsSessionsOfAUserWhoLosesRights) {
  service_.create(wanted("admin", Role::kAdmin));
  UserChange disable;
  disable.is_active = false;
  UserChange demote;
  demote.role = Role::kViewer;
  UserChange password;
  password.password = Secret{"other-word2"};
  int number = 0;
  for (const UserChange& change : {disable, demote, password}) {
    const User user = service_.create(wanted("user" + std::to_string(++number)));
    openSession(user);
    ASSERT_EQ(sessions_.size(), 1U);
    service_.update(user.id, change);
    EXPECT_EQ(sessions_.size(), 0U) << number;
  }
}

TEST_F(UserServiceTest, KeepsSessionsOtherwise) {
  const User user = service_.create(wanted("ann", Role::kAdmin));
  const User viewer = service_.create(wanted("bob", Role::kViewer));
  openSession(user);
  openSession(viewer);
  UserChange rename;
  rename.display_name = "x";
  service_.update(user.id, rename);
  UserChange promote;
  promote.role = Role::kOperator;
  service_.update(viewer.id, promote);
  EXPECT_EQ(sessions_.size(), 2U);
}

TEST_F(UserServiceTest, UpdateUndoesNothingThatHappensMeanwhile) {
  service_.create(wanted("admin", Role::kAdmin));
  const User ann = service_.create(wanted("ann"));
  users_.meanwhile = [&] {
    UserChange disable;
    disable.is_active = false;
    disable.password = Secret{"reset-word3"};
    service_.update(ann.id, disable);
  };
  UserChange rename;
  rename.display_name = "Ann";
  const User after = service_.update(ann.id, rename);
  EXPECT_FALSE(after.is_active);
  EXPECT_EQ(after.display_name, "Ann");
  EXPECT_FALSE(service_.get(ann.id).is_active);
  EXPECT_EQ(service_.get(ann.id).password_hash, "hashed:reset-word3");
}

TEST_F(UserServiceTest, UpdateTellsWhyTheStoreRefuses) {
  const User first = service_.create(wanted("admin", Role::kAdmin));
  const User second = service_.create(wanted("second", Role::kAdmin));
  UserChange demote;
  demote.role = Role::kOperator;
  users_.meanwhile = [&] { service_.update(second.id, demote); };
  EXPECT_EQ(codeOf([&] { service_.update(first.id, demote); }), ErrorCode::kConflict);
  EXPECT_EQ(service_.get(first.id).role, Role::kAdmin);
  users_.meanwhile = [&] { users_.erase(second.id); };
  EXPECT_EQ(codeOf([&] { service_.update(second.id, demote); }), ErrorCode::kNotFound);
}

TEST_F(UserServiceTest, DisablingAgainEndsSessionsThatWereLeft) {
  service_.create(wanted("admin", Role::kAdmin));
  const User ann = service_.create(wanted("ann"));
  UserChange disable;
  disable.is_active = false;
  service_.update(ann.id, disable);
  openSession(ann);
  service_.update(ann.id, disable);
  EXPECT_EQ(sessions_.size(), 0U);
}

}  // namespace
}  // namespace oscar::services
