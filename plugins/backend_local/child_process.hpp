#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace oscar::backend_local {

/// Environment of a child: name → value. Nothing else is passed on.
using Environment = std::map<std::string, std::string>;

/// How a program that was run to its end has ended.
struct CommandResult {
  bool started = false;    ///< false: `output` says why
  bool timed_out = false;  ///< it was killed when the time was up
  int exit_code = -1;      ///< -1 when a signal ended it
  std::string output;      ///< stdout and stderr, at most 1 MiB
};

/// Runs a program (no shell; no stdin; none of our descriptors) and waits for its end, at most
/// `limit`. Any thread.
CommandResult runCommand(const std::vector<std::string>& argv, const Environment& environment,
                         std::chrono::milliseconds limit);

/// Starts oscar-runner for a run directory and waits, at most `limit`, until it has told that the
/// run started. Returns an empty string then, else the reason in English. The runner goes on as a
/// process of its own session that is nobody's child here.
std::string launchRunner(const std::string& runner, const std::string& run_dir,
                         const Environment& environment, std::chrono::milliseconds limit);

}  // namespace oscar::backend_local
