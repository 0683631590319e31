#pragma once

#include "ports/execution_backend.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace oscar::test {

/// A backend whose runs live in memory: a test writes their output and ends them. Any thread.
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

  ports::BackendReport report{true, {}, {"/usr/bin/pt-online-schema-change", "3.2.1", 30201, {}}};
  std::optional<ports::BackendError> probe_error;
  std::optional<ports::BackendError> start_error;

  ports::BackendReport probe() override {
    if (probe_error) throw *probe_error;
    return report;
  }
  std::string start(const ports::RunSpec& spec) override {
    if (start_error) throw *start_error;
    const std::lock_guard lock{mutex_};
    runs_[spec.run_id].spec = spec;
    return spec.run_id;
  }
  std::optional<std::string> recover(const std::string& run_id) override {
    const std::lock_guard lock{mutex_};
    return runs_.contains(run_id) ? std::optional{run_id} : std::nullopt;
  }
  /// Gives what there is from `offset` on, then returns.
  void attach(const std::string& handle, std::uint64_t offset, const Output& output,
              const std::atomic<bool>& stop) override {
    const std::string all = run(handle).output;
    if (!stop && offset < all.size()) output(offset, std::string_view{all}.substr(offset));
  }
  ports::RunEnd status(const std::string& handle) override { return run(handle).end; }
  void set(const std::string& handle, ports::Control control, const std::string& value) override {
    change(handle, [&](FakeRun& r) { r.controls[control] = value; });
  }
  void clear(const std::string& handle, ports::Control control) override {
    change(handle, [&](FakeRun& r) { r.controls.erase(control); });
  }
  void stop(const std::string& handle, bool force) override {
    change(handle, [&](FakeRun& r) { (force ? r.killed : r.stopped) = true; });
  }
  void cleanup(const std::string& handle) override {
    change(handle, [](FakeRun& r) { r.cleaned = true; });
  }

  /// A copy of the run; throws BackendError kNotFound.
  FakeRun run(const std::string& handle) const {
    const std::lock_guard lock{mutex_};
    const auto found = runs_.find(handle);
    if (found == runs_.end()) throw ports::BackendError{Kind::kNotFound, "no run " + handle};
    return found->second;
  }
  void write(const std::string& handle, const std::string& bytes) {
    change(handle, [&](FakeRun& r) { r.output += bytes; });
  }
  void end(const std::string& handle, ports::RunEnd how) {
    change(handle, [&](FakeRun& r) { r.end = how; });
  }

 private:
  using Kind = ports::BackendError::Kind;

  template <typename F>
  void change(const std::string& handle, const F& what) {
    const std::lock_guard lock{mutex_};
    const auto found = runs_.find(handle);
    if (found == runs_.end()) throw ports::BackendError{Kind::kNotFound, "no run " + handle};
    what(found->second);
  }

  mutable std::mutex mutex_;
  std::map<std::string, FakeRun> runs_;
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
