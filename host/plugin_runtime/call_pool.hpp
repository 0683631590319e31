#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace oscar::plugin_runtime {

/// Makes calls that may hang: each runs on one of a few threads, and who asked waits no longer than
/// its deadline. A call that overruns is left to finish, and its thread is replaced. Any thread.
class CallPool {
 public:
  enum class Outcome {
    kDone = 1,
    kOverran,   ///< begun, and still under way: it is left to finish
    kNotBegun,  ///< no thread became free in time: it will never begin
  };

  /// Calls at once; those left behind do not count.
  static constexpr std::size_t kThreads = 8;
  /// With so many left behind nothing new begins: the plugin does not answer at all.
  static constexpr std::size_t kMostLeftBehind = 16;

  CallPool();
  /// Leaves behind what has overrun. No call of `run` may be under way.
  ~CallPool();
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;

  /// Runs `work`, which must not throw and must own all that it touches; it is destroyed as soon as
  /// it returned, or will never begin. `name` is what `leftBehind` calls it.
  Outcome run(std::string name, std::function<void()> work, std::chrono::milliseconds deadline);

  /// The name of the call that overran first of those that have not come back.
  std::optional<std::string> leftBehind() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< shared with the threads, which may outlive this
};

}  // namespace oscar::plugin_runtime
