#include "local_backend.hpp"

#include "output_follower.hpp"
#include "posix_file.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <thread>
#include <unistd.h>

namespace oscar::backend_local {
namespace {

using sdk::Status;

constexpr std::chrono::seconds kStartPatience{5};
// A start that oscard died in may not have got as far as the runner's lock.
constexpr std::chrono::milliseconds kRecoverPatience{500};
constexpr std::chrono::milliseconds kRecoverPoll{20};

/// The runner lies beside the library that this code is in.
std::string runnerBesideLibrary() {
  Dl_info library{};
  if (::dladdr(reinterpret_cast<void*>(&runnerBesideLibrary), &library) == 0) return {};
  const std::string path = library.dli_fname;
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash) + "/oscar-runner";
}

/// A comma ends a part of pt-osc's DSN, the others mean something in an option file of MySQL.
constexpr const char* kNotInPaths = ",#'\"\\";

Configuration completed(Configuration configuration) {
  if (configuration.runner.empty()) configuration.runner = runnerBesideLibrary();
  while (configuration.run_root.size() > 1 && configuration.run_root.back() == '/') {
    configuration.run_root.pop_back();
  }
  return configuration;
}

Status refuse(sdk::TextSink& error, std::string_view why) {
  error.write(why);
  return Status::kRefused;
}

Status notFound(sdk::TextSink& error, std::string_view why) {
  error.write(why);
  return Status::kNotFound;
}

}  // namespace

LocalBackend::LocalBackend(sdk::HostApi&, std::string_view config_json)
    : configuration_{completed(parseConfiguration(config_json))},
      tool_{configuration_.tool, runEnvironment("/nonexistent")} {}

Environment LocalBackend::runEnvironment(const std::string& home) const {
  constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  // A HOME of its own: the tool reads ~/.percona-toolkit.conf and MySQL's library ~/.my.cnf.
  Environment environment{{"HOME", home}, {"LANG", "C.UTF-8"}, {"LC_ALL", "C.UTF-8"}};
  const char* path = std::getenv("PATH");
  environment["PATH"] = path == nullptr || *path == '\0' ? kPath : path;
  // The tool's log lines carry local time.
  if (const char* zone = std::getenv("TZ")) environment["TZ"] = zone;
  for (const auto& [name, value] : configuration_.tool_env) environment[name] = value;
  return environment;
}

Status LocalBackend::guarded(sdk::TextSink& error, const std::function<Status()>& work) {
  try {
    return work();
  } catch (const BadDocument& failure) {
    return refuse(error, failure.what());
  } catch (const RunDirectoryError& failure) {
    return refuse(error, failure.what());
  } catch (const std::exception& failure) {
    error.write(failure.what());
    return Status::kInternal;
  }
}

Status LocalBackend::withRun(std::string_view handle, sdk::TextSink& error, const Work& work) {
  return guarded(error, [&] {
    const std::string run_id = parseHandle(handle);
    if (!isRunId(run_id)) return refuse(error, "the handle's run_id is not a UUID");
    const RunDirectory run{configuration_.run_root, run_id};
    if (!run.exists()) return notFound(error, "the run directory does not exist");
    return work(run);
  });
}

Status LocalBackend::probe(sdk::TextSink& report, sdk::TextSink& error) {
  return guarded(error, [&] {
    ToolReport tool = tool_.report();
    if (tool.ready && ::access(configuration_.runner.c_str(), X_OK) != 0) {
      const std::string& runner = configuration_.runner;
      tool.ready = false;
      tool.reason = {"插件的辅助程序 " + runner + " 不存在或不可执行。",
                     "The plugin's helper program " + runner + " is missing or not executable."};
      tool.remedy = {"请重新安装 backend_local 插件目录。",
                     "Install the folder of the plugin backend_local again."};
    }
    if (const auto at = configuration_.run_root.find_first_of(kNotInPaths);
        tool.ready && at != std::string::npos) {
      const std::string character{configuration_.run_root[at]};
      tool.ready = false;
      tool.reason = {"运行目录 " + configuration_.run_root + " 的路径中含有 " + character +
                         "，pt-osc 和 MySQL 的配置文件无法使用这样的路径。",
                     "The path of the run directories, " + configuration_.run_root + ", has a " +
                         character + ", which pt-osc and MySQL's option files cannot take."};
      tool.remedy = {"请换用不含 , # ' \" \\ 的数据目录。",
                     "Use a data folder without , # ' \" and \\ in its path."};
    }
    report.write(probeJson(tool));
    return Status::kOk;
  });
}

