#pragma once

#include "local_backend.hpp"
#include "posix_file.hpp"
#include <oscar/sdk/testing/fake_host.hpp>
#include <oscar/sdk/testing/fake_sinks.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace oscar::backend_local {

using sdk::Status;

inline std::string jsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

inline std::string slurp(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void spit(const std::string& path, std::string_view text) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << text;
}

inline bool waitUntil(const std::function<bool()>& condition,
                      std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// A backend with a run_root of its own; kills what still runs in it at the end.
class LocalRunTest : public ::testing::Test {
 protected:
  static constexpr const char* kRunId = "0f8fad5b-d9cb-469f-a165-70867728950e";

  LocalRunTest() {
    std::string name = std::filesystem::temp_directory_path() / "oscar-local-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    root_ = folder_ + "/runs";
  }

  ~LocalRunTest() override {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{root_, ignored}) {
      const auto tool = ProcessIdentity::parse(slurp(entry.path() / "pid"));
      if (tool) tool->signal(SIGKILL);
      const RunDirectory run{root_, entry.path().filename().string()};
      if (run.exists()) waitUntil([&] { return run.status().state != RunStatus::State::kRunning; });
    }
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string config(const std::string& more = "") const {
    return R"({"run_root":)" + jsonText(root_) + R"(,"runner":)" + jsonText(OSCAR_RUNNER) + more +
           "}";
  }

  LocalBackend& backend() {
    if (!backend_) backend_ = std::make_unique<LocalBackend>(host_.api(), config());
    return *backend_;
  }

  static std::string specOf(const std::vector<std::string>& argv, const std::string& run_id,
                            const std::string& files = "[]") {
    std::string elements;
    for (const std::string& element : argv) {
      elements += (elements.empty() ? "" : ",") + jsonText(element);
    }
    return R"({"run_id":)" + jsonText(run_id) + R"(,"argv":[)" + elements + R"(],"files":)" +
           files + "}";
  }

  Status tryStart(const std::string& spec) {
    handle_ = {};
    error_ = {};
    return backend().start(spec, handle_, error_);
  }

  /// Starts a shell script; the handle.
  std::string start(const std::string& script, const std::string& run_id = kRunId,
                    const std::string& files = "[]") {
    EXPECT_EQ(tryStart(specOf({"/bin/sh", "-c", script, "tool", "{run_dir}"}, run_id, files)),
              Status::kOk)
        << error_.text();
    return handle_.text();
  }

  std::string statusOf(const std::string& handle) {
    sdk::testing::FakeTextSink report;
    sdk::testing::FakeTextSink error;
    const Status status = backend().status(handle, report, error);
    return status == Status::kOk ? report.text() : "error: " + error.text();
  }

  bool waitForEnd(const std::string& handle) {
    return waitUntil([&] { return statusOf(handle).find("running") == std::string::npos; });
  }

  /// The whole output from `offset` on; waits for the end of the run.
  std::string outputOf(const std::string& handle, std::uint64_t offset = 0) {
    sdk::testing::FakeOutputSink sink{offset};
    sdk::testing::FakeStopToken stop;
    sdk::testing::FakeTextSink error;
    EXPECT_EQ(backend().attach(handle, offset, sink, stop, error), Status::kOk) << error.text();
    EXPECT_TRUE(sink.contiguous());
    return sink.text();
  }

  ProcessIdentity toolOf(const std::string& run_id = kRunId) {
    return ProcessIdentity::parse(slurp(path("pid", run_id))).value();
  }

  std::string path(const std::string& name, const std::string& run_id = kRunId) const {
    return root_ + '/' + run_id + '/' + name;
  }

  sdk::testing::FakeHost host_;
  std::string folder_;
  std::string root_;
  sdk::testing::FakeTextSink handle_;
  sdk::testing::FakeTextSink error_;

 private:
  std::unique_ptr<LocalBackend> backend_;
};

/// The parent of a process, from /proc.
inline pid_t parentOf(pid_t pid) {
  const std::string stat = slurp("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t end = stat.rfind(')');
  return end == std::string::npos ? 0 : static_cast<pid_t>(std::stol(stat.substr(end + 4)));
}

}  // namespace oscar::backend_local
