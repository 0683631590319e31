#include "engine/run_files.hpp"

#include "domain/error.hpp"

namespace oscar::engine {
namespace {

constexpr int kRunsPerSweep = 1000;

void warn(const EngineContext& context, const Run& run, const std::string& why) {
  context.log.write(ports::LogLevel::kWarn, "engine",
                    "the files of run " + run.id + " could not be removed: " + why);
}

}  // namespace

void removeRunFiles(const EngineContext& context, ports::ExecutionBackend& backend,
                    const Run& run) {
  try {
    backend.cleanup(run.handle);
  } catch (const ports::BackendError& e) {
    if (e.kind() != ports::BackendError::Kind::kNotFound) {
      warn(context, run, e.what());
      return;
    }
  }
  try {
    context.executions.forgetRunHandle(run.id);
  } catch (const StoreUnavailable& e) {
    warn(context, run, e.what());
  }
}

void sweepRunFiles(const EngineContext& context, const std::function<bool()>& goes_on) {
  for (const Run& run : context.executions.runsWithFiles(kRunsPerSweep)) {
    if (!goes_on()) return;
    if (auto* backend = context.backends.find(run.backend)) removeRunFiles(context, *backend, run);
  }
}

}  // namespace oscar::engine
