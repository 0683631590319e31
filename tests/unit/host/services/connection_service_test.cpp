#include "services/connection_service.hpp"

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_connection_store.hpp"
#include "support/fake_secret_box.hpp"
#include "support/fake_target_database.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace oscar::services {
namespace {

const Principal kOperator{"id-bob", "bob", Role::kOperator, "s"};
const Principal kAdmin{"id-ann", "ann", Role::kAdmin, "s"};
const std::string kPem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

ConnectionInput goodInput() {
  ConnectionInput input;
  input.connection.name = "订单库 orders";
  input.connection.environment = Environment::kProd;
  input.connection.host = "db1.example.com";
  input.connection.port = 3307;
  input.connection.username = "oscar";
  input.connection.database_name = "shop";
  input.password = Secret{"s3cret 'quoted\""};
  return input;
}

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

class ConnectionServiceTest : public testing::Test {
 protected:
  Connection saved() { return service_.create(kOperator, goodInput(), false); }
  std::vector<std::string> wrongFields(const ConnectionInput& input) {
    std::vector<std::string> names;
    const auto error = errorOf([&] { service_.create(kAdmin, input, true); });
    EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
    for (const auto& field : error.fields()) names.push_back(field.field);
    return names;
  }

  test::FakeClock clock_;
  test::FakeConnectionStore store_;
  test::FakeSecretBox secrets_;
  test::FakeTargetDatabase targets_;
  ConnectionService service_{store_, secrets_, targets_, clock_};
};

TEST_F(ConnectionServiceTest, CreateTestsAndThenSavesWithASealedPassword) {
  const Connection connection = saved();
  EXPECT_TRUE(isUuid(connection.id));
  EXPECT_EQ(connection.created_by, "bob");
  EXPECT_EQ(connection.created_at, clock_.now());
  ASSERT_EQ(targets_.connections.size(), 1U);
  EXPECT_EQ(targets_.connections[0].host, "db1.example.com");
  EXPECT_EQ(targets_.connections[0].port, 3307);
  EXPECT_EQ(targets_.connections[0].database, "shop");
  EXPECT_EQ(targets_.connections[0].password.reveal(), "s3cret 'quoted\"");

  const auto row = store_.find(connection.id);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->sealed_password.find("s3cret"), std::string::npos);
  EXPECT_NE(row->sealed_password.find("connection:" + connection.id + ":password"),
            std::string::npos);
}

TEST_F(ConnectionServiceTest, CreateSavesNothingWhenTheTestFails) {
  targets_.connect_error = ports::TargetError{1045, "Access denied for user 'oscar'@'10.0.0.1'"};
  const auto error = errorOf([&] { saved(); });
  EXPECT_EQ(error.code(), ErrorCode::kConnectionFailed);
  EXPECT_NE(error.message().en.find("Access denied for user 'oscar'"), std::string::npos);
  EXPECT_NE(error.message().zh.find("Access denied for user 'oscar'"), std::string::npos);
  EXPECT_EQ(error.details(), R"({"mysql_error":1045})");
  EXPECT_EQ(service_.list({}, {}).total, 0);
}

TEST_F(ConnectionServiceTest, FailureAfterTheConnectIsAFailedTestToo) {
  targets_.query_error = ports::TargetError{2013, "Lost connection to server during query"};
  EXPECT_EQ(errorOf([&] { saved(); }).code(), ErrorCode::kConnectionFailed);
}

TEST_F(ConnectionServiceTest, OnlyAdminsMaySkipTheTest) {
  targets_.connect_error = ports::TargetError{2002, "Can't connect"};
  EXPECT_EQ(errorOf([&] { service_.create(kOperator, goodInput(), true); }).code(),
            ErrorCode::kForbidden);
  const Connection connection = service_.create(kAdmin, goodInput(), true);
  EXPECT_EQ(errorOf([&] { service_.update(kOperator, connection.id, goodInput(), true); }).code(),
            ErrorCode::kForbidden);
  EXPECT_TRUE(targets_.connections.empty());
}

TEST_F(ConnectionServiceTest, NamesAreUnique) {
  saved();
  targets_.connections.clear();
  EXPECT_EQ(errorOf([&] { saved(); }).code(), ErrorCode::kConflict);
  EXPECT_TRUE(targets_.connections.empty());
  auto other = goodInput();
  other.connection.name = "other";
  const Connection second = service_.create(kOperator, other, false);
  EXPECT_EQ(errorOf([&] { service_.update(kOperator, second.id, goodInput(), false); }).code(),
            ErrorCode::kConflict);
  EXPECT_NO_THROW(service_.update(kOperator, second.id, other, false));
}

