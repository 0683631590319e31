#pragma once

#include "domain/settings.hpp"
#include "ports/clock.hpp"
#include "ports/event_publisher.hpp"
#include "ports/execution_backend.hpp"
#include "ports/execution_store.hpp"
#include "ports/launch_check.hpp"
#include "ports/log.hpp"
#include "ports/target_database.hpp"
#include "ports/target_directory.hpp"

#include <string>

namespace oscar::engine {

/// What every part of the engine works with. Borrowed; outlives the engine.
struct EngineContext {
  ports::ExecutionStore& executions;
  ports::TargetDirectory& directory;
  ports::TargetDatabase& targets;
  ports::LaunchCheck& launch_check;
  ports::BackendCatalog& backends;
  ports::EventPublisher& events;
  const ports::Clock& clock;
  ports::Log& log;
  ExecutionSettings settings;
  std::string node;            ///< owner_node: stable over restarts of this installation
  std::string observer_text;   ///< host/observer/oscar_observer.pm
  std::string row_check_text;  ///< host/observer/oscar_row_check.pm
};

}  // namespace oscar::engine
