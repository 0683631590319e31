#pragma once

#include "documents.hpp"
#include <oscar/sdk/execution_backend.hpp>
#include <oscar/sdk/host_api.hpp>

#include <functional>

namespace oscar::backend_local {

/// Runs pt-online-schema-change on this machine, so that a run outlives oscard: each run has a
/// directory of its own under run_root and a small parent process (oscar-runner) that records its
/// end. All truth is in those directories; this object only holds its configuration.
///
/// Any thread, any number of calls at once. Nothing is thrown by the interface's methods.
class LocalBackend final : public sdk::ExecutionBackend {
 public:
  /// Throws std::exception when the configuration is not usable.
  LocalBackend(sdk::HostApi& host, std::string_view config_json);

  sdk::Status probe(sdk::TextSink& report, sdk::TextSink& error) override;
  sdk::Status start(std::string_view spec, sdk::TextSink& handle, sdk::TextSink& error) override;
  sdk::Status recover(std::string_view run_id, sdk::TextSink& handle,
                      sdk::TextSink& error) override;
  sdk::Status attach(std::string_view handle, std::uint64_t offset, sdk::OutputSink& output,
                     const sdk::StopToken& stop, sdk::TextSink& error) override;
  sdk::Status status(std::string_view handle, sdk::TextSink& report, sdk::TextSink& error) override;
  sdk::Status control(std::string_view handle, std::string_view command,
                      sdk::TextSink& error) override;
  sdk::Status stop(std::string_view handle, bool force, sdk::TextSink& error) override;
  sdk::Status cleanup(std::string_view handle, sdk::TextSink& error) override;

 private:
  using Work = std::function<sdk::Status(const RunDirectory&)>;

  /// Runs `work`; what it throws becomes a status and a sentence.
  static sdk::Status guarded(sdk::TextSink& error, const std::function<sdk::Status()>& work);
  /// The same for work on the run that a handle names; kNotFound when there is none.
  sdk::Status withRun(std::string_view handle, sdk::TextSink& error, const Work& work);
  Environment runEnvironment(const std::string& home) const;

  const Configuration configuration_;
  ToolProbe tool_;
};

}  // namespace oscar::backend_local
