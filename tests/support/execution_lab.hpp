#pragma once

#include "services/execution_service.hpp"
#include "support/fake_backend.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_connection_store.hpp"
#include "support/fake_event_publisher.hpp"
#include "support/fake_execution_store.hpp"
#include "support/fake_target_database.hpp"
#include "support/fake_target_directory.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace oscar::test {

/// An ExecutionService among fakes, with a connection `c1` to a MariaDB that has `shop.orders`.
struct ExecutionLab {
  FakeExecutionStore executions;
  FakeConnectionStore connections;
  FakeTargetDirectory directory;
  FakeTargetDatabase targets;
  FakeBackend backend;
  FakeBackendCatalog backends;
  FakeEventPublisher events;
  FakeClock clock;
  ExecutionSettings settings;
  Principal principal{"u1", "alice", Role::kOperator, "s1"};

  ExecutionLab() {
    Connection connection;
    connection.id = "c1";
    connection.name = "shop prod";
    connection.environment = Environment::kProd;
    connection.host = "db1";
    connection.username = "app";
    connection.database_name = "shop";
    connections.insert({connection, "sealed"});
    TargetAddress address;
    address.host = "db1";
    address.username = "app";
    address.password = Secret{"s3cret"};
    address.database = "shop";
    directory.addresses["c1"] = address;
    backends.backends["local"] = &backend;

    targets.server.version = "10.11.19-MariaDB";
    targets.server.flavour = "MariaDB";
    targets.server.version_number = 101119;
    targets.server.server_key = "server-1";
    FakeTable& table = targets.databases["shop"]["orders"];
    table.facts.name = "orders";
    table.facts.engine = "InnoDB";
    table.facts.rows = 1000;
    table.facts.data_bytes = 1 << 20;
    table.facts.index_bytes = 1 << 18;
    table.facts.collation = "utf8mb4_general_ci";
    const auto text = [](const char* name, const char* type, bool nullable) {
      return ports::ColumnFacts{name, type, nullable, "utf8mb4", "utf8mb4_general_ci"};
    };
    table.columns = {{"id", "bigint(20) unsigned", false, "", ""},
                     text("sn", "varchar(32)", false),
                     text("email", "varchar(100)", true),
                     {"qty", "int(11)", true, "", ""},
                     text("note", "text", true)};
    table.indexes = {
        {"PRIMARY", true, {"id"}}, {"uk_sn", true, {"sn"}}, {"ix_qty", false, {"qty"}}};
    table.create_table =
        "CREATE TABLE `orders` (\n  CONSTRAINT `fk_user` FOREIGN KEY (`qty`) REFERENCES `u` "
        "(`id`),\n"
        "  CONSTRAINT `c` CHECK (`qty` > 0)\n)";
  }

  FakeTable& orders() { return targets.databases["shop"]["orders"]; }

  services::ExecutionService service() {
    return {executions, connections, directory, targets, backends, events, clock, settings};
  }

  static services::ExecutionRequest request(std::string ddl) {
    services::ExecutionRequest r;
    r.connection_id = "c1";
    r.table_name = "orders";
    r.original_ddl = std::move(ddl);
    r.fragment = r.original_ddl.empty();
    return r;
  }
};

/// The finding with that code; nullptr when there is none.
inline const services::Finding* findingOf(const services::Preview& preview,
                                          const std::string& code) {
  const auto found =
      std::find_if(preview.findings.begin(), preview.findings.end(),
                   [&](const services::Finding& finding) { return finding.code == code; });
  return found == preview.findings.end() ? nullptr : &*found;
}

}  // namespace oscar::test
