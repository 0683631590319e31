#pragma once

#include "oscar/sdk/status.hpp"

#include <cstdint>
#include <string_view>

namespace oscar::sdk {

/// Takes a run's output while `ExecutionBackend::attach` streams it. Host-owned.
class OutputSink {
 public:
  /// `bytes` is the output from byte `offset` on, in order, without gaps or overlaps; any split of
  /// lines is allowed. May block while the host cannot store it: the backend simply waits (the
  /// bytes are safe where the run writes them). Returns false when the host wants `attach` to
  /// return.
  virtual bool write(std::uint64_t offset, std::string_view bytes) = 0;

 protected:
  ~OutputSink() = default;
};

/// Runs pt-online-schema-change somewhere, so that the run outlives oscard.
///
/// All methods may be called from several threads at once, for different runs and for the same one.
/// JSON documents are described by sdk/README.md ("Execution backend documents"). `error` receives
/// an English sentence when the status is not kOk. Nothing may throw (the host survives it, but
/// marks the instance faulty). The host waits 5 s for `status`, `control` and `stop`, 30 s for
/// `start`, `recover` and `cleanup`; for one that takes longer it goes on as if it had answered
/// kUnavailable, and shows the backend as not answering until the call returns.
class ExecutionBackend {
 public:
  static constexpr const char* kInterfaceId = "oscar.ExecutionBackend/1";

  /// Can this backend run pt-osc now? Writes {"ready", "reason", "remedy", "tool": {"path",
  /// "version", "options": ["alter", ...]}} — also when not ready. Takes at most a few seconds.
  virtual Status probe(TextSink& report, TextSink& error) = 0;

  /// Starts a run, detached. `spec` is {"run_id", "argv": [...], "files": [{"name", "content",
  /// "mode", "expand_run_dir"}]}; `mode` is the integer of the permission bits
  /// (384 = 0600). argv elements may hold `{run_dir}`, which the backend
  /// replaces by the run directory. Writes the handle: an opaque JSON object that suffices to find
  /// the run again from another oscard process. kRefused promises that nothing was started; after
  /// any other failure the host asks `recover` before it believes that there is no run. What a
  /// failed start has made is removed, unless a process may live in it.
  virtual Status start(std::string_view spec, TextSink& handle, TextSink& error) = 0;

  /// Finds a run by its run_id when the handle was never stored (oscard died inside `start`).
  /// Writes the handle; kNotFound when no process of that run was ever started (what is left of the
  /// attempt is removed).
  virtual Status recover(std::string_view run_id, TextSink& handle, TextSink& error) = 0;

  /// Blocks, delivering the output from byte `offset` on until the run has ended and all its output
  /// was delivered (kOk: ask `status` for the end), until `stop` or the sink asks it to return
  /// (kOk), or until the run cannot be reached (kUnavailable; the host attaches again later).
  /// kNotFound: what comes at `offset` is lost for good. The run may go on: ask `status`.
  virtual Status attach(std::string_view handle, std::uint64_t offset, OutputSink& output,
                        const StopToken& stop, TextSink& error) = 0;

  /// Writes {"state": "running" | "exited" | "lost", "exit_code": n | null, "signal": n | null,
  /// "ended_at": ms | null}. "lost": the process is gone and left no exit record. `ended_at`: when
  /// it ended, Unix time in milliseconds; may be missing.
  virtual Status status(std::string_view handle, TextSink& report, TextSink& error) = 0;

  /// Sets or clears a control file: {"set": "pause" | "stop" | "hold-cutover" | "chunk-time",
  /// "value": "..."} or {"clear": "pause" | ...}. Takes effect when the observer looks (≤ 1 s).
  virtual Status control(std::string_view handle, std::string_view command, TextSink& error) = 0;

  /// Sends SIGTERM (`force` false) or SIGKILL to the run's process, checked by start time so that a
  /// reused pid is never hit. kNotFound when it has already ended.
  virtual Status stop(std::string_view handle, bool force, TextSink& error) = 0;

  /// Removes what the run left on the backend's side (run directory, container). Only after its
  /// end; kRefused while it still runs.
  virtual Status cleanup(std::string_view handle, TextSink& error) = 0;

 protected:
  ~ExecutionBackend() = default;
};

}  // namespace oscar::sdk
