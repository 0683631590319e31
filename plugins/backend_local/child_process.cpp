#include "child_process.hpp"

#include "posix_file.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace oscar::backend_local {
namespace {

using Clock = std::chrono::steady_clock;

/// posix_spawn's two option objects: everything that the child must not inherit from a server with
/// many threads, descriptors and signal settings is taken away here.
class SpawnOptions {
 public:
  SpawnOptions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID));
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void give(int fd, int as) { posix_spawn_file_actions_adddup2(&actions_, fd, as); }
  void giveNothing(int as) {
    posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_WRONLY, 0);
  }
  void closeFrom(int first) { posix_spawn_file_actions_addclosefrom_np(&actions_, first); }

  /// 0, or an errno value.
  int spawn(pid_t& pid, const std::vector<std::string>& argv, const Environment& environment) {
    std::vector<std::string> variables;
    variables.reserve(environment.size());
    for (const auto& [name, value] : environment) {
      variables.push_back(name);
      variables.back().append(1, '=').append(value);
    }
    const auto pointers = [](const std::vector<std::string>& texts) {
      std::vector<char*> result;
      result.reserve(texts.size() + 1);
      for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
      result.push_back(nullptr);
      return result;
    };
    return ::posix_spawn(&pid, argv[0].c_str(), &actions_, &attributes_, pointers(argv).data(),
                         pointers(variables).data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// The write end is above the standard descriptors and 3, so that no dup2 in the child hits it.
Pipe makePipe() {
  std::array<int, 2> fds{-1, -1};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return {};
  Pipe pipe{UniqueFd{fds[0]}, UniqueFd{fds[1]}};
  constexpr int kLowest = 10;
  pipe.write_end = UniqueFd{::fcntl(fds[1], F_DUPFD_CLOEXEC, kLowest)};
  return pipe;
}

/// Reads until the end of the stream; false when time was up first.
bool readUntil(int fd, Clock::time_point deadline, std::string& text) {
  constexpr std::size_t kLimit = 1 << 20;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    std::array<char, 4096> block{};
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return true;
    if (count > 0 && text.size() < kLimit)
      text.append(block.data(), static_cast<std::size_t>(count));
  }
}

/// The wait status, or -1 when the host lets the system reap its children.
int reap(pid_t pid) {
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(pid, &status, 0);
  } while (ended < 0 && errno == EINTR);
  return ended == pid ? status : -1;
}

}  // namespace

CommandResult runCommand(const std::vector<std::string>& argv, const Environment& environment,
                         std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  CommandResult result;
  Pipe pipe = makePipe();
  SpawnOptions options;
  options.give(pipe.write_end.get(), STDOUT_FILENO);
  options.give(pipe.write_end.get(), STDERR_FILENO);
  options.closeFrom(STDERR_FILENO + 1);
  pid_t pid = -1;
  const int error = pipe.write_end.valid() ? options.spawn(pid, argv, environment) : EMFILE;
  if (error != 0) {
    result.output = errorText(error);
    return result;
  }
  result.started = true;
  pipe.write_end.reset();
  result.timed_out = !readUntil(pipe.read_end.get(), deadline, result.output);
  // Its own session: what it started itself goes with it.
  if (result.timed_out) ::kill(-pid, SIGKILL);
  const int status = reap(pid);
  if (status != -1 && WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

std::string launchRunner(const std::string& runner, const std::string& run_dir,
                         const Environment& environment, std::chrono::milliseconds limit) {
  constexpr int kReportFd = 3;
  const auto deadline = Clock::now() + limit;
  Pipe pipe = makePipe();
  SpawnOptions options;
  options.giveNothing(STDOUT_FILENO);
  options.giveNothing(STDERR_FILENO);
  options.give(pipe.write_end.get(), kReportFd);
  options.closeFrom(kReportFd + 1);
  pid_t pid = -1;
  const int error =
      pipe.write_end.valid() ? options.spawn(pid, {runner, run_dir}, environment) : EMFILE;
  if (error != 0) return "cannot start " + runner + ": " + errorText(error);
  pipe.write_end.reset();
  std::string report;
  const bool in_time = readUntil(pipe.read_end.get(), deadline, report);
  if (!in_time) ::kill(-pid, SIGKILL);
  reap(pid);
  if (report == "ok") return {};
  if (!in_time)
    return "oscar-runner did not report within " + std::to_string(limit.count()) + " ms";
  return report.empty() ? "oscar-runner ended without a report" : "oscar-runner: " + report;
}

}  // namespace oscar::backend_local
