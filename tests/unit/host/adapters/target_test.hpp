#pragma once

#include "adapters/mariadb_link.hpp"
#include "adapters/mariadb_target_database.hpp"
#include "domain/ids.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oscar::adapters {

/// The server named by an environment variable, mysql://user[:password]@host:port; nullopt when
/// there is none.
inline std::optional<TargetAddress> addressFrom(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::string url{text};
  url = url.substr(url.find("://") + 3);
  TargetAddress address;
  const std::string account = url.substr(0, url.find('@'));
  std::string place = url.substr(url.find('@') + 1);
  place = place.substr(0, place.find('/'));
  address.username = account.substr(0, account.find(':'));
  if (account.find(':') != account.npos) {
    address.password = Secret{account.substr(account.find(':') + 1)};
  }
  address.host = place.substr(0, place.find(':'));
  address.port = std::stoi(place.substr(place.find(':') + 1));
  return address;
}

/// What `call` throws; a failure of the test when it does not.
template <typename Call>
ports::TargetError errorOf(Call call) {
  try {
    call();
  } catch (const ports::TargetError& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {0, ""};
}

/// A server with a database of the test's own; its parameter is the environment variable.
class TargetTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto found = addressFrom(GetParam());
    if (!found) GTEST_SKIP() << GetParam() << " is not set: no such server to test against";
    root_ = *found;
    database_ = "t`据'" + newUuid().substr(0, 8);
    admin_ = std::make_unique<MariadbLink>(root_, 30, 0);
    admin_->query("CREATE DATABASE " + quoteIdentifier(database_) +
                  " DEFAULT CHARACTER SET utf8mb4");
    admin_->query("USE " + quoteIdentifier(database_));
    session_ = MariadbTargetDatabase{}.connect(root_);
  }
  void TearDown() override {
    if (!admin_) return;
    admin_->query("DROP DATABASE " + quoteIdentifier(database_));
    for (const std::string& user : users_) admin_->query("DROP USER " + user);
  }
  bool isMaria() const { return admin_->isMariaDb(); }
  TargetAddress newUser(const std::string& how, const std::string& password) {
    TargetAddress address = root_;
    address.username = "u" + newUuid().substr(0, 8);
    address.password = Secret{password};
    // For both hosts: MariaDB's anonymous user at localhost would go before one at '%'.
    for (const char* host : {"'@'%'", "'@'localhost'"}) {
      users_.push_back("'" + address.username + host);
      admin_->query("CREATE USER " + users_.back() + " IDENTIFIED " + how);
    }
    return address;
  }

  TargetAddress root_;
  std::string database_;
  std::vector<std::string> users_;
  std::unique_ptr<MariadbLink> admin_;
  std::unique_ptr<ports::TargetSession> session_;
};

}  // namespace oscar::adapters
