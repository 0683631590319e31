#include "ws/session_hub.hpp"

#include "ws/inbox.hpp"
#include "ws/poller.hpp"
#include "ws/worker.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace oscar::ws {
namespace {

using ports::LogLevel;

constexpr int kLinesPerRead = 500;
constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kFarewell{1000};

}  // namespace

struct SessionHub::Impl {
  Impl(ports::EventSubscriber& events, ports::ExecutionStore& executions_,
       ports::SessionStore& sessions_, const ports::Clock& clock_, ports::Log& log_,
       const HubLimits& limits_)
      : executions{executions_},
        sessions{sessions_},
        clock{clock_},
        log{log_},
        limits{limits_},
        subscription{events.subscribe([this](const Event& event) {
          if (inbox.put(event)) poller.wake();
        })},
        owner{[this] { run(); }} {}

  // Owner thread.
  void run();
  void turn();
  void admit(Inbox::Arrival arrival);
  void spread(const std::map<std::string, News>& news);
  void readReady(const std::vector<Poller::Ready>& ready);
  void tickAll();
  void service(std::uint64_t id, Viewer& viewer);
  void ask(std::uint64_t id, const Watch& watch, const Wish& wish);
  void checkSessions();
  void endSessions(const std::set<std::string>& ended);
  void drop(std::uint64_t id);
  void farewell();

  // Reader thread.
  Findings look(const std::string& execution_id, const Wish& wish) const;
  std::set<std::string> endedAmong(const std::set<std::string>& session_ids) const;

  void deliver(std::function<void()> result) {
    inbox.put(std::move(result));
    poller.wake();
  }

  struct Seat {
    std::unique_ptr<Viewer> viewer;
    bool polls_writable = false;
    bool read_again = false;
  };

  ports::ExecutionStore& executions;
  ports::SessionStore& sessions;
  const ports::Clock& clock;
  ports::Log& log;
  const HubLimits limits;

  Poller poller;
  Inbox inbox;
  std::map<std::uint64_t, Seat> seats;  ///< owner thread only
  std::uint64_t last_id = 0;
  Instant next_tick{};
  Instant next_session_check{};
  bool checking_sessions = false;
  std::atomic<std::size_t> count{0};  ///< adopted and not yet gone
  std::atomic<bool> stopping{false};

  // Last, in this order: the threads and the subscription use everything above.
  Worker reader;
  std::unique_ptr<ports::Subscription> subscription;
  std::thread owner;
};

void SessionHub::Impl::run() {
  next_session_check = clock.steady() + limits.check_sessions_every;
  while (!stopping) {
    try {
      turn();
    } catch (const std::exception& error) {
      log.write(LogLevel::kError, "ws", std::string{"hub: "} + error.what());
    }
  }
  farewell();
}

void SessionHub::Impl::turn() {
  const bool again = std::any_of(seats.begin(), seats.end(),
                                 [](const auto& seat) { return seat.second.read_again; });
  const auto ready = poller.wait(again ? std::chrono::milliseconds{0} : kTick);
  Inbox::Contents contents = inbox.takeAll();
  for (auto& arrival : contents.arrivals) admit(std::move(arrival));
  for (const auto& result : contents.results) result();
  spread(contents.news);
  readReady(ready);
  if (clock.steady() >= next_tick) tickAll();
  std::vector<std::uint64_t> gone;
  for (auto& [id, seat] : seats) {
    service(id, *seat.viewer);
    if (seat.viewer->gone()) gone.push_back(id);
  }
  for (const std::uint64_t id : gone) drop(id);
}

void SessionHub::Impl::admit(Inbox::Arrival arrival) {
  const std::uint64_t id = ++last_id;
  const std::string execution_id = arrival.watch.execution_id;
  try {
    auto viewer = std::make_unique<Viewer>(std::move(arrival.socket), std::move(arrival.early),
                                           std::move(arrival.watch), limits.viewer, clock.steady());
    poller.add(viewer->descriptor(), id);
    // A TLS socket may hold bytes that the descriptor does not announce.
    seats[id] = Seat{std::move(viewer), false, true};
  } catch (const std::exception& error) {
    log.write(LogLevel::kError, "ws", std::string{"cannot take a viewer: "} + error.what());
    inbox.endWatching(execution_id);
    --count;
  }
}

void SessionHub::Impl::spread(const std::map<std::string, News>& news) {
  if (news.empty()) return;
  for (auto& [id, seat] : seats) {
    const auto it = news.find(seat.viewer->watch().execution_id);
    if (it != news.end()) seat.viewer->take(it->second);
  }
}

void SessionHub::Impl::readReady(const std::vector<Poller::Ready>& ready) {
  for (const auto& [id, readable] : ready) {
    const auto it = seats.find(id);
    if (it != seats.end() && readable) it->second.read_again = true;
  }
  for (auto& [id, seat] : seats) {
    if (seat.read_again) seat.read_again = seat.viewer->receive(clock.steady());
  }
}

void SessionHub::Impl::tickAll() {
  const Instant now = clock.steady();
  next_tick = now + kTick;
  for (auto& [id, seat] : seats) seat.viewer->tick(now);
  if (now >= next_session_check && !checking_sessions) {
    next_session_check = now + limits.check_sessions_every;
    checkSessions();
  }
}

