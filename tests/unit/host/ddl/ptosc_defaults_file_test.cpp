#include "ddl/ptosc_defaults_file.hpp"

#include "support/run_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace oscar::ddl {
namespace {

using testing::HasSubstr;
using testing::Not;

TargetAddress address(const std::string& password) {
  TargetAddress a;
  a.host = "db1";
  a.username = "app";
  a.password = Secret{password};
  return a;
}

TEST(PtoscDefaultsFile, HoldsTheAccount) {
  EXPECT_EQ(ptoscDefaultsFile(address("s3cret")),
            "[client]\n"
            "connect-timeout = 5\n"
            "default-character-set = utf8mb4\n"
            "user = \"app\"\n"
            "password = \"s3cret\"\n");
}

TEST(PtoscDefaultsFile, TlsFollowsTheConnection) {
  auto a = address("x{run_dir}");
  a.use_ssl = true;
  a.ssl_verify = SslVerify::kRequired;
  EXPECT_THAT(ptoscDefaultsFile(a), HasSubstr("ssl-enforce = 1\nssl-mode = REQUIRED\n"));
  EXPECT_THAT(ptoscDefaultsFile(a), Not(HasSubstr("verify")));
  EXPECT_FALSE(ptoscNeedsCaFile(a));
  a.ssl_verify = SslVerify::kVerifyIdentity;
  a.ssl_ca = "-----BEGIN CERTIFICATE-----";
  EXPECT_TRUE(ptoscNeedsCaFile(a));
  const auto text = ptoscDefaultsFile(a);
  EXPECT_THAT(text, HasSubstr("ssl-verify-server-cert = 1\nssl-mode = VERIFY_IDENTITY\n"));
  // The backend replaces the first occurrence only.
  EXPECT_EQ(text.find("{run_dir}"), text.find("{run_dir}/ca.pem"));
}

TEST(PtoscDefaultsFile, NoTextCanAddALine) {
  const auto text = ptoscDefaultsFile(address("a\nhost = evil\r\n[client]"));
  EXPECT_THAT(text, Not(HasSubstr("\nhost")));
  EXPECT_THAT(text, HasSubstr("password = \"a\\nhost = evil\\r\\n[client]\"\n"));
}

// MySQL's own option file reader gives every password back.
TEST(PtoscDefaultsFile, OptionFileReaderGivesPasswordsBack) {
  if (test::runProgram({"my_print_defaults", "--help"}).status != 0) {
    GTEST_SKIP() << "my_print_defaults is not installed";
  }
  std::string folder = (std::filesystem::temp_directory_path() / "oscar_cnf_XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto file = std::filesystem::path{folder} / "my.cnf";
  for (const std::string password :
       {"plain",  "a b",       " lead",   "trail ",     "h#sh",       "#",   ";x",
        "q\"d",   "q's",       "b\"o'th", "\\",         "\\n",        "\\s", "end\\",
        "\"",     "'",         "\"q\"",   "'q'",        "\"'",        "a=b", "中文密码",
        "tab\tx", "{run_dir}", "a\\\"b",  "!include x", "line\nbreak"}) {
    std::ofstream{file} << ptoscDefaultsFile(address(password));
    const auto run =
        test::runProgram({"my_print_defaults", "--defaults-file=" + file.string(), "client"});
    EXPECT_THAT(run.output, HasSubstr("--password=" + password + "\n")) << password;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace oscar::ddl
