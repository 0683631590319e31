#include "services/auth_service.hpp"

#include "domain/error.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_password_hasher.hpp"
#include "support/fake_session_store.hpp"
#include "support/fake_token_codec.hpp"
#include "support/fake_user_store.hpp"

#include <gtest/gtest.h>

namespace oscar::services {
namespace {

using namespace std::chrono_literals;

template <typename Call>
ServiceError errorOf(Call call) {
  try {
    call();
  } catch (const ServiceError& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::kInternal, {}};
}

class AuthServiceTest : public testing::Test {
 protected:
  AuthServiceTest() {
    addUser("ann", Role::kAdmin);
    addUser("bob", Role::kOperator);
  }
  void addUser(const std::string& name, Role role) {
    User user;
    user.id = "id-" + name;
    user.username = name;
    user.password_hash = "hashed:" + name + "-pass1";
    user.role = role;
    ASSERT_EQ(users_.insert(user), ports::Saved::kOk);
  }
  /// What an administrator does to an account.
  void change(const std::string& name, const std::function<void(ports::UserEdit&)>& fill) {
    ports::UserEdit edit;
    fill(edit);
    const auto done = users_.update("id-" + name, edit, clock_.now());
    ASSERT_EQ(done.outcome, ports::UserStore::Updated::kDone);
  }
  AuthService::Login login(const std::string& name, const std::string& password,
                           const std::string& address = "10.0.0.9") {
    return auth_.login(name, Secret{password}, {address, "test agent"});
  }
  ErrorCode loginError(const std::string& name, const std::string& password,
                       const std::string& address = "10.0.0.9") {
    return errorOf([&] { login(name, password, address); }).code();
  }

