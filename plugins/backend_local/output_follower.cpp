#include "output_follower.hpp"

#include "posix_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace oscar::backend_local {
namespace {

constexpr std::size_t kBlockSize = 64 << 10;
constexpr int kPollMs = 250;          // how long a stop request may wait (sdk/README.md)
constexpr int kPollUnwatchedMs = 20;  // without inotify this is also the output's delay

/// Wakes up when the log grows or the exit record appears. Works by looking more often where the
/// system has no inotify instance to give.
class ChangeWatch {
 public:
  explicit ChangeWatch(const RunDirectory& run)
      : inotify_{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)} {
    watched_ =
        inotify_.valid() &&
        ::inotify_add_watch(inotify_.get(), run.file("output.log").c_str(), IN_MODIFY) >= 0 &&
        ::inotify_add_watch(inotify_.get(), run.path().c_str(), IN_MOVED_TO) >= 0;
  }

  void wait() {
    pollfd waiting{watched_ ? inotify_.get() : -1, POLLIN, 0};
    if (::poll(&waiting, 1, watched_ ? kPollMs : kPollUnwatchedMs) <= 0) return;
    alignas(inotify_event) std::array<char, 4096> events{};
    while (::read(inotify_.get(), events.data(), events.size()) > 0) {
    }
  }

 private:
  UniqueFd inotify_;
  bool watched_ = false;
};

/// Whether the run is over. The exit record is looked for every time; the process, which costs more
/// to look at, once a second.
class EndWatch {
 public:
  explicit EndWatch(const RunDirectory& run) : run_{run} {}

  bool ended() {
    if (exists(run_.file("exit")) || !run_.exists()) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return false;
    next_look_ = now + std::chrono::seconds{1};
    return run_.status().state != RunStatus::State::kRunning;
  }

 private:
  const RunDirectory& run_;
  std::chrono::steady_clock::time_point next_look_{};
};

}  // namespace

FollowEnd followOutput(const RunDirectory& run, std::uint64_t offset, sdk::OutputSink& sink,
                       const sdk::StopToken& stop) {
  // The watch comes before the first read: what is written in between is not overlooked.
  ChangeWatch changes{run};
  const UniqueFd log = openFile(run.file("output.log"), O_RDONLY | O_NOFOLLOW);
  if (!log.valid()) return FollowEnd::kGone;

  EndWatch end{run};
  const auto block = std::make_unique<std::array<char, kBlockSize>>();
  bool ended = false;
  while (!stop.stopRequested()) {
    // A log that is shorter than what was read of it has lost something: what comes next would
    // pass for its continuation.
    struct stat facts {};
    if (::fstat(log.get(), &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) < offset) {
      return FollowEnd::kGone;
    }
    const ssize_t count =
        ::pread(log.get(), block->data(), block->size(), static_cast<off_t>(offset));
    if (count < 0 && errno != EINTR) return FollowEnd::kGone;
    if (count > 0) {
      const auto size = static_cast<std::size_t>(count);
      if (!sink.write(offset, {block->data(), size})) return FollowEnd::kAsked;
      offset += size;
      continue;
    }
    if (count < 0) continue;
    if (ended) return FollowEnd::kRunEnded;
    ended = end.ended();  // then one more read: the last lines came before the end was recorded
    if (!ended) changes.wait();
  }
  return FollowEnd::kAsked;
}

}  // namespace oscar::backend_local
