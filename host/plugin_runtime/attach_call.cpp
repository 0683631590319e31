#include "plugin_runtime/attach_call.hpp"

#include "plugin_runtime/text_limit.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace oscar::plugin_runtime {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// How soon a stop reaches the plugin's token.
constexpr std::chrono::milliseconds kStopCheck{50};

/// What both threads see. The plugin's thread keeps it alive when it is left behind.
class Shared final : public sdk::OutputSink, public sdk::StopToken {
 public:
  Shared(std::shared_ptr<PluginInstance> instance, std::string handle,
         const AttachCall::Output& output)
      : instance_{std::move(instance)}, handle_{std::move(handle)}, output_{&output} {}

  bool stopRequested() const override { return stop_.load(); }

  bool write(std::uint64_t offset, std::string_view bytes) override {
    {
      std::lock_guard lock{mutex_};
      if (stop_ || thrown_) return false;
      writing_ = true;
    }
    bool more = false;
    std::exception_ptr thrown;
    try {
      more = (*output_)(offset, bytes);
    } catch (...) {
      // It must not travel through the plugin's frames; the waiting thread throws it on.
      thrown = std::current_exception();
    }
    std::lock_guard lock{mutex_};
    writing_ = false;
    if (thrown) thrown_ = thrown;
    changed_.notify_all();
    return more && !thrown;
  }

  /// On the plugin's thread.
  void call(std::uint64_t offset) {
    std::string failure;
    LimitedText error{kMaxErrorText};
    const sdk::Status status = instance_->guarded("attach", failure, [&] {
      return instance_->as<sdk::ExecutionBackend>().attach(handle_, offset, *this, *this, error);
    });
    instance_.reset();
    std::lock_guard lock{mutex_};
    status_ = status;
    error_ = failure.empty() ? error.text() : failure;
    changed_.notify_all();
  }

  /// On the host's thread. nullopt when the plugin does not come back.
  std::optional<sdk::Status> wait(const std::atomic<bool>& stop,
                                  std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    std::optional<SteadyClock::time_point> deadline;
    while (!status_) {
      changed_.wait_for(lock, kStopCheck);
      if (stop.load() || thrown_) stop_ = true;
      // Time that the host itself spends storing output is not the plugin's.
      if (stop_ && (!deadline || writing_)) deadline = SteadyClock::now() + patience;
      if (!status_ && deadline && !writing_ && SteadyClock::now() > *deadline) return std::nullopt;
    }
    return status_;
  }

  std::exception_ptr thrown() {
    std::lock_guard lock{mutex_};
    return thrown_;
  }
  std::string error() {
    std::lock_guard lock{mutex_};
    return error_;
  }

 private:
  std::shared_ptr<PluginInstance> instance_;
  std::string handle_;
  const AttachCall::Output* output_;  ///< the caller's: not used any more once stop_ is set
  std::atomic<bool> stop_{false};     ///< set under mutex_
  std::mutex mutex_;
  std::condition_variable changed_;
  bool writing_ = false;
  std::exception_ptr thrown_;
  std::optional<sdk::Status> status_;
  std::string error_;
};

}  // namespace

sdk::Status AttachCall::run(const std::shared_ptr<PluginInstance>& instance,
                            const std::string& handle, std::uint64_t offset, const Output& output,
                            const std::atomic<bool>& stop, std::string& error,
                            std::chrono::milliseconds patience) {
  auto shared = std::make_shared<Shared>(instance, handle, output);
  std::thread thread;
  try {
    thread = std::thread{[shared, offset] { shared->call(offset); }};
  } catch (const std::system_error& failure) {
    error = std::string{"no thread to attach with: "} + failure.what();
    return sdk::Status::kUnavailable;
  }
  const auto status = shared->wait(stop, patience);
  if (!status) {
    thread.detach();
    error = "attach ignored the stop token for " + std::to_string(patience.count()) + " ms";
    instance->markFaulty(error);
    return sdk::Status::kInternal;
  }
  thread.join();
  if (const auto thrown = shared->thrown()) std::rethrow_exception(thrown);
  error = shared->error();
  return *status;
}

}  // namespace oscar::plugin_runtime