struct FieldCase {
  const char* field;
  std::function<void(ConnectionInput&)> edit;
};

TEST_F(ConnectionServiceTest, RefusesEachWrongField) {
  const auto host = [](std::string value) {
    return FieldCase{"host", [value](ConnectionInput& i) { i.connection.host = value; }};
  };
  std::vector<FieldCase> cases{
      {"name", [](auto& i) { i.connection.name = ""; }},
      {"name", [](auto& i) { i.connection.name = "   "; }},
      {"name", [](auto& i) { i.connection.name = "a\nb"; }},
      {"name", [](auto& i) { i.connection.name = "\xff"; }},
      {"name", [](auto& i) { i.connection.name = std::string(51, 'x'); }},
      {"port", [](auto& i) { i.connection.port = 0; }},
      {"port", [](auto& i) { i.connection.port = 65536; }},
      {"username", [](auto& i) { i.connection.username = ""; }},
      {"username", [](auto& i) { i.connection.username = std::string(101, 'x'); }},
      {"username", [](auto& i) { i.connection.username = "a\tb"; }},
      {"password", [](auto& i) { i.password.reset(); }},
      {"password", [](auto& i) { i.password = Secret{""}; }},
      {"password", [](auto& i) { i.password = Secret{std::string("a\0b", 3)}; }},
      {"password", [](auto& i) { i.password = Secret{std::string(1025, 'x')}; }},
      {"database_name", [](auto& i) { i.connection.database_name = ""; }},
      {"database_name", [](auto& i) { i.connection.database_name = "shop "; }},
      {"database_name", [](auto& i) { i.connection.database_name = std::string(65, 'x'); }},
      {"description", [](auto& i) { i.connection.description = std::string(201, 'x'); }},
      {"connect_timeout", [](auto& i) { i.connection.connect_timeout = 0; }},
      {"connect_timeout", [](auto& i) { i.connection.connect_timeout = 61; }},
      {"charset", [](auto& i) { i.connection.charset = "utf-8"; }},
      {"charset", [](auto& i) { i.connection.charset = ""; }},
      {"charset", [](auto& i) { i.connection.charset = "utf16"; }},
      {"ssl_ca", [](auto& i) { i.connection.ssl_ca = "/etc/ssl/ca.pem"; }},
      {"ssl_ca", [](auto& i) { i.connection.ssl_ca = kPem + std::string(65536, 'x'); }},
      {"ssl_ca", [](auto& i) { i.connection.ssl_ca = kPem + "-----BEGIN PRIVATE KEY-----"; }},
      {"backend", [](auto& i) { i.connection.backend = "Local"; }},
      {"backend", [](auto& i) { i.connection.backend = "../x"; }}};
  for (const char* value :
       {"", " ", "db 1", "db1,P=1", "db1:3306", "-db", "db-", "db..x", ".db", "mysql://db", "db/x",
        "db\n", "10.0.0.256", "1.2.3", "[::1]", "fe80::1%eth0", "数据库", "h=x;u=y", "$(id)"}) {
    cases.push_back(host(value));
  }
  cases.push_back(host(std::string(64, 'a') + ".com"));
  cases.push_back(host(std::string("db1\0x", 5)));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ConnectionInput input = goodInput();
    cases[i].edit(input);
    EXPECT_EQ(wrongFields(input), std::vector<std::string>{cases[i].field})
        << i << " " << input.connection.host;
  }
  EXPECT_EQ(service_.list({}, {}).total, 0);
}

TEST_F(ConnectionServiceTest, AcceptsUnusualButRightFields) {
  const std::vector<std::function<void(ConnectionInput&)>> edits{
      [](auto& i) { i.connection.host = "::1"; },
      [](auto& i) { i.connection.host = "2001:db8::10"; },
      [](auto& i) { i.connection.host = "10.0.0.255"; },
      [](auto& i) { i.connection.host = "mysql_primary"; },
      [](auto& i) { i.connection.host = "localhost"; },
      [](auto& i) { i.connection.database_name = "订单`库'\""; },
      [](auto& i) { i.connection.username = "o'sc\"ar@x"; },
      [](auto& i) { i.connection.description = "line\nline"; },
      [](auto& i) { i.connection.charset = "gb18030"; },
      [](auto& i) { i.connection.ssl_ca = kPem; },
      [](auto& i) { i.connection.backend = "docker"; },
      [](auto& i) { i.password = Secret{"multi\nline $(x) `y`"}; }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    ConnectionInput input = goodInput();
    input.connection.name = "n" + std::to_string(i);
    edits[i](input);
    EXPECT_NO_THROW(service_.create(kOperator, input, false)) << i;
  }
}

