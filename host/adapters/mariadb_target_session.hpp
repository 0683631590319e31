#pragma once

#include "adapters/mariadb_link.hpp"
#include "adapters/mariadb_link_pool.hpp"
#include "ports/target_database.hpp"

#include <initializer_list>
#include <memory>

namespace oscar::adapters {

/// What MariadbTargetDatabase gives out.
class MariadbTargetSession final : public ports::TargetSession {
 public:
  /// On a link of its own, closed with it.
  explicit MariadbTargetSession(const TargetAddress& address);
  /// On an idle link of `pool` if it has one, given back when the session dies without an error.
  MariadbTargetSession(const TargetAddress& address, std::shared_ptr<MariadbLinkPool> pool);
  ~MariadbTargetSession() override;
  MariadbTargetSession(const MariadbTargetSession&) = delete;
  MariadbTargetSession& operator=(const MariadbTargetSession&) = delete;

  ports::ServerFacts server() override;
  std::vector<std::string> databases() override;
  std::vector<ports::TableFacts> tables(const std::string& database) override;
  std::optional<ports::TableFacts> table(const std::string& database,
                                         const std::string& table) override;
  std::optional<ports::TableDescription> describe(const std::string& database,
                                                  const std::string& table) override;
  std::int64_t estimateRows(const std::string& database, const std::string& table) override;
  void analyzeTable(const std::string& database, const std::string& table) override;
  std::optional<ports::Duplicates> findDuplicates(const std::string& database,
                                                  const std::string& table,
                                                  const std::vector<std::string>& columns,
                                                  int timeout_seconds) override;
  std::optional<ports::FoundRows> findRows(const std::string& database, const std::string& table,
                                           const ports::RowQuestion& question,
                                           int timeout_seconds) override;
  std::string showCreateTable(const std::string& database, const std::string& table) override;
  std::vector<std::string> triggers(const std::string& database, const std::string& table) override;
  std::vector<std::string> tablesLike(const std::string& database,
                                      const std::string& pattern) override;
  std::vector<std::string> referencedBy(const std::string& database,
                                        const std::string& table) override;
  std::map<std::string, std::string> status(const std::vector<std::string>& names) override;
  std::map<std::string, std::string> variables(const std::vector<std::string>& names) override;
  std::vector<std::int64_t> killSessions(const ports::RunSessions& run) override;
  void dropTrigger(const std::string& database, const std::string& trigger) override;
  void dropTable(const std::string& database, const std::string& table) override;

 private:
  std::map<std::string, std::string> serverVariables();
  std::string serverKey(std::map<std::string, std::string>& facts);
  bool replicates(bool sees_processes);
  bool seesProcesses();
  std::optional<std::vector<std::string>> innodbReferences(const std::string& database,
                                                           const std::string& table);
  /// True when the server answers one of the statements without an error.
  bool works(std::initializer_list<const char*> alternatives);
  std::map<std::string, std::string> show(const std::string& what,
                                          const std::vector<std::string>& names);
  std::vector<std::string> firstColumn(const std::string& sql,
                                       const std::vector<std::string>& values);
  /// Runs it on a connection of its own; nullopt when it took longer than the bound.
  std::optional<MariadbLink::Rows> boundedQuery(const std::string& sql,
                                                const std::vector<std::string>& values,
                                                int timeout_seconds);
  bool upFor(int seconds);
  /// Runs it on a connection of its own, without a bound but for the wait for locks.
  void runSlowly(const std::string& sql);
  void killAbandoned(std::uint64_t thread_id);

  TargetAddress address_;
  std::shared_ptr<MariadbLinkPool> pool_;  ///< none: the link is not shared
  std::unique_ptr<MariadbLink> link_;
};

}  // namespace oscar::adapters