void SessionHub::Impl::service(std::uint64_t id, Viewer& viewer) {
  const Instant now = clock.steady();
  viewer.pump(now);
  if (const auto wish = viewer.nextWish(now)) ask(id, viewer.watch(), *wish);
  Seat& seat = seats.at(id);
  if (viewer.gone() || viewer.wantsToWrite() == seat.polls_writable) return;
  seat.polls_writable = viewer.wantsToWrite();
  poller.watchWritable(viewer.descriptor(), id, seat.polls_writable);
}

void SessionHub::Impl::ask(std::uint64_t id, const Watch& watch, const Wish& wish) {
  reader.post([this, id, execution_id = watch.execution_id, wish] {
    deliver([this, id, findings = look(execution_id, wish)] {
      const auto it = seats.find(id);
      if (it != seats.end()) it->second.viewer->take(findings, clock.steady());
    });
  });
}

Findings SessionHub::Impl::look(const std::string& execution_id, const Wish& wish) const {
  Findings findings;
  findings.asked = wish;
  try {
    if (wish.state) {
      // The state first: the lines that led to a final one are then certainly counted.
      findings.execution = executions.find(execution_id);
      findings.last_line = executions.lastLogLine(execution_id);
      if (findings.last_line > 0) {
        findings.lines = executions.readLog(execution_id, findings.last_line, 1, "");
      }
    } else {
      findings.lines = executions.readLog(execution_id, wish.from_line, kLinesPerRead, "");
    }
    findings.reached = true;
  } catch (const std::exception& error) {
    log.write(LogLevel::kWarn, "ws", "cannot read execution " + execution_id + ": " + error.what());
  }
  return findings;
}

void SessionHub::Impl::checkSessions() {
  std::set<std::string> ids;
  for (const auto& [id, seat] : seats) {
    if (!seat.viewer->watch().session_id.empty()) ids.insert(seat.viewer->watch().session_id);
  }
  if (ids.empty()) return;
  checking_sessions = true;
  reader.post([this, ids = std::move(ids)] {
    deliver([this, ended = endedAmong(ids)] { endSessions(ended); });
  });
}

std::set<std::string> SessionHub::Impl::endedAmong(const std::set<std::string>& session_ids) const {
  std::set<std::string> ended;
  try {
    for (const std::string& id : session_ids) {
      const auto session = sessions.find(id);
      if (!session || session->expires_at <= clock.now()) ended.insert(id);
    }
  } catch (const std::exception& error) {
    // The store's absence is no reason to throw everybody out; the next check decides.
    log.write(LogLevel::kWarn, "ws", std::string{"cannot check sessions: "} + error.what());
    ended.clear();
  }
  return ended;
}

void SessionHub::Impl::endSessions(const std::set<std::string>& ended) {
  checking_sessions = false;
  for (auto& [id, seat] : seats) {
    if (!ended.contains(seat.viewer->watch().session_id)) continue;
    seat.viewer->close(close_code::kPolicy, "the session has ended", clock.steady());
  }
}

void SessionHub::Impl::drop(std::uint64_t id) {
  const auto it = seats.find(id);
  const Viewer& viewer = *it->second.viewer;
  log.write(LogLevel::kInfo, "ws",
            "viewer " + std::to_string(id) + " of execution " + viewer.watch().execution_id +
                " user=" + viewer.watch().username + " ip=" + viewer.watch().peer_address +
                " left: " + viewer.goneBecause());
  poller.remove(viewer.descriptor());
  inbox.endWatching(viewer.watch().execution_id);
  seats.erase(it);
  --count;
}

void SessionHub::Impl::farewell() {
  const Instant end = clock.steady() + kFarewell;
  for (auto& [id, seat] : seats) {
    seat.viewer->close(close_code::kGoingAway, "the server is stopping", clock.steady());
  }
  const auto busy = [](const auto& seat) {
    return seat.second.viewer->wantsToWrite() && !seat.second.viewer->gone();
  };
  do {
    for (auto& [id, seat] : seats) seat.viewer->pump(clock.steady());
    if (!std::any_of(seats.begin(), seats.end(), busy)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  } while (clock.steady() < end);
  seats.clear();
}

SessionHub::SessionHub(ports::EventSubscriber& events, ports::ExecutionStore& executions,
                       ports::SessionStore& sessions, const ports::Clock& clock, ports::Log& log,
                       const HubLimits& limits)
    : impl_{std::make_unique<Impl>(events, executions, sessions, clock, log, limits)} {}

SessionHub::~SessionHub() {
  stop();
}

bool SessionHub::hasRoom() const {
  return impl_->count < impl_->limits.max_viewers;
}

std::size_t SessionHub::viewers() const {
  return impl_->count;
}

void SessionHub::adopt(std::unique_ptr<ports::DetachedSocket> socket, std::string early,
                       Watch watch) {
  if (impl_->stopping) return;
  if (impl_->count.fetch_add(1) >= impl_->limits.max_viewers) {
    --impl_->count;
    return;
  }
  // Watched before the store is first read: what happens in between is not missed.
  impl_->inbox.beginWatching(watch.execution_id);
  impl_->inbox.put(Inbox::Arrival{std::move(socket), std::move(early), std::move(watch)});
  impl_->poller.wake();
}

void SessionHub::stop() {
  if (impl_->stopping.exchange(true)) return;
  impl_->subscription.reset();
  impl_->poller.wake();
  impl_->owner.join();
  impl_->reader.stop();
}

}  // namespace oscar::ws
