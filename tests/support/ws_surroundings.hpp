#pragma once

#include "domain/error.hpp"
#include "ports/clock.hpp"
#include "ports/event_publisher.hpp"
#include "ports/execution_store.hpp"
#include "ports/upgrade_handler.hpp"
#include "support/ws_frames.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

/// What stands around a SessionHub in its tests.
namespace oscar::test {

using namespace std::chrono_literals;

class RealClock final : public ports::Clock {
 public:
  Timestamp now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
};

/// Calls the handler on the publisher's thread: the hub must not care.
class DirectBus final : public ports::EventSubscriber {
 public:
  std::unique_ptr<ports::Subscription> subscribe(Handler handler) override {
    const std::lock_guard lock{mutex_};
    handler_ = std::move(handler);
    struct End final : ports::Subscription {
      explicit End(DirectBus& b) : bus{b} {}
      ~End() override {
        const std::lock_guard l{bus.mutex_};
        bus.handler_ = nullptr;
      }
      DirectBus& bus;
    };
    return std::make_unique<End>(*this);
  }
  void publish(const Event& event) {
    const std::lock_guard lock{mutex_};
    if (handler_) handler_(event);
  }

 private:
  std::mutex mutex_;
  Handler handler_;
};

/// One execution and its log; everything that a hub does not ask is refused.
class OneExecution final : public ports::ExecutionStore {
 public:
  OneExecution() {
    execution_.id = "e1";
    execution_.number = 7;
    execution_.status = ExecutionStatus::kRunning;
  }

  std::optional<Execution> find(const std::string& id) override {
    const std::lock_guard lock{mutex_};
    check();
    return id == execution_.id ? std::optional{execution_} : std::nullopt;
  }
  std::optional<Execution> findByNumber(std::int64_t number) override {
    return number == 7 ? find("e1") : std::nullopt;
  }
  std::vector<LogLine> readLog(const std::string&, std::int64_t from_line, int limit,
                               const std::string&) override {
    const std::lock_guard lock{mutex_};
    check();
    std::vector<LogLine> lines;
    for (const LogLine& line : lines_) {
      if (line.number >= from_line && lines.size() < static_cast<std::size_t>(limit)) {
        lines.push_back(line);
      }
    }
    return lines;
  }
  std::int64_t lastLogLine(const std::string&) override {
    const std::lock_guard lock{mutex_};
    check();
    return static_cast<std::int64_t>(lines_.size());
  }

  /// Stores `count` lines and returns them.
  std::vector<LogLine> append(int count, std::size_t padding = 0) {
    const std::lock_guard lock{mutex_};
    std::vector<LogLine> added;
    for (int i = 0; i < count; ++i) {
      const auto number = static_cast<std::int64_t>(lines_.size()) + 1;
      lines_.push_back(
          {number, Timestamp{}, "line " + std::to_string(number) + std::string(padding, '.')});
      added.push_back(lines_.back());
    }
    return added;
  }
  Execution change(const std::function<void(Execution&)>& edit) {
    const std::lock_guard lock{mutex_};
    edit(execution_);
    return execution_;
  }
  void setAway(bool away) {
    const std::lock_guard lock{mutex_};
    away_ = away;
  }

  Page<Execution> list(const ExecutionFilter&, const PageRequest&) override { throw unused(); }
  ExecutionStatistics statistics(const ExecutionFilter&) override { throw unused(); }
  std::vector<Execution> liveOnTable(const std::string&, const std::string&,
                                     const std::string&) override {
    throw unused();
  }
  std::optional<Execution> claimNext(const std::string&, Timestamp, Timestamp,
                                     const ports::ClaimLimits&) override {
    throw unused();
  }
  void renewLeases(const std::string&, Timestamp) override { throw unused(); }
  std::vector<Execution> takeOver(const std::string&, Timestamp, Timestamp) override {
    throw unused();
  }
  void insertRun(const Run&) override { throw unused(); }
  void setRunHandle(const std::string&, const std::string&, const std::string&,
                    Timestamp) override {
    throw unused();
  }
  std::optional<Run> latestRun(const std::string&) override { throw unused(); }
  std::optional<std::int64_t> insertIfTableIsFree(const Execution&) override { throw unused(); }
  std::vector<Run> runsWithFiles(int) override { throw unused(); }
  void forgetRunHandle(const std::string&) override { throw unused(); }
  bool commitRun(const std::string&, std::int64_t, const ports::RunCommit&) override {
    throw unused();
  }
  bool setAttention(const std::string&, const std::string&, const Text&) override {
    throw unused();
  }
  bool finish(const std::string&, const ports::ExecutionEnd&) override { throw unused(); }
  std::optional<Execution> requestStop(const std::string&, Timestamp) override { throw unused(); }

 private:
  static std::logic_error unused() { return std::logic_error{"a hub only reads"}; }
  void check() const {
    if (away_) throw StoreUnavailable{"locked"};
  }

  std::mutex mutex_;
  Execution execution_;
  std::vector<LogLine> lines_;
  bool away_ = false;
};

/// One end of a socket pair.
class PairSocket final : public ports::DetachedSocket {
 public:
  explicit PairSocket(int fd) : fd_{fd} { ::fcntl(fd_, F_SETFL, O_NONBLOCK); }
  ~PairSocket() override { ::close(fd_); }
  int descriptor() const override { return fd_; }
  std::ptrdiff_t read(char* buffer, std::size_t size) override {
    const auto count = ::recv(fd_, buffer, size, 0);
    return count == 0 ? -1 : count < 0 ? (errno == EAGAIN ? 0 : -1) : count;
  }
  std::ptrdiff_t write(std::string_view bytes) override {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return count < 0 ? (errno == EAGAIN ? 0 : -1) : count;
  }

 private:
  int fd_;
};

/// A client on the other end.
class WsClient {
 public:
  WsClient() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) throw std::runtime_error{"socketpair"};
    fd_ = fds[0];
    server_end_ = std::make_unique<PairSocket>(fds[1]);
  }
  ~WsClient() { hangUp(); }
  WsClient(const WsClient&) = delete;
  WsClient& operator=(const WsClient&) = delete;

  std::unique_ptr<ports::DetachedSocket> serverEnd() { return std::move(server_end_); }
  void send(const std::string& bytes) {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void hangUp() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  std::optional<ServerFrame> frame(std::chrono::milliseconds within = 3000ms) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (true) {
      if (auto complete = takeServerFrame(bytes_)) return complete;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      pollfd waiting{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
        return std::nullopt;
      }
      char buffer[65536];
      const auto count = ::recv(fd_, buffer, sizeof buffer, 0);
      if (count <= 0) return std::nullopt;
      bytes_.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  int fd_ = -1;
  std::string bytes_;
  std::unique_ptr<PairSocket> server_end_;
};

}  // namespace oscar::test
