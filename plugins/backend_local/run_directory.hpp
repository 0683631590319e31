#pragma once

#include "child_process.hpp"
#include "process_identity.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace oscar::backend_local {

class UniqueFd;

/// A file to place in the run directory before the start.
struct RunFile {
  std::string name;
  std::string content;
  bool expand_run_dir = false;  ///< replace the first `{run_dir}` of the content
  mode_t mode = 0600;           ///< bits for group and others are dropped
};

/// A run as the host wants it: what to execute, and the files it finds in its directory.
struct RunSpec {
  std::string run_id;
  std::vector<std::string> argv;
  std::vector<RunFile> files;
};

/// Where a run stands.
struct RunStatus {
  enum class State { kRunning = 1, kExited, kLost };
  State state = State::kRunning;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<std::int64_t> ended_at_ms;  ///< Unix time, by this machine's clock
};

/// A run directory could not be made or changed; the text is for people and holds no content.
class RunDirectoryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `id` is a UUID in lower case. Anything else is refused, so an id is never more than a name.
bool isRunId(std::string_view id);

/// The directory of one run, as README.md describes it. Holds no state: any number of objects, in
/// any number of processes, may stand for the same directory.
class RunDirectory {
 public:
  /// `run_id` must have passed isRunId.
  RunDirectory(const std::string& run_root, std::string_view run_id);

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + '/' + std::string{name}; }
  bool exists() const;

  /// Makes the directory with everything the runner needs. Throws RunDirectoryError, having removed
  /// what it made; a directory that existed before is left alone.
  void create(const RunSpec& spec) const;

  /// The tool's process, as the runner wrote it down; nullopt before that, or when it is damaged.
  std::optional<ProcessIdentity> tool() const;

  /// Whether a runner lives that works on this directory.
  bool runnerLives() const;

  /// Takes the runner's lock, so that a runner that comes late gives up. False when one holds it.
  bool keepRunnersOut(UniqueFd& lock) const;

  RunStatus status() const;

  /// Sets or clears a control file. Throws RunDirectoryError for a name or value that there is not.
  void setControl(std::string_view name, std::string_view value) const;
  void clearControl(std::string_view name) const;

  /// Removes the directory; never follows a symbolic link out of it. Throws RunDirectoryError.
  void remove() const;

 private:
  std::string expand(std::string_view text, bool all) const;
  std::optional<RunStatus> recordedEnd() const;
  void fill(const RunSpec& spec) const;

  std::string path_;
  std::string removed_path_;  ///< where a directory stands while it is being removed
};

}  // namespace oscar::backend_local
