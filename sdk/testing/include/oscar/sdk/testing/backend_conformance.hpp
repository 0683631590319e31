#pragma once

#include "oscar/sdk/execution_backend.hpp"
#include "oscar/sdk/testing/fake_sinks.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace oscar::sdk::testing {

/// What the conformance suite needs to know about the place where runs happen.
struct BackendConformanceOptions {
  /// The program that runs a shell script there: `shell... <script> <arg>...`.
  std::vector<std::string> shell = {"/bin/sh", "-c"};
  /// Unique within the backend; each check appends to it.
  std::string run_id_prefix = "conformance-";
  /// How long anything that must happen "soon" may take.
  std::chrono::milliseconds patience{10'000};
};

/// Checks the promises that oscar::sdk::ExecutionBackend makes, by running small shell scripts on
/// `backend`. Returns one English sentence per broken promise; empty when it conforms. Needs no
/// test framework: `EXPECT_THAT(checkExecutionBackend(backend), IsEmpty())`.
///
/// It removes every run that it starts. Takes a few seconds.
class ExecutionBackendConformance {
 public:
  ExecutionBackendConformance(ExecutionBackend& backend, BackendConformanceOptions options)
      : backend_{backend}, options_{std::move(options)} {}

  std::vector<std::string> run() {
    probeReports();
    deliversOutputAndEnd();
    attachesInTheMiddle();
    attachObeysStopAndSink();
    keepsArgumentsApart();
    placesFiles();
    recoversByRunId();
    stopsAndRefusesCleanup();
    setsAndClearsControls();
    survivesForeignHandles();
    return failures_;
  }

 private:
  /// A run that removes itself from the backend at the end of a check, whatever happened.
  struct Run {
    ExecutionBackendConformance& suite;
    std::string handle;
    ~Run() {
      if (handle.empty()) return;
      FakeTextSink error;
      suite.backend_.stop(handle, true, error);
      suite.waitForEnd(handle);
      suite.backend_.cleanup(handle, error);
    }
  };

  void expect(bool holds, std::string sentence) {
    if (!holds) failures_.push_back(std::move(sentence));
  }

