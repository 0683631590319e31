#include "ctl/interrupt.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace oscar::ctl {

InterruptWatch::InterruptWatch(std::function<void()> on_interrupt)
    : on_interrupt_{std::move(on_interrupt)} {
  struct sigaction now {};
  if (sigaction(SIGINT, nullptr, &now) != 0 || now.sa_handler == SIG_IGN) return;
  sigset_t interrupt{};
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  signals_ = signalfd(-1, &interrupt, SFD_CLOEXEC);
  end_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || end_ < 0) return;  // out of descriptors: SIGINT kills, as it always did
  pthread_sigmask(SIG_BLOCK, &interrupt, &before_);
  waiter_ = std::thread{[this] { wait(); }};
}

InterruptWatch::~InterruptWatch() {
  if (waiter_.joinable()) {
    eventfd_write(end_, 1);
    waiter_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  if (signals_ >= 0) close(signals_);
  if (end_ >= 0) close(end_);
}

void InterruptWatch::wait() const {
  std::array<pollfd, 2> events{{{signals_, POLLIN, 0}, {end_, POLLIN, 0}}};
  while (poll(events.data(), events.size(), -1) >= 0 || errno == EINTR) {
    if (events[1].revents != 0) return;
    if (events[0].revents == 0) continue;
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) == sizeof signal) on_interrupt_();
  }
}

}  // namespace oscar::ctl
