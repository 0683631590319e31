#pragma once

#include <chrono>
#include <optional>

namespace oscar::engine {

/// The order in which a run is asked to stop: by the observer's control file, after a grace period
/// by SIGTERM, after another by SIGKILL. A signal leaves triggers and the new table behind
/// (pt-osc.md), which is why it is not the first step. Plain state, no clock: testable.
class StopSequence {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Step { kAsk = 1, kTerminate, kKill };

  explicit StopSequence(std::chrono::seconds grace) : grace_{grace} {}

  /// The step that is due at `now`, once each; nullopt when none is. Call only while a stop is
  /// wanted and possible.
  std::optional<Step> due(Time now) {
    if (retry_at_) {
      if (now < *retry_at_) return std::nullopt;
      retry_at_.reset();
      since_ = now;
      return last_;
    }
    if (!last_ || (now - since_ >= grace_ && *last_ != Step::kKill)) {
      last_ = !last_ ? Step::kAsk : *last_ == Step::kAsk ? Step::kTerminate : Step::kKill;
      since_ = now;
      return last_;
    }
    return std::nullopt;
  }
  /// The step that `due` gave last did not reach the run: it is due once more, a little later, and
  /// the next one's grace period begins anew.
  void notDelivered(Time now) { retry_at_ = now + kRetryInterval; }

 private:
  static constexpr std::chrono::seconds kRetryInterval{1};

  std::chrono::seconds grace_;
  std::optional<Step> last_;
  std::optional<Time> retry_at_;
  Time since_{};
};

}  // namespace oscar::engine