TEST_F(ConnectionServiceTest, ListsEveryWrongFieldAtOnce) {
  ConnectionInput input;
  input.connection.port = 0;
  EXPECT_EQ(wrongFields(input), (std::vector<std::string>{"name", "host", "port", "username",
                                                          "password", "database_name"}));
}

TEST_F(ConnectionServiceTest, UpdateWithoutAPasswordKeepsTheStoredOne) {
  const Connection connection = saved();
  clock_.advance(std::chrono::seconds{9});
  auto input = goodInput();
  input.password.reset();
  input.connection.database_name = "other";
  input.connection.description = "moved";
  targets_.connections.clear();
  const Connection after = service_.update(kAdmin, connection.id, input, false);
  EXPECT_EQ(after.id, connection.id);
  EXPECT_EQ(after.created_by, "bob");
  EXPECT_EQ(after.created_at, connection.created_at);
  EXPECT_EQ(after.updated_at, clock_.now());
  ASSERT_EQ(targets_.connections.size(), 1U);
  EXPECT_EQ(targets_.connections[0].password.reveal(), "s3cret 'quoted\"");
  EXPECT_EQ(targets_.connections[0].database, "other");
  EXPECT_EQ(service_.addressOf(connection.id).password.reveal(), "s3cret 'quoted\"");
}

TEST_F(ConnectionServiceTest, UpdateWithAPasswordReplacesIt) {
  const Connection connection = saved();
  auto input = goodInput();
  input.connection.host = "db2.example.com";
  input.password = Secret{"new one"};
  service_.update(kOperator, connection.id, input, false);
  EXPECT_EQ(service_.addressOf(connection.id).password.reveal(), "new one");
  EXPECT_EQ(service_.addressOf(connection.id).host, "db2.example.com");
}

TEST_F(ConnectionServiceTest, FailedUpdateChangesNothing) {
  const Connection connection = saved();
  targets_.connect_error = ports::TargetError{1049, "Unknown database 'gone'"};
  auto input = goodInput();
  input.connection.database_name = "gone";
  input.password = Secret{"new one"};
  EXPECT_EQ(errorOf([&] { service_.update(kAdmin, connection.id, input, false); }).code(),
            ErrorCode::kConnectionFailed);
  EXPECT_EQ(service_.get(connection.id).database_name, "shop");
  EXPECT_EQ(service_.addressOf(connection.id).password.reveal(), "s3cret 'quoted\"");
}

/// Everything that decides to whom a password is sent, and how safely.
const std::vector<std::function<void(Connection&)>>& redirections() {
  static const std::vector<std::function<void(Connection&)>> all{
      [](Connection& c) { c.host = "evil.example.com"; },
      [](Connection& c) { c.host = "DB1.example.com"; },
      [](Connection& c) { c.port = 3308; },
      [](Connection& c) { c.username = "root"; },
      [](Connection& c) { c.use_ssl = false; },
      [](Connection& c) { c.ssl_verify = SslVerify::kRequired; },
      [](Connection& c) { c.ssl_verify = SslVerify::kVerifyCa; },
      [](Connection& c) { c.ssl_ca = ""; },
      [](Connection& c) { c.ssl_ca = kPem + kPem; }};
  return all;
}

TEST_F(ConnectionServiceTest, StoredPasswordNeverGoesElsewhere) {
  auto secure = goodInput();
  secure.connection.use_ssl = true;
  secure.connection.ssl_ca = kPem;
  const Connection connection = service_.create(kOperator, secure, false);
  targets_.connections.clear();
  for (std::size_t i = 0; i < redirections().size(); ++i) {
    ConnectionInput input = secure;
    input.password.reset();
    redirections()[i](input.connection);
    const std::vector<std::function<void()>> ways{
        [&] { service_.testInput(input, connection.id); },
        [&] { service_.update(kAdmin, connection.id, input, false); },
        [&] { service_.update(kAdmin, connection.id, input, true); }};
    for (const auto& way : ways) {
      const auto error = errorOf(way);
      EXPECT_EQ(error.code(), ErrorCode::kBadRequest) << i;
      ASSERT_EQ(error.fields().size(), 1U) << i;
      EXPECT_EQ(error.fields()[0].field, "password") << i;
    }
  }
  EXPECT_TRUE(targets_.connections.empty());
  EXPECT_EQ(service_.get(connection.id).host, "db1.example.com");
}

