// oscar-runner RUN_DIR: starts the command in RUN_DIR/argv and records how it ended.
//
// It is the parent that pt-osc keeps when oscard dies, so it does as little as possible. The run
// directory is described in README.md. Descriptor 3 is where it reports whether the run started:
// "ok", or why not in words.

#include "posix_file.hpp"
#include "process_identity.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using oscar::backend_local::errorText;
using oscar::backend_local::openFile;
using oscar::backend_local::ProcessIdentity;
using oscar::backend_local::readFile;
using oscar::backend_local::tryLock;
using oscar::backend_local::UniqueFd;
using oscar::backend_local::writeAll;
using oscar::backend_local::writeFileAtomically;

constexpr int kReportFd = 3;
constexpr int kCannotExecute = 127;
// The exit record is written over blocks that were reserved at the start: a full disk, a likely
// reason for the end, must not also hide the end.
constexpr std::size_t kExitRecordSize = 256;
constexpr off_t kOutputReserve = 4 << 20;
constexpr std::size_t kArgvLimit = 16 << 20;

/// Tells the starter why there is no run and ends this process.
[[noreturn]] void fail(const std::string& what, int error) {
  writeAll(kReportFd, what + ": " + errorText(error));
  _exit(EXIT_FAILURE);
}

/// The NUL-terminated elements of RUN_DIR/argv.
std::vector<std::string> readArguments() {
  const auto text = readFile("argv", kArgvLimit);
  std::vector<std::string> arguments;
  if (!text) fail("cannot read argv", errno);
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = text->find('\0', at);
    if (end == std::string::npos) fail("argv is cut off", EINVAL);
    arguments.push_back(text->substr(at, end - at));
    at = end + 1;
  }
  if (arguments.empty()) fail("argv is empty", EINVAL);
  return arguments;
}

/// Holds RUN_DIR/lock as long as this process lives: whoever can take it knows that no runner does.
UniqueFd takeLock() {
  UniqueFd lock = openFile("lock", O_RDWR | O_CREAT | O_NOFOLLOW);
  if (!lock.valid() || !tryLock(lock.get())) fail("cannot lock", errno);
  // A recovery may have removed the directory between the two calls.
  struct stat ours {};
  struct stat there {};
  if (::fstat(lock.get(), &ours) != 0 || ::stat("lock", &there) != 0 ||
      ours.st_ino != there.st_ino) {
    fail("the run directory was removed", ENOENT);
  }
  return lock;
}

UniqueFd openOutput() {
  UniqueFd output = openFile("output.log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  if (!output.valid()) fail("cannot open output.log", errno);
  // A disk that fills up later must not silence the run: a tool that cannot print ends with an
  // error although the table was changed. File systems that cannot reserve go without.
  if (::fallocate(output.get(), FALLOC_FL_KEEP_SIZE, 0, kOutputReserve) != 0 && errno == ENOSPC) {
    fail("no room for the run's output", ENOSPC);
  }
  return output;
}

UniqueFd reserveExitRecord() {
  UniqueFd record = openFile("exit.tmp", O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW);
  if (!record.valid() || !writeAll(record.get(), std::string(kExitRecordSize, ' '))) {
    fail("cannot reserve the exit record", errno);
  }
  return record;
}

[[noreturn]] void becomeTool(const std::vector<std::string>& arguments, int gate, int output) {
  char go = 0;
  if (::read(gate, &go, 1) != 1) _exit(EXIT_FAILURE);  // the runner died before it told our pid

  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(output, STDERR_FILENO) < 0) {
    _exit(kCannotExecute);
  }
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGCHLD}) {
    ::sigaction(number, &standard, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  ::execvp(pointers[0], pointers.data());
  const int error = errno;
  writeAll(STDERR_FILENO,
           "oscar-runner: cannot execute " + arguments[0] + ": " + errorText(error) + "\n");
  _exit(kCannotExecute);
}

/// Waits for the tool; SIGTERM is passed on to it.
int waitForTool(pid_t tool, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(tool, &status, WNOHANG);
    if (ended == tool) return status;
    siginfo_t info{};
    // The tool is our child and not waited for, so its pid cannot belong to another process.
    if (::sigwaitinfo(&signals, &info) == SIGTERM) ::kill(tool, SIGTERM);
  }
}

void writeExitRecord(int record, int status) {
  const bool signalled = WIFSIGNALED(status);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::string text = R"({"exit_code":)";
  text += signalled ? "null" : std::to_string(WEXITSTATUS(status));
  text += R"(,"signal":)";
  text += signalled ? std::to_string(WTERMSIG(status)) : "null";
  text += R"(,"ended_at":)" + std::to_string(now.count()) + "}\n";
  text.insert(text.size() - 1, kExitRecordSize - text.size(), ' ');
  // Nobody is left to be told of a failure; without the record the run counts as lost.
  if (::pwrite(record, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
    ::fsync(record);
    ::rename("exit.tmp", "exit");
    const UniqueFd directory = openFile(".", O_RDONLY | O_DIRECTORY);
    if (directory.valid()) ::fsync(directory.get());
  }
}

/// Open as long as the runner lives.
struct RunFiles {
  UniqueFd lock = takeLock();
  UniqueFd output = openOutput();
  UniqueFd record = reserveExitRecord();
};

/// The runner proper, in a process that nobody waits for.
[[noreturn]] void superviseRun() {
  const RunFiles files;
  const std::vector<std::string> arguments = readArguments();

  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGHUP, &ignore, nullptr);
  ::sigaction(SIGINT, &ignore, nullptr);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  std::array<int, 2> gate{};
  if (::pipe2(gate.data(), O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
  const pid_t tool = ::fork();
  if (tool < 0) fail("cannot fork", errno);
  if (tool == 0) {
    ::close(gate[1]);
    ::close(kReportFd);
    becomeTool(arguments, gate[0], files.output.get());
  }
  ::close(gate[0]);

  const auto identity = ProcessIdentity::of(tool);
  if (!identity || !writeFileAtomically("pid", identity->toText(), 0600)) {
    fail("cannot write pid", identity ? errno : ESRCH);  // the tool sees the gate close and ends
  }
  writeAll(gate[1], "g");
  ::close(gate[1]);
  writeAll(kReportFd, "ok");
  ::close(kReportFd);

  const int status = waitForTool(tool, signals);
  ::unlink("my.cnf");
  writeExitRecord(files.record.get(), status);
  _exit(EXIT_SUCCESS);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || ::fcntl(kReportFd, F_GETFD) < 0) {
    constexpr char kUsage[] = "oscar-runner is started by Oscar's local backend only\n";
    writeAll(STDERR_FILENO, kUsage);
    return 2;
  }
  ::fcntl(kReportFd, F_SETFD, FD_CLOEXEC);
  ::umask(077);
  if (::chdir(argv[1]) != 0) fail("cannot enter the run directory", errno);
  const pid_t supervisor = ::fork();
  if (supervisor < 0) fail("cannot fork", errno);
  // This process ends at once, so that oscard has no child to wait for; the report comes by pipe.
  // The session that it was given stays with its children.
  if (supervisor > 0) return EXIT_SUCCESS;
  superviseRun();
}