  test::FakeClock clock_;
  test::FakeUserStore users_;
  test::FakeSessionStore sessions_;
  test::FakePasswordHasher hasher_;
  test::FakeTokenCodec tokens_;
  AuthSettings settings_;
  AuthService auth_{users_, sessions_, hasher_, tokens_, clock_, settings_};
};

TEST_F(AuthServiceTest, LoginOpensASession) {
  const auto opened = login("Bob", "bob-pass1");
  EXPECT_EQ(opened.user.username, "bob");
  EXPECT_EQ(opened.expires_at, clock_.now() + 24h);
  EXPECT_EQ(opened.user.last_login_at, clock_.now());
  EXPECT_EQ(users_.findById("id-bob")->last_login_at, clock_.now());

  const Principal principal = auth_.authenticate(opened.token);
  EXPECT_EQ(principal.user_id, "id-bob");
  EXPECT_EQ(principal.username, "bob");
  EXPECT_EQ(principal.role, Role::kOperator);
  const auto session = sessions_.find(principal.session_id);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->ip_address, "10.0.0.9");
  EXPECT_EQ(session->user_agent, "test agent");
}

TEST_F(AuthServiceTest, RefusalsDoNotTellWhatWasWrong) {
  change("bob", [](ports::UserEdit& edit) { edit.is_active = false; });
  const auto unknown = errorOf([&] { login("nobody", "x"); });
  const auto wrong = errorOf([&] { login("ann", "x", "10.0.0.2"); });
  const auto disabled = errorOf([&] { login("bob", "bob-pass1", "10.0.0.3"); });
  for (const auto& error : {unknown, wrong, disabled}) {
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
    EXPECT_EQ(error.message(), unknown.message());
  }
  EXPECT_EQ(hasher_.verified, 3);  // the unknown user cost a hash as well
  EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(AuthServiceTest, UnknownUserIsCheckedAgainstAWellFormedBcryptHash) {
  loginError("nobody", "x");
  EXPECT_EQ(hasher_.last_hash.size(), 60U);
  EXPECT_TRUE(hasher_.last_hash.starts_with("$2b$12$")) << hasher_.last_hash;
}

TEST_F(AuthServiceTest, ThrottlesAnAccountAndSaysWhenToComeBack) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(loginError("ann", "x"), ErrorCode::kUnauthenticated);
  const auto error = errorOf([&] { login("ann", "ann-pass1"); });
  EXPECT_EQ(error.code(), ErrorCode::kTooManyRequests);
  EXPECT_EQ(error.retryAfterSeconds(), 300);
  EXPECT_EQ(hasher_.verified, 5);  // a throttled attempt costs no hash
  clock_.advance(300s);
  EXPECT_EQ(login("ann", "ann-pass1").user.username, "ann");
}

TEST_F(AuthServiceTest, OneThrottledUserDoesNotLockOutOthersAtTheSameAddress) {
  for (int i = 0; i < 9; ++i) loginError("ann", "x");
  EXPECT_EQ(loginError("ann", "ann-pass1"), ErrorCode::kTooManyRequests);
  EXPECT_EQ(login("bob", "bob-pass1").user.username, "bob");
}

TEST_F(AuthServiceTest, ThrottlesAnAddressThatTriesManyAccounts) {
  for (int i = 0; i < 100; ++i) loginError("name" + std::to_string(i), "x");
  EXPECT_EQ(loginError("ann", "ann-pass1"), ErrorCode::kTooManyRequests);
  EXPECT_EQ(login("ann", "ann-pass1", "10.9.9.9").user.username, "ann");
}

TEST_F(AuthServiceTest, AStoreThatIsAwayThrottlesNobody) {
  users_.away = true;
  for (int i = 0; i < 20; ++i) EXPECT_THROW(login("ann", "ann-pass1"), StoreUnavailable);
  users_.away = false;
  EXPECT_EQ(login("ann", "ann-pass1").user.username, "ann");
}

TEST_F(AuthServiceTest, TokenEndsWithItsTimeItsSessionAndItsUser) {
  const auto rejected = [&](const std::string& token) {
    return errorOf([&] { auth_.authenticate(token); }).code() == ErrorCode::kUnauthenticated;
  };
  EXPECT_TRUE(rejected("forged"));
  EXPECT_TRUE(rejected(""));

  const auto expiring = login("bob", "bob-pass1");
  clock_.advance(24h - 1ms);
  EXPECT_NO_THROW(auth_.authenticate(expiring.token));
  clock_.advance(1ms);
  EXPECT_TRUE(rejected(expiring.token));

  const auto logged_out = login("bob", "bob-pass1");
  auth_.logout(auth_.authenticate(logged_out.token));
  EXPECT_TRUE(rejected(logged_out.token));

  const auto disabled = login("bob", "bob-pass1");
  change("bob", [](ports::UserEdit& edit) { edit.is_active = false; });
  EXPECT_TRUE(rejected(disabled.token));
}

TEST_F(AuthServiceTest, TokenOfAnotherUsersSessionIsRefused) {
  const auto ann = login("ann", "ann-pass1");
  const std::string session = auth_.authenticate(ann.token).session_id;
  const std::string crossed = tokens_.issue({session, "id-bob", clock_.now() + 1h});
  EXPECT_EQ(errorOf([&] { auth_.authenticate(crossed); }).code(), ErrorCode::kUnauthenticated);
}

TEST_F(AuthServiceTest, SessionRowEndsATokenEvenIfTheTokenSaysLater) {
  const auto ann = login("ann", "ann-pass1");
  const std::string session = auth_.authenticate(ann.token).session_id;
  const std::string longer = tokens_.issue({session, "id-ann", clock_.now() + 1000h});
  clock_.advance(25h);
  EXPECT_EQ(errorOf([&] { auth_.authenticate(longer); }).code(), ErrorCode::kUnauthenticated);
}

TEST_F(AuthServiceTest, RoleIsReadAnewAtEachRequest) {
  const auto bob = login("bob", "bob-pass1");
  change("bob", [](ports::UserEdit& edit) { edit.role = Role::kViewer; });
  EXPECT_EQ(auth_.authenticate(bob.token).role, Role::kViewer);
}

TEST_F(AuthServiceTest, PrincipalOfAUserIdNeedsAnActiveUser) {
  EXPECT_EQ(auth_.principalOf("id-bob").role, Role::kOperator);
  EXPECT_TRUE(auth_.principalOf("id-bob").session_id.empty());
  change("bob", [](ports::UserEdit& edit) { edit.is_active = false; });
  for (const char* id : {"id-bob", "nobody", ""}) {
    EXPECT_EQ(errorOf([&] { auth_.principalOf(id); }).code(), ErrorCode::kUnauthenticated) << id;
  }
}

TEST_F(AuthServiceTest, ChangedPasswordEndsTheOtherSessions) {
  const auto here = login("bob", "bob-pass1");
  const auto there = login("bob", "bob-pass1");
  const auto ann = login("ann", "ann-pass1");
  auth_.changePassword(auth_.authenticate(here.token), Secret{"bob-pass1"}, Secret{"new-pass2"});
  EXPECT_NO_THROW(auth_.authenticate(here.token));
  EXPECT_NO_THROW(auth_.authenticate(ann.token));
  EXPECT_THROW(auth_.authenticate(there.token), ServiceError);
  EXPECT_NO_THROW(login("bob", "new-pass2"));
  EXPECT_EQ(loginError("bob", "bob-pass1"), ErrorCode::kUnauthenticated);
}

TEST_F(AuthServiceTest, ChangeOfPasswordUndoesNothingThatHappensMeanwhile) {
  const Principal bob = auth_.authenticate(login("bob", "bob-pass1").token);
  const auto change_password = [&] {
    auth_.changePassword(bob, Secret{"bob-pass1"}, Secret{"new-pass2"});
  };
  users_.meanwhile = [&] {
    change("bob", [](ports::UserEdit& edit) { edit.role = Role::kViewer; });
  };
  change_password();
  EXPECT_EQ(users_.findById("id-bob")->role, Role::kViewer);
  EXPECT_EQ(users_.findById("id-bob")->password_hash, "hashed:new-pass2");
}

TEST_F(AuthServiceTest, ChangeOfPasswordIsRefusedWhenTheAccountChangesMeanwhile) {
  struct Case {
    std::string what;
    std::function<void()> meanwhile;
    ErrorCode code;
    std::string wrong_field;
    std::optional<std::string> hash;  ///< afterwards
    bool active;
  };
  const std::vector<Case> cases{
      {"given another password",
       [&] {
         change("bob", [](ports::UserEdit& edit) { edit.password_hash = "hashed:reset-pass3"; });
       },
       ErrorCode::kBadRequest, "current_password", "hashed:reset-pass3", true},
      {"disabled", [&] { change("bob", [](ports::UserEdit& edit) { edit.is_active = false; }); },
       ErrorCode::kUnauthenticated, "", "hashed:reset-pass3", false},
      {"gone", [&] { users_.erase("id-bob"); }, ErrorCode::kUnauthenticated, "", std::nullopt,
       false},
  };
  const Principal bob = auth_.authenticate(login("bob", "bob-pass1").token);
  std::string current = "bob-pass1";
  for (const Case& c : cases) {
    users_.meanwhile = c.meanwhile;
    const auto error =
        errorOf([&] { auth_.changePassword(bob, Secret{current}, Secret{"new-pass2"}); });
    EXPECT_EQ(error.code(), c.code) << c.what;
    EXPECT_EQ(error.fields().empty() ? "" : error.fields()[0].field, c.wrong_field) << c.what;
    const auto user = users_.findById("id-bob");
    EXPECT_EQ(user.has_value(), c.hash.has_value()) << c.what;
    if (!user) continue;
    EXPECT_EQ(user->password_hash, *c.hash) << c.what;
    EXPECT_EQ(user->is_active, c.active) << c.what;
    current = user->password_hash.substr(std::string_view{"hashed:"}.size());
  }
}

TEST_F(AuthServiceTest, ChangeOfPasswordDoesNotReviveARevokedSession) {
  const Principal bob = auth_.authenticate(login("bob", "bob-pass1").token);
  sessions_.meanwhile = [&] { sessions_.remove(bob.session_id); };
  auth_.changePassword(bob, Secret{"bob-pass1"}, Secret{"new-pass2"});
  EXPECT_FALSE(sessions_.find(bob.session_id));
  EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(AuthServiceTest, InProcessChangeOfPasswordEndsAllSessions) {
  login("bob", "bob-pass1");
  auth_.changePassword(auth_.principalOf("id-bob"), Secret{"bob-pass1"}, Secret{"new-pass2"});
  EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(AuthServiceTest, LoginIsRefusedWhenTheAccountChangesWhileItsPasswordIsChecked) {
  const std::vector<std::function<void(ports::UserEdit&)>> changes{
      [](ports::UserEdit& edit) { edit.password_hash = "hashed:new-pass2"; },
      [](ports::UserEdit& edit) { edit.is_active = false; },
  };
  std::string password = "bob-pass1";
  for (const auto& fill : changes) {
    sessions_.meanwhile = [&] {
      change("bob", fill);
      sessions_.removeOfUser("id-bob");
    };
    EXPECT_EQ(loginError("bob", password), ErrorCode::kUnauthenticated) << password;
    EXPECT_EQ(sessions_.size(), 0U) << password;
    password = "new-pass2";
  }
}

TEST_F(AuthServiceTest, ChangeOfPasswordChecksBothPasswords) {
  const Principal bob = auth_.authenticate(login("bob", "bob-pass1").token);
  const auto field = [&](const char* current, const char* wanted) {
    const auto error = errorOf([&] { auth_.changePassword(bob, Secret{current}, Secret{wanted}); });
    return error.fields().size() == 1 ? error.fields()[0].field : std::string{"?"};
  };
  EXPECT_EQ(field("wrong", "new-pass2"), "current_password");
  EXPECT_EQ(field("bob-pass1", "short1"), "new_password");
  EXPECT_EQ(field("bob-pass1", "bob-pass1"), "new_password");
  EXPECT_EQ(users_.findById("id-bob")->password_hash, "hashed:bob-pass1");
}

TEST_F(AuthServiceTest, StolenSessionCannotGuessThePassword) {
  const Principal bob = auth_.authenticate(login("bob", "bob-pass1").token);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THROW(auth_.changePassword(bob, Secret{"wrong"}, Secret{"new-pass2"}), ServiceError);
  }
  EXPECT_EQ(
      errorOf([&] { auth_.changePassword(bob, Secret{"bob-pass1"}, Secret{"new-pass2"}); }).code(),
      ErrorCode::kTooManyRequests);
}

TEST_F(AuthServiceTest, FirstAdminIsCreatedOnlyInAnEmptyStore) {
  EXPECT_EQ(auth_.ensureFirstAdmin(std::nullopt), std::nullopt);

  test::FakeUserStore empty;
  AuthService fresh{empty, sessions_, hasher_, tokens_, clock_, settings_};
  const auto first = fresh.ensureFirstAdmin(std::nullopt);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->username, "admin");
  EXPECT_TRUE(passwordProblem(first->password, "admin").empty());
  EXPECT_EQ(first->password.reveal().size(), 20U);
  const auto admin = empty.findByUsername("admin");
  ASSERT_TRUE(admin);
  EXPECT_EQ(admin->role, Role::kAdmin);
  EXPECT_EQ(admin->password_hash, "hashed:" + first->password.reveal());
  EXPECT_EQ(fresh.ensureFirstAdmin(std::nullopt), std::nullopt);
}

TEST_F(AuthServiceTest, FirstAdminTakesAGivenPasswordThatMeetsThePolicy) {
  test::FakeUserStore empty;
  AuthService fresh{empty, sessions_, hasher_, tokens_, clock_, settings_};
  EXPECT_EQ(errorOf([&] { fresh.ensureFirstAdmin(Secret{"weak"}); }).code(),
            ErrorCode::kBadRequest);
  EXPECT_EQ(empty.count(), 0);
  const auto first = fresh.ensureFirstAdmin(Secret{"given-pass1"});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->password.empty());
  EXPECT_EQ(empty.findByUsername("admin")->password_hash, "hashed:given-pass1");
}

