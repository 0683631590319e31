#pragma once

#include "ports/execution_backend.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace oscar::test {

/// A backend whose runs live in memory: a test writes their output and ends them. `unreachable`
/// makes every call throw kUnavailable and interrupts those that wait. Any thread.
class FakeBackend final : public ports::ExecutionBackend {
 public:
  struct FakeRun {
    ports::RunSpec spec;
    std::string output;
    ports::RunEnd end;
    std::map<ports::Control, std::string> controls;
    bool stopped = false;
    bool killed = false;
    bool cleaned = false;
  };

  std::atomic<bool> unreachable = false;
  ports::BackendReport report{true, {}, {"/usr/bin/pt-online-schema-change", "3.2.1", 30201, {}}};
  std::optional<ports::BackendError> probe_error;
  std::optional<ports::BackendError> start_error;  ///< nothing is started
  std::function<void()> after_start;               ///< the run is there; may throw
  std::atomic<bool> cleanup_hangs = false;
  std::atomic<bool> output_gone = false;  ///< `attach` finds no output; the run goes on
  std::atomic<bool> broken = false;       ///< `status` throws what no caller expects

  ports::BackendReport probe() override {
    if (probe_error) throw *probe_error;
    return report;
  }
  std::string start(const ports::RunSpec& spec) override {
    if (start_error) throw *start_error;
    {
      const auto lock = reach();
      runs_[spec.run_id].spec = spec;
    }
    if (after_start) after_start();
    return spec.run_id;
  }
  std::optional<std::string> recover(const std::string& run_id) override {
    const auto lock = reach();
    return runs_.contains(run_id) ? std::optional{run_id} : std::nullopt;
  }
  void attach(const std::string& handle, std::uint64_t offset, const Output& output,
              const std::atomic<bool>& stop) override {
    {
      const auto lock = reach();
      attached_at_.push_back(offset);
      if (output_gone) throw ports::BackendError{Kind::kNotFound, "the output is cut off"};
    }
    while (!stop) {
      std::string bytes;
      {
        auto lock = reach();
        const FakeRun& r = at(handle);
        if (offset >= r.output.size()) {
          if (r.end.state != ports::RunState::kRunning) return;
          changed_.wait_for(lock, std::chrono::milliseconds{5});
          continue;
        }
        bytes = r.output.substr(offset);
      }
      if (!output(offset, bytes)) return;
      offset += bytes.size();
    }
  }
  ports::RunEnd status(const std::string& handle) override {
    if (broken) throw std::logic_error{"a defect"};
    const auto lock = reach();
    return at(handle).end;
  }
  void set(const std::string& handle, ports::Control control, const std::string& value) override {
    requireReachable();
    change(handle, [&](FakeRun& r) { r.controls[control] = value; });
  }
  void clear(const std::string& handle, ports::Control control) override {
    requireReachable();
    change(handle, [&](FakeRun& r) { r.controls.erase(control); });
  }
  void stop(const std::string& handle, bool force) override {
    requireReachable();
    change(handle, [&](FakeRun& r) { (force ? r.killed : r.stopped) = true; });
  }
  void cleanup(const std::string& handle) override {
    while (cleanup_hangs) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    requireReachable();
    change(handle, [](FakeRun& r) { r.cleaned = true; });
  }

  /// A copy of the run; throws BackendError kNotFound.
  FakeRun run(const std::string& handle) const {
    const std::lock_guard lock{mutex_};
    return at(handle);
  }
  /// Ids of all runs that were started.
  std::vector<std::string> started() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> ids;
    for (const auto& [id, run] : runs_) ids.push_back(id);
    return ids;
  }
  /// The offsets of all calls of `attach`, in order.
  std::vector<std::uint64_t> attachedAt() const {
    const std::lock_guard lock{mutex_};
    return attached_at_;
  }
  /// The run's record is gone, as after somebody removed its directory.
  void forget(const std::string& handle) {
    const std::lock_guard lock{mutex_};
    runs_.erase(handle);
  }
  /// What the run has written is gone; it is known all the same.
  void loseOutput(const std::string& handle) {
    change(handle, [](FakeRun& r) { r.output.clear(); });
  }
  /// `bytes` as the observer and pt-osc would write them: every `#oscar {` gets the run's mark.
  void write(const std::string& handle, const std::string& bytes) {
    change(handle, [&](FakeRun& r) { r.output += withMark(bytes, r.spec); });
  }
  /// Just so, as text that only looks like the observer's.
  void writeRaw(const std::string& handle, const std::string& bytes) {
    change(handle, [&](FakeRun& r) { r.output += bytes; });
  }
  void end(const std::string& handle, ports::RunEnd how) {
    change(handle, [&](FakeRun& r) { r.end = how; });
  }

 private:
  using Kind = ports::BackendError::Kind;

  std::unique_lock<std::mutex> reach() {
    std::unique_lock lock{mutex_};
    if (unreachable) throw ports::BackendError{Kind::kUnavailable, "no route to the fake"};
    return lock;
  }
  void requireReachable() { reach(); }
  const FakeRun& at(const std::string& handle) const {
    const auto found = runs_.find(handle);
    if (found == runs_.end()) throw ports::BackendError{Kind::kNotFound, "no run " + handle};
    return found->second;
  }
  template <typename F>
  void change(const std::string& handle, const F& what) {
    const std::lock_guard lock{mutex_};
    at(handle);
    what(runs_[handle]);
    changed_.notify_all();
  }

  static std::string withMark(std::string text, const ports::RunSpec& spec) {
    constexpr std::string_view kWord = "#oscar ";
    std::string mark;
    for (const auto& file : spec.files) {
      if (file.name == "event_mark") mark = file.content + " ";
    }
    for (auto at = text.find("#oscar {"); at != std::string::npos;
         at = text.find("#oscar {", at + kWord.size())) {
      text.insert(at + kWord.size(), mark);
    }
    return text;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, FakeRun> runs_;
  std::vector<std::uint64_t> attached_at_;
};

class FakeBackendCatalog final : public ports::BackendCatalog {
 public:
  std::map<std::string, ports::ExecutionBackend*> backends;

  ports::ExecutionBackend* find(const std::string& type) override {
    const auto found = backends.find(type);
    return found == backends.end() ? nullptr : found->second;
  }
  Text whyNot(const std::string& type) override {
    return {"没有执行后端 " + type, "There is no backend " + type};
  }
  std::vector<std::string> types() override {
    std::vector<std::string> names;
    for (const auto& [name, backend] : backends) names.push_back(name);
    return names;
  }
};

}  // namespace oscar::test
