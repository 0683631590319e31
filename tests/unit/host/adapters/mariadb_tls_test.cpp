// TLS against a real server: OSCAR_TEST_TLS_PORT is its port on this machine, OSCAR_TEST_TLS_FOLDER
// holds ca.pem (the authority of its certificate, which is for `localhost` only) and other.pem (an
// authority that has nothing to do with it). The server lets root in without a password.
#include "adapters/mariadb_link.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace oscar::adapters {
namespace {

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* port = std::getenv("OSCAR_TEST_TLS_PORT");
    const char* folder = std::getenv("OSCAR_TEST_TLS_FOLDER");
    if (port == nullptr || folder == nullptr) {
      GTEST_SKIP() << "OSCAR_TEST_TLS_PORT and OSCAR_TEST_TLS_FOLDER are not set";
    }
    folder_ = folder;
    address_.host = "localhost";
    address_.port = std::stoi(port);
    address_.username = "root";
    address_.use_ssl = true;
  }
  std::string file(const std::string& name) const {
    std::ifstream in{folder_ + "/" + name};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  /// The cipher in use, empty without TLS.
  std::string cipher() {
    MariadbLink link{address_, 10, 0};
    return toText(link.query("SHOW STATUS LIKE 'Ssl_cipher'").rows.at(0).at(1));
  }
  /// The number of the error that the connect gives, 0 when it succeeds.
  int connectError() {
    try {
      cipher();
      return 0;
    } catch (const ports::TargetError& error) {
      EXPECT_FALSE(std::string{error.what()}.empty());
      return error.code();
    }
  }

  std::string folder_;
  TargetAddress address_;
};

constexpr int kTlsError = 2026;  // CR_SSL_CONNECTION_ERROR

TEST_F(TlsTest, IsOffUnlessAskedFor) {
  address_.use_ssl = false;
  EXPECT_EQ(cipher(), "");
}

TEST_F(TlsTest, RequiredEncryptsWhoeverAnswers) {
  address_.ssl_verify = SslVerify::kRequired;
  EXPECT_NE(cipher(), "");
  address_.host = "127.0.0.1";
  address_.ssl_ca = file("other.pem");
  EXPECT_NE(cipher(), "");
}

TEST_F(TlsTest, VerifyCaNeedsTheRightAuthorityAndNoName) {
  address_.ssl_verify = SslVerify::kVerifyCa;
  address_.ssl_ca = file("ca.pem");
  EXPECT_NE(cipher(), "");
  address_.host = "127.0.0.1";
  EXPECT_NE(cipher(), "");
  address_.ssl_ca = file("other.pem");
  EXPECT_EQ(connectError(), kTlsError);
  address_.ssl_ca.clear();  // the system's authorities do not know it either
  EXPECT_EQ(connectError(), kTlsError);
}

TEST_F(TlsTest, VerifyIdentityNeedsTheNameToo) {
  address_.ssl_verify = SslVerify::kVerifyIdentity;
  address_.ssl_ca = file("ca.pem");
  EXPECT_NE(cipher(), "");
  address_.host = "127.0.0.1";
  EXPECT_EQ(connectError(), kTlsError);
  address_.host = "localhost";
  address_.ssl_ca = file("other.pem");
  EXPECT_EQ(connectError(), kTlsError);
  address_.ssl_ca.clear();
  EXPECT_EQ(connectError(), kTlsError);
}

TEST_F(TlsTest, AuthorityThatIsNoCertificateIsAnError) {
  address_.ssl_verify = SslVerify::kVerifyCa;
  address_.ssl_ca = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  EXPECT_NE(connectError(), 0);
}

TEST_F(TlsTest, ServerWithoutTlsIsRefused) {
  const char* plain = std::getenv("OSCAR_TEST_PLAIN_PORT");
  if (plain == nullptr) GTEST_SKIP() << "OSCAR_TEST_PLAIN_PORT (a server without TLS) is not set";
  address_.port = std::stoi(plain);
  for (const auto mode : {SslVerify::kRequired, SslVerify::kVerifyCa, SslVerify::kVerifyIdentity}) {
    address_.ssl_verify = mode;
    EXPECT_GE(connectError(), 2000) << static_cast<int>(mode);
  }
}

}  // namespace
}  // namespace oscar::adapters
