#include "ddl/ptosc_dsn.hpp"

#include "support/real_ptosc.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oscar::ddl {
namespace {

struct NameCase {
  std::string name;
  bool database_ok;
  bool table_ok;
};

TEST(PtoscDsn, TellsWhichNamesCanBeExpressed) {
  const std::vector<NameCase> cases{
      {"orders", true, true},
      {"a,b", true, true},
      {"a`b", true, true},
      {"订单 表", true, true},
      {"-D", true, true},
      {"$(reboot)", true, true},
      {"a;b", false, true},
      {"a=b", false, true},
      {"a:b", false, true},
      {"a[b]", false, true},
      {"mysql_read_default_file=/etc/passwd", false, true},
      {"o'neil", false, false},
      {"back\\", false, false},
      {"0", false, false},
      {"", false, false},
      {"line\nbreak", false, false},
      {std::string{"nul\0x", 5}, false, false},
      {"ends ", false, false},
      {"x{run_dir}", false, false},
      {std::string(64, 'x'), true, true},
      {std::string(65, 'x'), false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(!ptoscNameProblem(c.name, PtoscName::kDatabase), c.database_ok) << c.name;
    EXPECT_EQ(!ptoscNameProblem(c.name, PtoscName::kTable), c.table_ok) << c.name;
  }
}

TEST(PtoscDsn, CountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 64; ++i) name += "表";
  EXPECT_FALSE(ptoscNameProblem(name, PtoscName::kTable));
  EXPECT_TRUE(ptoscNameProblem(name + "x", PtoscName::kTable));
}

TEST(PtoscDsn, ChecksHosts) {
  for (const char* good : {"db1.example.com", "10.0.0.1", "::1", "[::1]", "fe80::1%eth0", "db_1"}) {
    EXPECT_FALSE(ptoscHostProblem(good)) << good;
  }
  for (const char* bad : {"", "a;b", "a,b", "a=b", "/run/x.sock", "-h", "a b", "a\nb", "例.cn"}) {
    EXPECT_TRUE(ptoscHostProblem(bad)) << bad;
  }
}

TEST(PtoscDsn, WritesHostsThatTheDriverReadsRight) {
  EXPECT_EQ(ptoscDsnHost("localhost"), "127.0.0.1");
  EXPECT_EQ(ptoscDsnHost("::1"), "[::1]");
  EXPECT_EQ(ptoscDsnHost("[::1]"), "[::1]");
  EXPECT_EQ(ptoscDsnHost("db1"), "db1");
}

// The real tool's DSN parser and the real driver's: whatever the names are, each arrives in its
// place and no further key appears.
TEST(PtoscDsn, RealToolAndDriverReadEveryNameBack) {
  if (!test::hasRealPtosc()) GTEST_SKIP() << "pt-online-schema-change is not installed";
  const std::string script = R"(
    require DBD::mysql;
    my @keys = map { {key => $_, desc => $_, copy => 0} } qw(A D F P S p t u);
    push @keys, {key => 'h', desc => 'h', dsn => 'host'};
    my %names = (A => 'charset', F => 'mysql_read_default_file', P => 'port', S => 'mysql_socket');
    for my $key (@keys) { $key->{dsn} ||= $names{$key->{key}} }
    my $parser = DSNParser->new(opts => \@keys);
    for my $text (@ARGV) {
    my $dsn = $parser->parse($text);
    my ($cxn) = $parser->get_cxn_params($dsn);
    $cxn =~ s/^DBI:mysql://;
    my $driver = {};
    DBD::mysql->_OdbcParse($cxn, $driver, ['database', 'host', 'port']);
    print join("\0", $dsn->{D}, $dsn->{t}, $driver->{database}, $driver->{host}, $driver->{port},
      join('+', sort keys %$driver)), "\0";
    }
  )";
  const PtoscEndpoint endpoint{"::1", 3307, "utf8mb4"};
  const std::vector<std::string> databases{"shop", "a,b", ",", "a`b", "中文 库", "--print", "a\"b"};
  const std::vector<std::string> tables{"orders", "a,b", "a=b",       "t=x", "a;b",
                                        "订单",   "-x",  ",F=/etc/x", "`",   "$(x)"};
  std::vector<std::string> dsns;
  std::vector<std::string> expected;
  for (const auto& database : databases) {
    for (const auto& table : tables) {
      ASSERT_FALSE(ptoscNameProblem(database, PtoscName::kDatabase)) << database;
      ASSERT_FALSE(ptoscNameProblem(table, PtoscName::kTable)) << table;
      dsns.push_back(ptoscDsn(endpoint, database, table));
      expected.insert(expected.end(), {database, table, database, "::1", "3307",
                                       "charset+database+host+mysql_read_default_file+"
                                       "mysql_read_default_group+port"});
    }
  }
  const auto run = test::runInsidePtosc(script, dsns);
  ASSERT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(test::splitAtNul(run.output), expected);
}

}  // namespace
}  // namespace oscar::ddl
