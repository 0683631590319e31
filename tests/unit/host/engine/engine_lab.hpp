#pragma once

#include "engine/engine_context.hpp"
#include "engine/run_actor.hpp"
#include "support/fake_backend.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_event_publisher.hpp"
#include "support/fake_execution_store.hpp"
#include "support/fake_launch_check.hpp"
#include "support/fake_log.hpp"
#include "support/fake_target_database.hpp"
#include "support/fake_target_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace oscar::test {

/// Looks every few milliseconds until `condition` holds; false when it does not within 5 s.
template <typename F>
bool eventually(const F& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

/// What an observed run prints, part by part; `k...Log` is what people see of it.
inline const std::string kCreatedOutput =
    "#oscar {\"e\":\"hello\",\"t\":1000,\"v\":1,\"tool\":\"3.2.1\",\"pid\":5}\n"
    "#oscar {\"e\":\"stage\",\"t\":1000,\"stage\":\"creating_new_table\"}\n"
    "Creating new table...\n"
    "Created new table shop._orders_new OK.\n"
    "#oscar {\"e\":\"tables\",\"t\":1000,\"new\":\"_orders_new\"}\n"
    "#oscar {\"e\":\"stage\",\"t\":1001,\"stage\":\"creating_triggers\"}\n"
    "2026-01-01T00:00:01 Creating triggers...\n"
    "#oscar {\"e\":\"tables\",\"t\":1001,\"new\":\"_orders_new\","
    "\"triggers\":[\"pt_osc_shop_orders_del\",\"pt_osc_shop_orders_ins\"]}\n";
inline const std::vector<std::string> kCreatedLog{"Creating new table...",
                                                  "Created new table shop._orders_new OK.",
                                                  "2026-01-01T00:00:01 Creating triggers..."};
inline const std::string kCopyingOutput =
    "#oscar {\"e\":\"stage\",\"t\":1002,\"stage\":\"copying_data\"}\n"
    "#oscar {\"e\":\"estimate\",\"t\":1002,\"rows\":1000}\n"
    "2026-01-01T00:00:02 Copying approximately 1000 rows...\n"
    "#oscar {\"e\":\"chunk\",\"t\":1004,\"rows\":400,\"size\":200,\"time\":0.5}\n";
inline const std::vector<std::string> kCopyingLog{
    "2026-01-01T00:00:02 Copying approximately 1000 rows..."};
inline const std::string kSwappingOutput =
    "#oscar {\"e\":\"chunk\",\"t\":1007,\"rows\":1000,\"size\":200,\"time\":0.5}\n"
    "2026-01-01T00:00:07 Copied rows OK.\n"
    "#oscar {\"e\":\"copied\",\"t\":1007}\n"
    "#oscar {\"e\":\"stage\",\"t\":1007,\"stage\":\"swapping_tables\"}\n"
    "#oscar {\"e\":\"swapping\",\"t\":1007,\"new\":\"_orders_new\",\"old_before\":[]}\n"
    "2026-01-01T00:00:07 Swapping tables...\n";
inline const std::vector<std::string> kSwappingLog{"2026-01-01T00:00:07 Copied rows OK.",
                                                   "2026-01-01T00:00:07 Swapping tables..."};
inline const std::string kSwappedOutput =
    "2026-01-01T00:00:08 Swapped original and new tables OK.\n"
    "#oscar {\"e\":\"swapped\",\"t\":1008,\"old\":\"_orders_old\"}\n"
    "#oscar {\"e\":\"tables\",\"t\":1008,\"new\":\"_orders_new\",\"old\":\"_orders_old\"}\n"
    "#oscar {\"e\":\"stage\",\"t\":1008,\"stage\":\"dropping_old_table\"}\n"
    "Successfully altered `shop`.`orders`.\n"
    "#oscar {\"e\":\"end\",\"t\":1009,\"ok\":true,\"exit_status\":0}\n";
inline const std::vector<std::string> kSwappedLog{
    "2026-01-01T00:00:08 Swapped original and new tables OK.",
    "Successfully altered `shop`.`orders`."};

inline std::vector<std::string> joined(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

/// The engine's surroundings among fakes: node `n1`, a connection `c1` to a server that has
/// `shop.orders`, a backend `local`.
struct EngineLab {
  FakeExecutionStore store;
  FakeTargetDirectory directory;
  FakeTargetDatabase targets;
  FakeLaunchCheck launch_check;
  FakeBackend backend;
  FakeBackendCatalog backends;
  FakeEventPublisher events;
  FakeClock clock;
  FakeLog log;
  engine::EngineContext context{store,    directory, targets,      launch_check,
                                backends, events,    clock,        log,
                                {},       "n1",      "# observer", "# row check"};

  EngineLab() {
    TargetAddress address;
    address.host = "db1";
    address.username = "app";
    address.password = Secret{"s3cret"};
    directory.addresses["c1"] = address;
    backends.backends["local"] = &backend;
    context.settings.load_sample_seconds = 1;
    context.settings.stop_grace_seconds = 10;
    targets.server.server_key = "server-1";
    targets.server.max_connections = 151;
    targets.status = {{"Threads_connected", "7"}, {"Threads_running", "3"}};
    addTable("orders");
  }

  FakeTable& addTable(const std::string& name) {
    const auto guard = targets.lock();
    FakeTable& table = targets.databases["shop"][name];
    table.facts.name = name;
    table.facts.data_bytes = 1000;
    table.facts.index_bytes = 200;
    table.facts.free_bytes = 500;
    table.estimated_rows = 900;
    return table;
  }

  Execution submit(const std::string& id, const std::string& table = "orders") {
    Execution e;
    e.id = id;
    e.connection_id = "c1";
    e.server_key = "server-1";
    e.database_name = "shop";
    e.table_name = table;
    e.argv = {"--execute", "D=shop,t=" + table};
    e.backend = "local";
    e.created_at = clock.now();
    e.number = store.insert(e);
    return e;
  }
  /// Submitted and claimed by this node, as the scheduler hands it to an actor.
  Execution claimed(const std::string& id = "e1") {
    submit(id);
    return *store.claimNext("n1", clock.now(), clock.now() + std::chrono::seconds{30}, {});
  }
  /// As a later oscard would find it.
  Execution adopted(const std::string& id = "e1") { return at(id); }

  /// What an oscard has stored that dies inside the backend's `start`.
  void recordRun(const std::string& run_id, const std::string& execution_id = "e1") {
    Run run;
    run.id = run_id;
    run.execution_id = execution_id;
    run.backend = "local";
    run.decoder_state = engine::OutputState{}.encode();
    store.insertRun(run);
  }

  std::unique_ptr<engine::RunActor> actor(Execution execution) {
    return std::make_unique<engine::RunActor>(context, std::move(execution),
                                              [this] { ++ended_actors; });
  }
  std::atomic<int> ended_actors = 0;

  /// The id of the execution's run once the store has its handle; empty when that never happens.
  std::string startedRun(const std::string& id = "e1") {
    std::string run_id;
    eventually([&] {
      // Looks past the failures that a test has ordered for the engine's own calls.
      for (const auto& run : store.runs()) {
        if (run.execution_id == id && !run.handle.empty()) run_id = run.id;
      }
      return !run_id.empty();
    });
    return run_id;
  }
  bool ends(const std::string& id, ExecutionStatus status) {
    return eventually([&] { return at(id).status == status; });
  }
  Execution at(const std::string& id = "e1") {
    for (const auto& execution : store.all()) {
      if (execution.id == id) return execution;
    }
    throw std::out_of_range{"no execution " + id};
  }
  bool reaches(Stage stage, const std::string& id = "e1") {
    return eventually([&] { return at(id).run.stage == stage; });
  }

  /// The stored log; fails the test when its numbers are not 1, 2, 3 ...
  std::vector<std::string> logOf(const std::string& id = "e1") {
    std::vector<std::string> texts;
    for (const auto& line : store.readLog(id, 1, 100000, "")) {
      texts.push_back(line.text);
      EXPECT_EQ(line.number, std::ssize(texts)) << line.text;
    }
    return texts;
  }
  /// The log as the events told it; likewise.
  std::vector<std::string> publishedLog(const std::string& id = "e1") {
    std::vector<std::string> texts;
    for (const auto& event : events.of<LogAppended>()) {
      if (event.execution_id != id) continue;
      for (const auto& line : event.lines) {
        texts.push_back(line.text);
        EXPECT_EQ(line.number, std::ssize(texts)) << line.text;
      }
    }
    return texts;
  }

  void exit(const std::string& run_id, int code) {
    backend.end(run_id, {ports::RunState::kExited, code, std::nullopt, std::nullopt});
  }
  /// Writes what a run that succeeds prints from the copy on, and ends it.
  void succeed(const std::string& run_id) {
    backend.write(run_id, kCreatedOutput + kCopyingOutput + kSwappingOutput + kSwappedOutput);
    exit(run_id, 0);
  }
  static std::vector<std::string> successLog() {
    return joined({kCreatedLog, kCopyingLog, kSwappingLog, kSwappedLog});
  }
};

}  // namespace oscar::test