TEST_F(AuthServiceTest, GeneratedPasswordsDiffer) {
  std::string last;
  for (int i = 0; i < 3; ++i) {
    test::FakeUserStore empty;
    AuthService fresh{empty, sessions_, hasher_, tokens_, clock_, settings_};
    const std::string now = fresh.ensureFirstAdmin(std::nullopt)->password.reveal();
    EXPECT_NE(now, last);
    last = now;
  }
}

TEST_F(AuthServiceTest, UserAgentIsCutBetweenCharacters) {
  std::string agent(254, 'a');
  agent += "中文";
  const auto opened = auth_.login("bob", Secret{"bob-pass1"}, {"10.0.0.9", agent});
  EXPECT_EQ(sessions_.find(auth_.authenticate(opened.token).session_id)->user_agent,
            std::string(254, 'a'));
}

struct PasswordCase {
  std::string password;
  bool good;
};

TEST(PasswordPolicy, IsTheRequirementDocuments) {
  const std::vector<PasswordCase> cases{{"abcdefg1", true},
                                        {"1234567a", true},
                                        {"abcdef1", false},
                                        {"abcdefgh", false},
                                        {"12345678", false},
                                        {"", false},
                                        {"        1a", true},
                                        {"密码密码密码密1", true},
                                        {"密码密码密码1", false},
                                        {std::string(71, 'a') + "1", true},
                                        {std::string(72, 'a') + "1", false},
                                        {std::string("abcdefg1\0", 9), false},
                                        {"abcdefg1\n", false},
                                        {"abcdefg1\xff", false},
                                        {"Carol1234", false}};
  for (const auto& c : cases) {
    const Text problem = passwordProblem(Secret{c.password}, "carol1234");
    EXPECT_EQ(problem.empty(), c.good) << c.password << ": " << problem.en;
    EXPECT_EQ(problem.zh.empty(), problem.en.empty());
    // It is read after the field's name: "password needs ...".
    EXPECT_EQ(problem.en.find("the password"), std::string::npos);
    EXPECT_EQ(problem.zh.find("密码"), std::string::npos);
  }
}

}  // namespace
}  // namespace oscar::services
