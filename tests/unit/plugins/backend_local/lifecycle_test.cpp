#include "local_run.hpp"
#include <oscar/sdk/testing/backend_conformance.hpp>

#include <map>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace oscar::backend_local {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(LocalRunTest, KeepsTheInterfacesPromises) {
  sdk::testing::BackendConformanceOptions options;
  options.run_id_prefix = "00000000-0000-4000-8000-00000000000";  // one digit is appended
  EXPECT_THAT(sdk::testing::checkExecutionBackend(backend(), options), IsEmpty());
}

TEST_F(LocalRunTest, RecordsTheEndAndRemovesTheDefaultsFile) {
  const std::string files = R"([{"name":"my.cnf","content":"password=x","mode":384},)"
                            R"({"name":"observer.pm","content":"1;","mode":448}])";
  const std::string handle = start("stat -c %a $1 $1/my.cnf $1/output.log; exit 7", kRunId, files);
  EXPECT_THAT(handle, HasSubstr(R"("run_dir":")" + root_ + '/' + kRunId + '"'));
  EXPECT_THAT(handle, HasSubstr(R"("boot_id":")" + bootId() + '"'));
  EXPECT_EQ(outputOf(handle), "700\n600\n600\n");
  EXPECT_THAT(statusOf(handle), HasSubstr(R"("exit_code":7,"signal":null,"state":"exited"})"));
  EXPECT_FALSE(exists(path("my.cnf")));
  EXPECT_TRUE(exists(path("observer.pm")));
}

TEST_F(LocalRunTest, TellsWhenTheRunEndedHoweverLateItIsAsked) {
  const auto nowMs = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const auto before = nowMs();
  const std::string handle = start("exit 0");
  ASSERT_TRUE(waitForEnd(handle));
  const auto after = nowMs();
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  const std::string status = statusOf(handle);
  constexpr std::string_view kBegin = R"({"ended_at":)";
  ASSERT_EQ(status.substr(0, kBegin.size()), kBegin);
  const auto ended_at = std::stoll(status.substr(kBegin.size()));
  EXPECT_GE(ended_at, before);
  EXPECT_LE(ended_at, after);
  spit(path("exit"), R"({"exit_code":0,"signal":null})");
  EXPECT_EQ(statusOf(handle), R"({"exit_code":0,"signal":null,"state":"exited"})");
}

TEST_F(LocalRunTest, ARunThatWasStartedIsNotThrownAwayWithABadAnswer) {
  const std::string real = OSCAR_RUNNER;
  const std::map<std::string, std::string> runners{
      // A disk that fails between writing the pid and reading it.
      {"no pid", "cd \"$1\" && echo begun >> output.log && printf ok >&3"},
      {"no ok", real + " \"$1\" 3>/dev/null; while [ ! -s \"$1/pid\" ]; do sleep 0.02; done; "
                       "printf broken >&3"}};
  for (const auto& [name, script] : runners) {
    SCOPED_TRACE(name);
    spit(folder_ + "/runner", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder_ + "/runner", std::filesystem::perms::owner_all);
    LocalBackend hasty{host_.api(), R"({"run_root":)" + jsonText(root_) + R"(,"runner":)" +
                                        jsonText(folder_ + "/runner") + "}"};
    const std::string spec = specOf({"/bin/sh", "-c", "echo begun; exit 3"}, kRunId);
    sdk::testing::FakeTextSink error;
    EXPECT_EQ(hasty.start(spec, handle_, error), Status::kUnavailable);
    EXPECT_FALSE(error.text().empty());
    EXPECT_TRUE(waitUntil([&] { return slurp(path("output.log")) == "begun\n"; }));
    if (name == "no ok") {
      sdk::testing::FakeTextSink handle;
      ASSERT_EQ(hasty.recover(kRunId, handle, error), Status::kOk) << error.text();
      EXPECT_EQ(outputOf(handle.text()), "begun\n");
      EXPECT_THAT(statusOf(handle.text()), HasSubstr(R"("exit_code":3)"));
    }
    std::filesystem::remove_all(root_ + '/' + kRunId);
  }
}

TEST_F(LocalRunTest, ToolInheritsNoDescriptor) {
  const int leak = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a careless library would
  ASSERT_EQ(tryStart(specOf({"/bin/ls", "/proc/self/fd"}, kRunId)), Status::kOk) << error_.text();
  EXPECT_EQ(outputOf(handle_.text()), "0\n1\n2\n3\n") << "3 is the folder that ls reads";
  ::close(leak);
}

TEST_F(LocalRunTest, ToolInheritsNeitherEnvironmentNorSignals) {
  ::setenv("OSCAR_TEST_SECRET", "secret", 1);
  const std::string handle = start("env | sort; pwd; cat; kill -HUP $$; sleep 300");
  ::unsetenv("OSCAR_TEST_SECRET");
  ASSERT_TRUE(waitForEnd(handle));
  const std::string output = outputOf(handle);
  EXPECT_THAT(output, HasSubstr("HOME=" + root_ + '/' + kRunId + '\n'));
  EXPECT_THAT(output, HasSubstr("\nLC_ALL=C.UTF-8\n"));
  EXPECT_THAT(output, HasSubstr('\n' + root_ + '/' + kRunId + '\n')) << "working directory";
  EXPECT_THAT(output, Not(HasSubstr("OSCAR_TEST_SECRET")));
  EXPECT_THAT(statusOf(handle), HasSubstr(R"("signal":1)")) << "SIGHUP was not at its default";
}

TEST_F(LocalRunTest, OutlivesTheProcessThatStartedIt) {
  std::string name = folder_ + "/go";
  const pid_t starter = ::fork();
  if (starter == 0) {
    LocalBackend other{host_.api(), config()};
    sdk::testing::FakeTextSink handle;
    sdk::testing::FakeTextSink error;
    const std::string script = "while [ ! -e " + name + " ]; do sleep 0.02; done; echo survived";
    other.start(specOf({"/bin/sh", "-c", script}, kRunId), handle, error);
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_GT(starter, 0);
  int status = 0;
  ::waitpid(starter, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_TRUE(toolOf().alive());

  sdk::testing::FakeTextSink handle;
  sdk::testing::FakeTextSink error;
  ASSERT_EQ(backend().recover(kRunId, handle, error), Status::kOk);
  spit(name, "");
  EXPECT_EQ(outputOf(handle.text()), "survived\n");
  EXPECT_THAT(statusOf(handle.text()), HasSubstr(R"("exit_code":0)"));
}

TEST_F(LocalRunTest, AProgramThatCannotRunIsAnEndWithItsReason) {
  ASSERT_EQ(tryStart(specOf({"/nonexistent/tool", "x"}, kRunId)), Status::kOk) << error_.text();
  EXPECT_EQ(outputOf(handle_.text()),
            "oscar-runner: cannot execute /nonexistent/tool: No such file or directory\n");
  EXPECT_THAT(statusOf(handle_.text()), HasSubstr(R"("exit_code":127)"));
}

TEST_F(LocalRunTest, KilledRunnerMakesTheRunLostOnlyWhenTheToolHasEnded) {
  const std::string handle = start("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two");
  const pid_t runner = parentOf(toolOf().pid);
  ASSERT_GT(runner, 1);
  ASSERT_NE(runner, ::getpid());
  ::kill(runner, SIGKILL);
  ASSERT_TRUE(waitUntil([&] { return !ProcessIdentity::of(runner); }));
  EXPECT_THAT(statusOf(handle), HasSubstr("running"));
  spit(path("go"), "");
  EXPECT_EQ(outputOf(handle), "one\ntwo\n");
  EXPECT_EQ(statusOf(handle), R"({"exit_code":null,"signal":null,"state":"lost"})");
  EXPECT_EQ(backend().cleanup(handle, error_), Status::kOk);
}

TEST_F(LocalRunTest, TermToTheRunnerReachesTheTool) {
  const std::string handle = start("trap 'echo told; exit 4' TERM; while :; do sleep 0.02; done");
  ASSERT_TRUE(waitUntil([&] { return toolOf().alive(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  ::kill(parentOf(toolOf().pid), SIGTERM);
  EXPECT_EQ(outputOf(handle), "told\n");
  EXPECT_THAT(statusOf(handle), HasSubstr(R"("exit_code":4)"));
}

TEST_F(LocalRunTest, StopSignalsTheToolAndIsNotFoundAfterItsEnd) {
  const std::string handle = start("exec sleep 300");
  sdk::testing::FakeTextSink error;
  EXPECT_EQ(backend().stop(handle, true, error), Status::kOk);
  ASSERT_TRUE(waitForEnd(handle));
  EXPECT_THAT(statusOf(handle), HasSubstr(R"("exit_code":null,"signal":9,"state":"exited"})"));
  EXPECT_EQ(backend().stop(handle, false, error), Status::kNotFound);
}

TEST_F(LocalRunTest, AReusedPidIsNeitherAliveNorSignalled) {
  const std::string handle = start("exit 0");
  const RunDirectory run{root_, kRunId};
  ASSERT_TRUE(waitUntil([&] { return exists(path("exit")) && !run.runnerLives(); }));
  const pid_t innocent = ::fork();
  if (innocent == 0) {
    ::pause();
    ::_exit(0);
  }
  const ProcessIdentity real = ProcessIdentity::of(innocent).value();
  ProcessIdentity earlier = real;
  earlier.start_time -= 1;
  ProcessIdentity other_boot = real;
  other_boot.boot_id = "00000000-0000-0000-0000-000000000000";
  for (const ProcessIdentity& forged : {earlier, other_boot}) {
    spit(path("pid"), forged.toText());
    EXPECT_EQ(backend().stop(handle, true, error_), Status::kNotFound);
    std::filesystem::remove(path("exit"));
    EXPECT_THAT(statusOf(handle), HasSubstr("lost"));
  }
  EXPECT_EQ(::waitpid(innocent, nullptr, WNOHANG), 0) << "another process was killed";
  EXPECT_TRUE(real.alive());
  EXPECT_EQ(real.signal(SIGKILL), 0);
  ::waitpid(innocent, nullptr, 0);
  EXPECT_FALSE(real.alive());
}

TEST_F(LocalRunTest, DamagedPidFilesNameNoProcess) {
  for (const char* text :
       {"", "\n", "12", "12 34", "12 34 boot", "0 34 boot\n", "1 2 boot\n", "-5 2 boot\n",
        "x 2 boot\n", "12 34 boot more\n", "9999999999999 1 b\n"}) {
    EXPECT_FALSE(ProcessIdentity::parse(text)) << text;
  }
  const ProcessIdentity identity{123, 456, "boot"};
  EXPECT_EQ(ProcessIdentity::parse(identity.toText()), identity);
}

TEST_F(LocalRunTest, RecoverRemovesAnAttemptThatNeverStarted) {
  sdk::testing::FakeTextSink handle;
  std::filesystem::create_directories(root_ + '/' + kRunId + "/control");
  spit(path("argv"), "x");
  EXPECT_EQ(backend().recover(kRunId, handle, error_), Status::kNotFound);
  EXPECT_FALSE(exists(root_ + '/' + kRunId));
  EXPECT_EQ(backend().recover("../etc", handle, error_), Status::kNotFound);
  EXPECT_EQ(handle.text(), "");
}

TEST_F(LocalRunTest, ARunnerWhoseDirectoryWasTakenGivesUp) {
  const RunDirectory run{root_, kRunId};
  run.create({kRunId, {"/bin/echo", "hello"}, {}});
  UniqueFd lock;
  ASSERT_TRUE(run.keepRunnersOut(lock));
  EXPECT_TRUE(run.runnerLives());
  EXPECT_THAT(launchRunner(OSCAR_RUNNER, run.path(), {}, std::chrono::seconds{5}),
              HasSubstr("cannot lock"));
  lock.reset();
  EXPECT_FALSE(run.runnerLives());
  run.remove();
  EXPECT_THAT(launchRunner(OSCAR_RUNNER, run.path(), {}, std::chrono::seconds{5}),
              HasSubstr("cannot enter the run directory"));
}

TEST_F(LocalRunTest, CleanupNeverFollowsSymbolicLinks) {
  std::filesystem::create_directories(folder_ + "/precious");
  spit(folder_ + "/precious/file", "keep");
  const std::string handle = start("ln -s " + folder_ + "/precious $1/link; ln -s / $1/root");
  ASSERT_TRUE(waitForEnd(handle));
  EXPECT_EQ(backend().cleanup(handle, error_), Status::kOk) << error_.text();
  EXPECT_EQ(slurp(folder_ + "/precious/file"), "keep");
  EXPECT_THAT(std::filesystem::directory_iterator{root_},
              ::testing::Eq(std::filesystem::directory_iterator{}))
      << "something stays in run_root";

  std::filesystem::create_directory_symlink(folder_ + "/precious", root_ + '/' + kRunId);
  EXPECT_EQ(backend().cleanup(handle, error_), Status::kNotFound);
  EXPECT_EQ(slurp(folder_ + "/precious/file"), "keep");
}

TEST_F(LocalRunTest, TwoHundredStartsLeaveNoZombieAndNoDescriptor) {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
  };
  start("exit 0");
  const auto before = descriptors();
  for (int i = 0; i < 200; ++i) {
    const std::string digits = std::to_string(100 + i);
    const std::string run_id = "00000000-0000-4000-8000-000000000" + digits;
    const std::string handle = start("echo " + digits, run_id);
    EXPECT_EQ(outputOf(handle), digits + "\n");
    EXPECT_EQ(backend().cleanup(handle, error_), Status::kOk) << error_.text();
  }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD) << "a child is left";
}

TEST_F(LocalRunTest, ConcurrentStartsOfOneRunIdStartOne) {
  std::vector<std::thread> threads;
  std::atomic<int> started{0};
  std::atomic<int> refused{0};
  backend();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      sdk::testing::FakeTextSink handle;
      sdk::testing::FakeTextSink error;
      const Status status = backend().start(specOf({"/bin/sleep", "300"}, kRunId), handle, error);
      if (status == Status::kOk) ++started;
      if (status == Status::kRefused) ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_TRUE(toolOf().alive());
}

struct ExitRecordCase {
  const char* text;
  const char* expected;
};

class ExitRecordTest : public LocalRunTest, public ::testing::WithParamInterface<ExitRecordCase> {};

TEST_P(ExitRecordTest, IsReadOrTheRunIsLost) {
  const std::string handle = start("exit 0");
  ASSERT_TRUE(waitForEnd(handle));
  spit(path("exit"), GetParam().text);
  EXPECT_EQ(statusOf(handle), GetParam().expected);
}

constexpr const char* kLost = R"({"exit_code":null,"signal":null,"state":"lost"})";

INSTANTIATE_TEST_SUITE_P(
    Records, ExitRecordTest,
    ::testing::Values(
        ExitRecordCase{R"({"exit_code":3,"signal":null,"ended_at":5})",
                       R"({"ended_at":5,"exit_code":3,"signal":null,"state":"exited"})"},
        ExitRecordCase{R"({"exit_code":null,"signal":15,"ended_at":5}      )",
                       R"({"ended_at":5,"exit_code":null,"signal":15,"state":"exited"})"},
        ExitRecordCase{"", kLost}, ExitRecordCase{"{", kLost}, ExitRecordCase{"[]", kLost},
        ExitRecordCase{R"({"exit_code":"x"})", kLost}));

TEST_F(LocalRunTest, AFullDiskDoesNotHideTheEnd) {
  // The limit is inherited by the runner: files may not grow, as on a disk that has become full.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 512;
  struct sigaction ignore {};
  struct sigaction standard {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &standard);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string handle = start(
      "trap '' XFSZ; i=0; while [ $i -lt 100 ]; do i=$((i+1));"
      "echo 0123456789 || :; done 2>/dev/null; exit 5");
  const std::string big = R"([{"name":"big","content":")" + std::string(2000, 'x') + R"("}])";
  const Status refused =
      tryStart(specOf({"/bin/true"}, "00000000-0000-4000-8000-000000000000", big));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::sigaction(SIGXFSZ, &standard, nullptr);

  ASSERT_TRUE(waitForEnd(handle));
  EXPECT_THAT(statusOf(handle), HasSubstr(R"("exit_code":5)"));
  EXPECT_EQ(slurp(path("output.log")).size(), 512u);
  EXPECT_EQ(refused, Status::kRefused);
  EXPECT_THAT(error_.text(), HasSubstr("cannot write big"));
  EXPECT_FALSE(exists(root_ + "/00000000-0000-4000-8000-000000000000"));
}

TEST_F(LocalRunTest, ARunRootThatIsNoDirectoryIsRefused) {
  spit(root_, "a file");
  EXPECT_EQ(tryStart(specOf({"/bin/true"}, kRunId)), Status::kRefused);
  EXPECT_THAT(error_.text(), HasSubstr("Not a directory"));
}

TEST_F(LocalRunTest, AMissingRunnerFailsTheStartAndLeavesNothing) {
  LocalBackend other{host_.api(),
                     R"({"runner":"/nonexistent/runner","run_root":)" + jsonText(root_) + "}"};
  EXPECT_EQ(other.start(specOf({"/bin/true"}, kRunId), handle_, error_), Status::kUnavailable);
  EXPECT_THAT(error_.text(), HasSubstr("cannot start /nonexistent/runner"));
  EXPECT_FALSE(exists(root_ + '/' + kRunId));
  EXPECT_EQ(handle_.text(), "");
}

TEST_F(LocalRunTest, ARunnerThatNeverReportsIsKilledAndNothingIsLeft) {
  const std::string runner = folder_ + "/stuck";
  spit(runner, "#!/bin/sh\n(sleep 300) &\nsleep 300\n");
  ::chmod(runner.c_str(), 0700);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(
      launchRunner(runner, folder_, {{"PATH", "/usr/bin:/bin"}}, std::chrono::milliseconds{300}),
      HasSubstr("did not report within 300 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{3});
}

}  // namespace
}  // namespace oscar::backend_local
