#pragma once

#include "domain/connection.hpp"
#include "domain/execution.hpp"
#include "domain/settings.hpp"
#include "ports/clock.hpp"
#include "ports/target_database.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace oscar::engine {

/// Samples the target's load every few seconds on a connection and thread of its own (requirement
/// document 3.3.2: connections and running threads against their limits). A server that does not
/// answer only means that there is no sample.
class LoadSampler {
 public:
  struct Limits {
    std::int64_t threads_connected = 0;  ///< 0 = the server's max_connections
    std::int64_t threads_running = 0;    ///< 0 = no limit known
  };

  LoadSampler(ports::TargetDatabase& targets, TargetAddress address, Limits limits,
              const ports::Clock& clock, std::chrono::seconds interval,
              std::function<void()> notify);
  ~LoadSampler();
  LoadSampler(const LoadSampler&) = delete;
  LoadSampler& operator=(const LoadSampler&) = delete;

  std::optional<LoadSample> latest() const;

 private:
  void run();
  void sample(std::unique_ptr<ports::TargetSession>& session);

  ports::TargetDatabase& targets_;
  const TargetAddress address_;
  Limits limits_;
  const ports::Clock& clock_;
  const std::chrono::seconds interval_;
  const std::function<void()> notify_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::optional<LoadSample> latest_;
  std::thread thread_;  // last: it uses everything above
};

/// What people see beside the load of a run with these parameters: where it pauses, or where
/// nothing makes it pause where it gives up.
LoadSampler::Limits shownLimits(const ExecutionParams& params, const ExecutionSettings& settings);

}  // namespace oscar::engine
