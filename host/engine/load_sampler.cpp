#include "engine/load_sampler.hpp"

#include "ddl/ptosc_values.hpp"

#include <algorithm>
#include <charconv>

namespace oscar::engine {
namespace {

std::int64_t toNumber(const std::string& text) {
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} ? number : 0;
}

std::int64_t numberOf(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto it = values.find(name);
  return it == values.end() ? 0 : toNumber(it->second);
}

constexpr double kMostThreads = 1e9;  // so that any number fits

std::int64_t shownLimit(const ddl::LoadLimits& limits, std::string_view variable) {
  for (const auto* list : {&limits.max, &limits.critical}) {
    const ddl::LoadLimit* limit = ddl::findLoadLimit(*list, variable);
    if (limit != nullptr && limit->value) {
      return static_cast<std::int64_t>(std::min(*limit->value, kMostThreads));
    }
  }
  return 0;
}

}  // namespace

LoadSampler::Limits shownLimits(const ExecutionParams& params, const ExecutionSettings& settings) {
  const auto limits = ddl::effectiveLoadLimits(params, settings);
  // No command could have been built with them, unless the settings have changed since.
  if (!limits.ok()) return {};
  return {shownLimit(limits.value(), "Threads_connected"),
          shownLimit(limits.value(), "Threads_running")};
}

LoadSampler::LoadSampler(ports::TargetDatabase& targets, TargetAddress address, Limits limits,
                         const ports::Clock& clock, std::chrono::seconds interval,
                         std::function<void()> notify)
    : targets_{targets},
      address_{std::move(address)},
      limits_{limits},
      clock_{clock},
      interval_{interval},
      notify_{std::move(notify)},
      thread_{[this] { run(); }} {}

LoadSampler::~LoadSampler() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::optional<LoadSample> LoadSampler::latest() const {
  const std::lock_guard lock{mutex_};
  return latest_;
}

void LoadSampler::sample(std::unique_ptr<ports::TargetSession>& session) {
  if (!session) {
    session = targets_.connect(address_);
    if (limits_.threads_connected == 0) {
      limits_.threads_connected = session->server().max_connections;
    }
  }
  const auto status = session->status({"Threads_connected", "Threads_running"});
  LoadSample sample;
  sample.at = clock_.now();
  sample.threads_connected = numberOf(status, "Threads_connected");
  sample.threads_connected_limit = limits_.threads_connected;
  sample.threads_running = numberOf(status, "Threads_running");
  sample.threads_running_limit = limits_.threads_running;
  const std::lock_guard lock{mutex_};
  latest_ = sample;
}

void LoadSampler::run() {
  std::unique_ptr<ports::TargetSession> session;
  while (true) {
    try {
      sample(session);
    } catch (const std::exception&) {
      // Whatever it is (a server that is away, no memory), figures are not worth the process. An
      // old number would pass for a current one.
      session.reset();
      const std::lock_guard lock{mutex_};
      latest_.reset();
    }
    notify_();
    std::unique_lock lock{mutex_};
    if (wake_.wait_for(lock, interval_, [this] { return stop_; })) return;
  }
}

}  // namespace oscar::engine
