#pragma once

#include "ports/clock.hpp"
#include "ports/execution_backend.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace oscar::plugin_runtime {

/// What a backend last said about itself.
struct ProbeResult {
  ports::BackendReport report;
  std::string document = "{}";  ///< the probe's own report, JSON object
};

/// Remembers a probe for some seconds, because lists and previews ask often, and bounds how long
/// anybody waits for a slow one: the probe itself runs on a thread of its own. Any thread.
class ProbeCache {
 public:
  /// May take long; must not throw. Whatever it captured is released as soon as it returned.
  using Probe = std::function<ProbeResult()>;
  /// Makes the work of one probe.
  using ProbeMaker = std::function<Probe()>;

  static constexpr std::chrono::seconds kMaxAge{5};

  ProbeCache(const ports::Clock& clock, ProbeMaker make_probe);
  /// Waits a moment for a probe under way, then leaves it to itself.
  ~ProbeCache();
  ProbeCache(const ProbeCache&) = delete;
  ProbeCache& operator=(const ProbeCache&) = delete;

  /// Starts a probe unless one is under way or the last result is still fresh. Never blocks.
  void begin();

  /// begin(), then the result as soon as it is fresh, at the latest after `patience`: then the last
  /// known one, or "not ready, still checking".
  ProbeResult get(std::chrono::milliseconds patience);

  /// Forgets the result, so that the next question probes again.
  void invalidate();

 private:
  struct State;
  const ports::Clock& clock_;
  ProbeMaker make_probe_;
  std::shared_ptr<State> state_;
};

}  // namespace oscar::plugin_runtime
