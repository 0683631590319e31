#include "engine/run_launcher.hpp"

#include "engine_lab.hpp"
#include "ports/launch_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace oscar::engine {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the lab's names read as words here

struct LastLook : testing::Test {
  EngineLab lab;
  Execution execution = lab.submit("e1");
  FakeTable& table = lab.targets.databases["shop"]["orders"];

  LaunchFacts look() { return inspectBeforeLaunch(*lab.targets.connect({}), execution); }
};

TEST_F(LastLook, GivesWhatTheRunNeeds) {
  const auto facts = look();
  EXPECT_EQ(facts.estimated_rows, 900);
  EXPECT_EQ(facts.free_bytes, 500);
  EXPECT_TRUE(lab.targets.analyzed.empty());
}

TEST_F(LastLook, RenewsEmptyStatistics) {
  for (const std::int64_t rows : {0, 1}) {
    lab.targets.analyzed.clear();
    table.estimated_rows = rows;
    look();
    EXPECT_EQ(lab.targets.analyzed, std::vector<std::string>{"shop.orders"});
  }
}

TEST_F(LastLook, PassesTheServersErrorsOn) {
  lab.targets.query_error = ports::TargetError{1142, "SELECT command denied"};
  EXPECT_THROW(look(), ports::TargetError);
}

TEST(EventMark, IsAnotherEachTimeAndOfHexadecimalDigits) {
  std::set<std::string> marks;
  for (int i = 0; i < 100; ++i) {
    const std::string mark = newEventMark();
    EXPECT_EQ(mark.size(), 32u);
    EXPECT_EQ(mark.find_first_not_of("0123456789abcdef"), mark.npos) << mark;
    marks.insert(mark);
  }
  EXPECT_EQ(marks.size(), 100u);
}

const std::string kMark = "0123456789abcdef0123456789abcdef";

TEST(MakeRunSpec, PutsThePasswordIntoTheDefaultsFileOnly) {
  EngineLab lab;
  const Execution execution = lab.submit("e1");
  const auto spec =
      makeRunSpec(execution, "run-1", kMark, lab.directory.addresses["c1"], lab.context);
  EXPECT_EQ(spec.run_id, "run-1");
  EXPECT_EQ(spec.argv, execution.argv);
  ASSERT_EQ(spec.files.size(), 3u);
  EXPECT_EQ(spec.files[0].name, "my.cnf");
  EXPECT_EQ(spec.files[0].mode, 0600);
  EXPECT_NE(spec.files[0].content.find("s3cret"), std::string::npos);
  EXPECT_FALSE(spec.files[0].expand_run_dir);
  EXPECT_EQ(spec.files[1].name, "observer.pm");
  EXPECT_EQ(spec.files[1].content, "# observer");
  EXPECT_EQ(spec.files[2].name, "event_mark");
  EXPECT_EQ(spec.files[2].content, kMark);
  EXPECT_EQ(spec.files[2].mode, 0600);
  for (const auto& argument : spec.argv) {
    EXPECT_EQ(argument.find("s3cret"), std::string::npos);
  }
}

TEST(MakeRunSpec, BringsTheCheckOfRowsWhereAUniqueKeyIsConcerned) {
  EngineLab lab;
  Execution execution = lab.submit("e1");
  execution.known_findings = {"drop_column:a", std::string{ports::kRowCountCheck}};
  const auto spec =
      makeRunSpec(execution, "run-1", kMark, lab.directory.addresses["c1"], lab.context);
  ASSERT_EQ(spec.files.size(), 4u);
  EXPECT_EQ(spec.files[1].name, "observer.pm");
  EXPECT_EQ(spec.files[3].name, "row_check.pm");
  EXPECT_EQ(spec.files[3].content, "# row check");
  EXPECT_FALSE(spec.files[3].expand_run_dir);
}

TEST(MakeRunSpec, BringsTheConnectionsOwnAuthority) {
  EngineLab lab;
  TargetAddress address = lab.directory.addresses["c1"];
  address.use_ssl = true;
  address.ssl_verify = SslVerify::kVerifyCa;
  address.ssl_ca = "PEM";
  const auto spec = makeRunSpec(lab.submit("e1"), "run-1", kMark, address, lab.context);
  const auto ca = std::find_if(spec.files.begin(), spec.files.end(),
                               [](const auto& file) { return file.name == "ca.pem"; });
  ASSERT_NE(ca, spec.files.end());
  EXPECT_EQ(ca->content, "PEM");
  EXPECT_TRUE(spec.files[0].expand_run_dir);
  EXPECT_NE(spec.files[0].content.find("{run_dir}/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace oscar::engine
