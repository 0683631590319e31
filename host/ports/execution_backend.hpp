#pragma once

#include "domain/text.hpp"
#include "domain/time.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oscar::ports {

/// Why a backend could not do something.
class BackendError : public std::exception {
 public:
  /// As oscar::sdk::Status: no such run; not now; not until somebody changes something; the run is
  /// past that point; a defect.
  enum class Kind { kNotFound = 1, kUnavailable, kRefused, kTooLate, kInternal };
  BackendError(Kind kind, Text message) : kind_{kind}, message_{std::move(message)} {}
  /// With a plugin's own words, which are the same in every language.
  BackendError(Kind kind, std::string words) : BackendError{kind, sameText(std::move(words))} {}
  Kind kind() const { return kind_; }
  const Text& message() const { return message_; }  ///< for people, as part of a sentence
  /// `message` in English, for logs.
  const char* what() const noexcept override { return message_.en.c_str(); }

 private:
  Kind kind_;
  Text message_;
};

/// The pt-osc that a backend would run.
struct ToolFacts {
  std::string path;
  std::string version;               ///< `3.2.1`; empty when it could not be told
  int version_number = 0;            ///< 30201
  std::vector<std::string> options;  ///< long option names it knows, without dashes
};

/// What a backend says about itself.
struct BackendReport {
  bool ready = false;
  Text reason;  ///< why not, and what to do
  ToolFacts tool;
};

/// A file to place in the run directory before the start.
struct RunFile {
  std::string name;  ///< plain file name
  std::string content;
  /// The first `{run_dir}` in `content` is replaced by the run directory (only the first: what
  /// follows may be a password that happens to contain it).
  bool expand_run_dir = false;
  int mode = 0600;
};

/// What a backend is to start.
struct RunSpec {
  std::string run_id;             ///< UUID; also names the run directory
  std::vector<std::string> argv;  ///< `{run_dir}` in an element is replaced by the backend
  std::vector<RunFile> files;     ///< my.cnf, observer.pm
};

/// kLost: the process is gone and nobody saw how it ended.
enum class RunState { kRunning = 1, kExited, kLost };

/// Whether and how a run ended.
struct RunEnd {
  RunState state = RunState::kRunning;
  std::optional<int> exit_code;  ///< of a process that ended by itself
  std::optional<int> signal;     ///< of one that was killed
  /// When the process ended, by the backend's clock; nullopt when it cannot tell.
  std::optional<Timestamp> ended_at{};
};

/// What the observer in a live run can be told.
enum class Control { kPause = 1, kStop, kHoldCutover, kChunkTime };

/// The host's side of the plugin interface oscar.ExecutionBackend/1: the same calls with C++ types.
/// Any thread. Throws BackendError.
class ExecutionBackend {
 public:
  /// Takes bytes from `offset` on; returns false to end `attach`.
  using Output = std::function<bool(std::uint64_t offset, std::string_view bytes)>;

  /// Whether it could start a run now; never throws for a backend that merely could not.
  virtual BackendReport probe() = 0;
  /// Starts a run that outlives this process. The result is its handle, JSON of the backend's own.
  virtual std::string start(const RunSpec& spec) = 0;
  /// The handle of a run whose start was not seen to succeed; nullopt when it never began.
  virtual std::optional<std::string> recover(const std::string& run_id) = 0;
  /// Blocks until the run ended and everything was delivered, or `stop` became true.
  virtual void attach(const std::string& handle, std::uint64_t offset, const Output& output,
                      const std::atomic<bool>& stop) = 0;
  virtual RunEnd status(const std::string& handle) = 0;  ///< does not wait
  /// Turns a control on; `value` is seconds for kChunkTime, else empty.
  virtual void set(const std::string& handle, Control control, const std::string& value) = 0;
  /// Turns it off; does nothing when it was off.
  virtual void clear(const std::string& handle, Control control) = 0;
  /// SIGTERM, or SIGKILL with `force`; does nothing to a run that has ended.
  virtual void stop(const std::string& handle, bool force) = 0;
  /// Removes the run directory of a run that has ended, output and all.
  virtual void cleanup(const std::string& handle) = 0;

 protected:
  ~ExecutionBackend() = default;
};

/// A plugin as `GET /plugins` lists it, loaded or not.
struct PluginInfo {
  std::string id;  ///< from the manifest, or the folder's name when there is none
  std::string version;
  std::string path;
  std::string state;  ///< active, disabled, or why not: see plugin_runtime/README.md
  Text reason;        ///< empty when active
  /// One thing that it can do.
  struct Capability {
    std::string interface_id;   ///< `oscar.ExecutionBackend/1`
    std::string type;           ///< `local`
    std::string config_schema;  ///< JSON Schema
    bool ready = false;
    Text reason;
    std::string detail;  ///< JSON object: probe's report for a backend
  };
  std::vector<Capability> capabilities;
};

/// The backends in service, by type. Any thread.
class BackendCatalog {
 public:
  /// The backend of that type; nullptr when there is none (see `whyNot`). The reference stays valid
  /// as long as the catalog.
  virtual ExecutionBackend* find(const std::string& type) = 0;
  /// Why `find` gave nullptr, with the remedy.
  virtual Text whyNot(const std::string& type) = 0;
  virtual std::vector<std::string> types() = 0;  ///< of all that `find` would give

 protected:
  ~BackendCatalog() = default;
};

/// Every plugin that the settings name. Any thread.
class PluginCatalog {
 public:
  /// May probe backends, but waits for a slow one no longer than a person would.
  virtual std::vector<PluginInfo> plugins() = 0;

 protected:
  ~PluginCatalog() = default;
};

}  // namespace oscar::ports