Status LocalBackend::start(std::string_view spec, sdk::TextSink& handle, sdk::TextSink& error) {
  return guarded(error, [&] {
    const RunSpec run_spec = parseRunSpec(spec);
    if (!isRunId(run_spec.run_id)) return refuse(error, "spec.run_id is not a UUID");
    const RunDirectory run{configuration_.run_root, run_spec.run_id};
    run.create(run_spec);
    const std::string failure =
        launchRunner(configuration_.runner, run.path(), runEnvironment(run.path()), kStartPatience);
    const auto tool = run.tool();
    if (tool && failure.empty()) {
      handle.write(handleJson(run.path(), run_spec.run_id, *tool));
      return Status::kOk;
    }
    // Where a tool has been started the directory must stay: `recover` finds the run by it.
    if (!tool && !failure.empty()) run.remove();
    error.write(failure.empty() ? "the run was started, but its pid cannot be read" : failure);
    return Status::kUnavailable;
  });
}

Status LocalBackend::recover(std::string_view run_id, sdk::TextSink& handle, sdk::TextSink& error) {
  return guarded(error, [&] {
    if (!isRunId(run_id)) return notFound(error, "no run has an id that is not a UUID");
    const RunDirectory run{configuration_.run_root, run_id};
    if (!run.exists()) return notFound(error, "the run directory does not exist");
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      if (const auto tool = run.tool()) {
        handle.write(handleJson(run.path(), std::string{run_id}, *tool));
        return Status::kOk;
      }
      const auto waited = std::chrono::steady_clock::now() - begin;
      UniqueFd lock;
      if (waited > kRecoverPatience && run.keepRunnersOut(lock)) {
        if (run.tool()) continue;  // it came and went between the two looks
        run.remove();
        return notFound(error, "no process of this run was started; what was prepared is removed");
      }
      if (waited > kStartPatience) {
        error.write("a runner holds the run directory but has not told its pid");
        return Status::kUnavailable;
      }
      std::this_thread::sleep_for(kRecoverPoll);
    }
  });
}

Status LocalBackend::attach(std::string_view handle, std::uint64_t offset, sdk::OutputSink& output,
                            const sdk::StopToken& stop, sdk::TextSink& error) {
  return withRun(handle, error, [&](const RunDirectory& run) {
    if (followOutput(run, offset, output, stop) != FollowEnd::kGone) return Status::kOk;
    return notFound(error, "the run's output is gone, or shorter than what was read of it before");
  });
}

Status LocalBackend::status(std::string_view handle, sdk::TextSink& report, sdk::TextSink& error) {
  return withRun(handle, error, [&](const RunDirectory& run) {
    report.write(statusJson(run.status()));
    return Status::kOk;
  });
}

Status LocalBackend::control(std::string_view handle, std::string_view command,
                             sdk::TextSink& error) {
  return withRun(handle, error, [&](const RunDirectory& run) {
    const ControlCommand wanted = parseControl(command);
    if (wanted.set) {
      run.setControl(wanted.name, wanted.value);
    } else {
      run.clearControl(wanted.name);
    }
    return Status::kOk;
  });
}

Status LocalBackend::stop(std::string_view handle, bool force, sdk::TextSink& error) {
  return withRun(handle, error, [&](const RunDirectory& run) {
    const auto tool = run.tool();
    if (!tool) return notFound(error, "the run has no process");
    const int failure = tool->signal(force ? SIGKILL : SIGTERM);
    if (failure == 0) return Status::kOk;
    if (failure == ESRCH) return notFound(error, "the run has already ended");
    error.write("cannot signal the run: " + errorText(failure));
    return Status::kUnavailable;
  });
}

Status LocalBackend::cleanup(std::string_view handle, sdk::TextSink& error) {
  return withRun(handle, error, [&](const RunDirectory& run) {
    if (run.status().state == RunStatus::State::kRunning) {
      return refuse(error, "the run has not ended");
    }
    run.remove();
    return Status::kOk;
  });
}

}  // namespace oscar::backend_local