  static std::string quote(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
      } else if (byte < 0x20) {
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
      } else {
        out += c;
      }
    }
    return out + '"';
  }

  /// A JSON text without the white space outside its strings, to look for fields in it.
  static std::string compact(std::string_view json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
      const char c = json[i];
      if (in_string && c == '\\') {
        out += c;
        if (++i < json.size()) out += json[i];
        continue;
      }
      if (c == '"') in_string = !in_string;
      if (in_string || (c != ' ' && c != '\n' && c != '\t' && c != '\r')) out += c;
    }
    return out;
  }

  static bool isObject(std::string_view json) {
    const std::string text = compact(json);
    return text.size() >= 2 && text.front() == '{' && text.back() == '}';
  }

  std::string nextRunId() { return options_.run_id_prefix + std::to_string(++run_count_); }

  std::string spec(const std::string& run_id, const std::string& script,
                   const std::vector<std::string>& arguments = {},
                   const std::string& files = "[]") const {
    std::string argv;
    auto add = [&](const std::string& argument) {
      argv += (argv.empty() ? "" : ",") + quote(argument);
    };
    for (const std::string& word : options_.shell) add(word);
    add(script);
    for (const std::string& argument : arguments) add(argument);
    return "{\"run_id\":" + quote(run_id) + ",\"argv\":[" + argv + "],\"files\":" + files + "}";
  }

  /// Starts `spec`; the handle is empty when that failed (and the failure noted).
  std::string start(const std::string& what, const std::string& run_spec) {
    FakeTextSink handle;
    FakeTextSink error;
    const Status status = backend_.start(run_spec, handle, error);
    expect(status == Status::kOk, what + ": start failed: " + error.text());
    if (status != Status::kOk) return {};
    expect(isObject(handle.text()), what + ": start wrote no JSON object as handle");
    return handle.text();
  }

  std::string statusOf(const std::string& handle) {
    FakeTextSink report;
    FakeTextSink error;
    if (backend_.status(handle, report, error) != Status::kOk) return "status: " + error.text();
    return compact(report.text());
  }

  bool waitUntil(const std::function<bool()>& condition) const {
    const auto deadline = std::chrono::steady_clock::now() + options_.patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return true;
  }

  bool waitForEnd(const std::string& handle) {
    return waitUntil(
        [&] { return statusOf(handle).find("\"state\":\"running\"") == std::string::npos; });
  }

  /// attach on another thread, so that one that never returns is a failure, not a hang.
  bool attach(const std::string& handle, std::uint64_t offset, OutputSink& output,
              FakeStopToken& stop, const std::function<void()>& meanwhile = {}) {
    std::promise<Status> promise;
    std::future<Status> result = promise.get_future();
    std::thread thread{[&] {
      FakeTextSink error;
      promise.set_value(backend_.attach(handle, offset, output, stop, error));
    }};
    if (meanwhile) meanwhile();
    bool in_time = result.wait_for(options_.patience) == std::future_status::ready;
    if (!in_time) stop.requestStop();
    thread.join();
    return in_time && result.get() == Status::kOk;
  }

  void probeReports() {
    FakeTextSink report;
    FakeTextSink error;
    expect(backend_.probe(report, error) == Status::kOk, "probe failed: " + error.text());
    expect(compact(report.text()).find("\"ready\":") != std::string::npos,
           "probe's report has no \"ready\"");
  }

  void deliversOutputAndEnd() {
    const std::string what = "a short run";
    Run run{*this, start(what, spec(nextRunId(), "echo out; echo err >&2; exit 3"))};
    if (run.handle.empty()) return;
    FakeOutputSink output;
    FakeStopToken stop;
    expect(attach(run.handle, 0, output, stop), what + ": attach did not return kOk at the end");
    expect(output.text() == "out\nerr\n",
           what + ": the output was not stdout and stderr in order: " + output.text());
    expect(output.contiguous(), what + ": the output's offsets have gaps or overlaps");
    const std::string end = statusOf(run.handle);
    expect(end.find("\"state\":\"exited\"") != std::string::npos &&
               end.find("\"exit_code\":3") != std::string::npos,
           what + ": status after exit 3 is " + end);
    FakeTextSink error;
    expect(backend_.stop(run.handle, false, error) == Status::kNotFound,
           what + ": stop after its end is not kNotFound");
    expect(backend_.cleanup(run.handle, error) == Status::kOk, what + ": cleanup failed");
    FakeTextSink report;
    expect(backend_.status(run.handle, report, error) == Status::kNotFound,
           what + ": status after cleanup is not kNotFound");
    run.handle.clear();
  }

  void attachesInTheMiddle() {
    const std::string what = "attach at an offset";
    Run run{*this, start(what, spec(nextRunId(), "printf 0123456789"))};
    if (run.handle.empty()) return;
    FakeOutputSink whole;
    FakeOutputSink output{4};
    FakeStopToken stop;
    // A host only ever attaches at what it has read before.
    expect(attach(run.handle, 0, whole, stop), what + ": attach from the start did not return kOk");
    expect(attach(run.handle, 4, output, stop), what + " did not return kOk");
    expect(output.text() == "456789" && output.contiguous(),
           what + " delivered '" + output.text() + "'");
  }

  void attachObeysStopAndSink() {
    const std::string what = "a long run";
    Run run{*this, start(what, spec(nextRunId(), "echo one; sleep 300"))};
    if (run.handle.empty()) return;
    FakeOutputSink until_one{0, 4};
    FakeStopToken never;
    expect(attach(run.handle, 0, until_one, never), what + ": attach ignored the sink's false");
    FakeOutputSink output;
    FakeStopToken stop;
    expect(attach(run.handle, 0, output, stop,
                  [&] {
                    expect(waitUntil([&] { return output.text() == "one\n"; }),
                           what + ": its output did not arrive while it ran");
                    stop.requestStop();
                  }),
           what + ": attach ignored the stop token");
    expect(statusOf(run.handle).find("\"state\":\"running\"") != std::string::npos,
           what + ": it ended when attach did");
  }

  void keepsArgumentsApart() {
    const std::string what = "arguments with shell characters";
    const std::string nasty = "a b;$(touch x)`id`'\"\\ \n--execute \xe8\xa1\xa8";
    Run run{*this, start(what, spec(nextRunId(), "printf '%s|' \"$@\"", {"name", nasty, ""}))};
    if (run.handle.empty()) return;
    FakeOutputSink output;
    FakeStopToken stop;
    expect(attach(run.handle, 0, output, stop), what + ": attach failed");
    expect(output.text() == nasty + "||", what + ": arrived as '" + output.text() + "'");
  }

  void placesFiles() {
    const std::string what = "files in the run directory";
    const std::string files =
        "[{\"name\":\"my.cnf\",\"content\":\"dir={run_dir} {run_dir}\",\"mode\":384,"
        "\"expand_run_dir\":true},{\"name\":\"plain\",\"content\":\"{run_dir}\",\"mode\":384,"
        "\"expand_run_dir\":false}]";
    Run run{*this, start(what, spec(nextRunId(),
                                    "cat \"$1/my.cnf\"; echo; cat \"$1/plain\"; echo; echo \"$1\"",
                                    {"name", "{run_dir}"}, files))};
    if (run.handle.empty()) return;
    FakeOutputSink output;
    FakeStopToken stop;
    expect(attach(run.handle, 0, output, stop), what + ": attach failed");
    const std::string text = output.text();
    const std::size_t last = text.rfind("\n{run_dir}\n");
    const std::string dir =
        last == std::string::npos ? "" : text.substr(last + 11, text.size() - last - 12);
    expect(!dir.empty() && text == "dir=" + dir + " {run_dir}\n{run_dir}\n" + dir + "\n",
           what + ": only the first {run_dir} of an expanded file is replaced; got: " + text);
  }

  void recoversByRunId() {
    const std::string what = "recover";
    const std::string run_id = nextRunId();
    Run run{*this, start(what, spec(run_id, "sleep 300"))};
    if (run.handle.empty()) return;
    FakeTextSink handle;
    FakeTextSink error;
    expect(backend_.recover(run_id, handle, error) == Status::kOk,
           what + " did not find a live run: " + error.text());
    expect(statusOf(handle.text()).find("\"state\":\"running\"") != std::string::npos,
           what + " gave a handle that does not work");
    FakeTextSink none;
    expect(backend_.recover(options_.run_id_prefix + "never-started", none, error) ==
               Status::kNotFound,
           what + " of an unknown run is not kNotFound");
  }

  void stopsAndRefusesCleanup() {
    for (const bool force : {false, true}) {
      const std::string what = force ? "stop by force" : "stop";
      Run run{*this, start(what, spec(nextRunId(), "exec sleep 300"))};
      if (run.handle.empty()) continue;
      FakeTextSink error;
      expect(backend_.cleanup(run.handle, error) == Status::kRefused,
             what + ": cleanup of a live run is not kRefused");
      expect(backend_.stop(run.handle, force, error) == Status::kOk,
             what + " failed: " + error.text());
      expect(waitForEnd(run.handle), what + " did not end the run");
      // SIGKILL may take the recorder of the exit status with it: then "lost" is the truth.
      const std::string end = statusOf(run.handle);
      expect(end.find("\"state\":\"exited\"") != std::string::npos ||
                 (force && end.find("\"state\":\"lost\"") != std::string::npos),
             what + ": its end is reported as " + end);
    }
  }

  void setsAndClearsControls() {
    const std::string what = "control";
    Run run{*this, start(what, spec(nextRunId(), "sleep 300"))};
    if (run.handle.empty()) return;
    for (const char* command :
         {R"({"set":"pause","value":""})", R"({"clear":"pause"})", R"({"clear":"pause"})",
          R"({"set":"chunk-time","value":"0.25"})", R"({"set":"hold-cutover","value":""})",
          R"({"clear":"hold-cutover"})", R"({"set":"stop","value":""})"}) {
      FakeTextSink error;
      expect(backend_.control(run.handle, command, error) == Status::kOk,
             what + " refused " + command + ": " + error.text());
    }
    FakeTextSink error;
    expect(backend_.control(run.handle, R"({"set":"../escape","value":""})", error) != Status::kOk,
           what + " accepted an unknown control");
  }

  void survivesForeignHandles() {
    for (const char* handle : {"", "{}", "[]", "not json", R"({"run_dir":"/"})"}) {
      FakeTextSink text;
      FakeTextSink error;
      FakeOutputSink output;
      FakeStopToken stop;
      const std::string what = std::string{"the foreign handle '"} + handle + "'";
      expect(backend_.status(handle, text, error) != Status::kOk, what + " has a status");
      expect(backend_.stop(handle, true, error) != Status::kOk, what + " could be stopped");
      expect(backend_.cleanup(handle, error) != Status::kOk, what + " could be cleaned up");
      expect(backend_.attach(handle, 0, output, stop, error) != Status::kOk,
             what + " could be attached");
    }
  }

  ExecutionBackend& backend_;
  BackendConformanceOptions options_;
  std::vector<std::string> failures_;
  int run_count_ = 0;
};

inline std::vector<std::string> checkExecutionBackend(ExecutionBackend& backend,
                                                      BackendConformanceOptions options = {}) {
  return ExecutionBackendConformance{backend, std::move(options)}.run();
}

}  // namespace oscar::sdk::testing
