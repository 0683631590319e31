#include "ws/poller.hpp"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace oscar::ws {
namespace {

constexpr std::uint64_t kWakeId = 0;  ///< viewers' ids start at 1

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

epoll_event interest(std::uint64_t id, bool writable) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0U);
  event.data.u64 = id;
  return event;
}

}  // namespace

Poller::Poller() : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
  if (epoll_ < 0) fail("epoll_create1");
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) fail("eventfd");
  add(wake_, kWakeId);
}

Poller::~Poller() {
  ::close(wake_);
  ::close(epoll_);
}

void Poller::add(int descriptor, std::uint64_t id) {
  epoll_event event = interest(id, false);
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

void Poller::watchWritable(int descriptor, std::uint64_t id, bool writable) {
  epoll_event event = interest(id, writable);
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0) fail("epoll_ctl");
}

void Poller::remove(int descriptor) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::vector<Poller::Ready> Poller::wait(std::chrono::milliseconds timeout) {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                               static_cast<int>(timeout.count()));
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  std::vector<Ready> ready;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kWakeId) {
      std::uint64_t ignored = 0;
      [[maybe_unused]] const auto read_bytes = ::read(wake_, &ignored, sizeof ignored);
      continue;
    }
    const auto reading = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    ready.push_back({event.data.u64, (event.events & reading) != 0});
  }
  return ready;
}

void Poller::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

}  // namespace oscar::ws
