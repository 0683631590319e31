#pragma once

#include "domain/text.hpp"
#include "domain/time.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ports {

/// Why a backend could not do something.
class BackendError : public std::exception {
 public:
  enum class Kind { kNotFound = 1, kUnavailable, kRefused, kTooLate, kInternal };
  BackendError(Kind kind, std::string message) : kind_{kind}, message_{std::move(message)} {}
  Kind kind() const { return kind_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Kind kind_;
  std::string message_;
};

/// The pt-osc that a backend would run.
struct ToolFacts {
  std::string path;
  std::string version;               ///< `3.2.1`; empty when it could not be told
  int version_number = 0;            ///< 30201
  std::vector<std::string> options;  ///< long option names it knows, without dashes
};

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

struct RunSpec {
  std::string run_id;
  std::vector<std::string> argv;  ///< `{run_dir}` in an element is replaced by the backend
  std::vector<RunFile> files;     ///< my.cnf, observer.pm
};

enum class RunState { kRunning = 1, kExited, kLost };

struct RunEnd {
  RunState state = RunState::kRunning;
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// When the process ended, by the backend's clock; nullopt when it cannot tell.
  std::optional<Timestamp> ended_at{};
};

enum class Control { kPause = 1, kStop, kHoldCutover, kChunkTime };

/// The host's side of the plugin interface oscar.ExecutionBackend/1: the same calls with C++ types.
/// Any thread. Throws BackendError.
class ExecutionBackend {
 public:
  /// Takes bytes from `offset` on; returns false to end `attach`.
  using Output = std::function<bool(std::uint64_t offset, std::string_view bytes)>;

  virtual BackendReport probe() = 0;
  virtual std::string start(const RunSpec& spec) = 0;  ///< the handle
  virtual std::optional<std::string> recover(const std::string& run_id) = 0;
  /// Blocks until the run ended and everything was delivered, or `stop` became true.
  virtual void attach(const std::string& handle, std::uint64_t offset, const Output& output,
                      const std::atomic<bool>& stop) = 0;
  virtual RunEnd status(const std::string& handle) = 0;
  virtual void set(const std::string& handle, Control control, const std::string& value) = 0;
  virtual void clear(const std::string& handle, Control control) = 0;
  virtual void stop(const std::string& handle, bool force) = 0;
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
  struct Capability {
    std::string interface_id;
    std::string type;
    std::string config_schema;
    bool ready = false;
    Text reason;
    std::string detail;  ///< JSON object: probe's report for a backend
  };
  std::vector<Capability> capabilities;
};

class BackendCatalog {
 public:
  /// The backend of that type; nullptr when there is none (see `whyNot`). The reference stays valid
  /// as long as the catalog.
  virtual ExecutionBackend* find(const std::string& type) = 0;
  /// Why `find` gave nullptr, with the remedy.
  virtual Text whyNot(const std::string& type) = 0;
  virtual std::vector<std::string> types() = 0;

 protected:
  ~BackendCatalog() = default;
};

class PluginCatalog {
 public:
  virtual std::vector<PluginInfo> plugins() = 0;

 protected:
  ~PluginCatalog() = default;
};

}  // namespace oscar::ports