TEST_F(ConnectionServiceTest, TestInputUsesTheStoredPasswordForTheSameServer) {
  const Connection connection = saved();
  targets_.connections.clear();
  auto input = goodInput();
  input.password.reset();
  input.connection.name = "another name";
  input.connection.database_name = "another";
  EXPECT_TRUE(service_.testInput(input, connection.id).database_exists);
  ASSERT_EQ(targets_.connections.size(), 1U);
  EXPECT_EQ(targets_.connections[0].password.reveal(), "s3cret 'quoted\"");
}

TEST_F(ConnectionServiceTest, TestInputPrefersTheGivenPassword) {
  const Connection connection = saved();
  targets_.connections.clear();
  auto input = goodInput();
  input.connection.host = "db9.example.com";
  input.password = Secret{"typed"};
  service_.testInput(input, connection.id);
  EXPECT_EQ(targets_.connections.at(0).password.reveal(), "typed");
  EXPECT_EQ(service_.list({}, {}).total, 1);  // nothing was saved
}

TEST_F(ConnectionServiceTest, TestInputWithoutPasswordOrConnectionIsRefused) {
  auto input = goodInput();
  input.password.reset();
  EXPECT_EQ(errorOf([&] { service_.testInput(input, std::nullopt); }).code(),
            ErrorCode::kBadRequest);
  EXPECT_EQ(errorOf([&] { service_.testInput(input, "unknown"); }).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(targets_.connections.empty());
}

TEST_F(ConnectionServiceTest, TestReportsTheServer) {
  targets_.server.version = "8.0.36";
  const Connection connection = saved();
  const ConnectionTest result = service_.test(connection.id);
  EXPECT_EQ(result.server.version, "8.0.36");
  EXPECT_TRUE(result.database_exists);
}

TEST_F(ConnectionServiceTest, AddressHoldsWhatTheConnectionSays) {
  auto input = goodInput();
  input.connection.charset = "gbk";
  input.connection.connect_timeout = 17;
  input.connection.use_ssl = true;
  input.connection.ssl_verify = SslVerify::kVerifyCa;
  input.connection.ssl_ca = kPem;
  const TargetAddress address = service_.addressOf(service_.create(kOperator, input, false).id);
  EXPECT_EQ(address.username, "oscar");
  EXPECT_EQ(address.charset, "gbk");
  EXPECT_EQ(address.connect_timeout_seconds, 17);
  EXPECT_TRUE(address.use_ssl);
  EXPECT_EQ(address.ssl_verify, SslVerify::kVerifyCa);
  EXPECT_EQ(address.ssl_ca, kPem);
}

TEST_F(ConnectionServiceTest, SealedPasswordDoesNotOpenInAnotherRow) {
  const Connection one = saved();
  auto input = goodInput();
  input.connection.name = "two";
  const Connection two = service_.create(kOperator, input, false);
  auto row = *store_.find(two.id);
  row.sealed_password = store_.find(one.id)->sealed_password;
  ASSERT_EQ(store_.update(row), ports::Saved::kOk);
  EXPECT_EQ(errorOf([&] { service_.addressOf(two.id); }).code(), ErrorCode::kInternal);
}

TEST_F(ConnectionServiceTest, RemoveTellsWhyItCannot) {
  const Connection connection = saved();
  store_.in_use.insert(connection.id);
  EXPECT_EQ(errorOf([&] { service_.remove(connection.id); }).code(), ErrorCode::kConflict);
  store_.in_use.clear();
  service_.remove(connection.id);
  EXPECT_EQ(errorOf([&] { service_.remove(connection.id); }).code(), ErrorCode::kNotFound);
}

TEST_F(ConnectionServiceTest, UnknownConnectionsAreNotFound) {
  const std::vector<std::function<void()>> calls{
      [&] { service_.get("x"); }, [&] { service_.test("x"); }, [&] { service_.addressOf("x"); },
      [&] { service_.update(kAdmin, "x", goodInput(), false); }};
  for (const auto& call : calls) EXPECT_EQ(errorOf(call).code(), ErrorCode::kNotFound);
}

TEST_F(ConnectionServiceTest, ListFilters) {
  saved();
  ports::ConnectionFilter filter;
  filter.environment = Environment::kDev;
  EXPECT_EQ(service_.list(filter, {}).total, 0);
  filter.environment = Environment::kProd;
  EXPECT_EQ(service_.list(filter, {}).total, 1);
}

}  // namespace
}  // namespace oscar::services
