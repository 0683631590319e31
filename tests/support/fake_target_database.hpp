#pragma once

#include "ports/target_database.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oscar::test {

/// One table of the fake server.
struct FakeTable {
  ports::TableFacts facts;
  std::vector<ports::ColumnFacts> columns;
  std::vector<ports::IndexFacts> indexes;
  std::vector<std::string> triggers;
  std::vector<std::string> referenced_by;
  std::string create_table;
  std::int64_t estimated_rows = 0;
};

/// A target server in memory; public members are what it has. `connect_error` and `query_error`
/// make it fail. Sessions may work on several threads; who touches the members meanwhile holds
/// `lock()`.
class FakeTargetDatabase final : public ports::TargetDatabase {
 public:
  ports::ServerFacts server;
  std::map<std::string, std::map<std::string, FakeTable>> databases;
  std::optional<ports::Duplicates> duplicates = ports::Duplicates{};
  /// Answer to findRows about a column (the question's first); none = no such rows.
  std::map<std::string, std::optional<ports::FoundRows>> rows;
  std::map<std::string, std::string> status{{"Threads_running", "1"}, {"Threads_connected", "5"}};
  std::map<std::string, std::string> variables;
  std::optional<ports::TargetError> connect_error;
  std::optional<ports::TargetError> query_error;

  // What was asked of it.
  std::vector<TargetAddress> connections;  ///< borrowed ones included
  int borrowed = 0;
  std::vector<std::vector<std::string>> duplicate_questions;
  std::vector<ports::RowQuestion> row_questions;
  std::vector<std::string> dropped;  ///< `trigger db.name` and `table db.name`
  std::vector<std::string> analyzed;
  std::vector<ports::RunSessions> killed;  ///< one for each call of killSessions

  /// What killSessions answers, and may do; none: no session is there.
  std::function<std::vector<std::int64_t>()> sessions;
  /// Thrown by dropTrigger and dropTable.
  std::optional<ports::TargetError> drop_error;

  std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock{mutex_}; }

  std::unique_ptr<ports::TargetSession> connect(const TargetAddress& address) override {
    const auto guard = lock();
    connections.push_back(address);
    if (connect_error) throw *connect_error;
    return std::make_unique<Session>(*this);
  }

  std::unique_ptr<ports::TargetSession> borrow(const TargetAddress& address) override {
    const auto guard = lock();
    ++borrowed;
    return connect(address);
  }

 private:
  class Session final : public ports::TargetSession {
   public:
    explicit Session(FakeTargetDatabase& owner) : owner_{owner} {}

    ports::ServerFacts server() override {
      const auto guard = owner_.lock();
      return fine().server;
    }
    std::vector<std::string> databases() override {
      const auto guard = owner_.lock();
      std::vector<std::string> names;
      for (const auto& [name, tables] : fine().databases) names.push_back(name);
      return names;
    }
    std::vector<ports::TableFacts> tables(const std::string& database) override {
      const auto guard = owner_.lock();
      std::vector<ports::TableFacts> all;
      for (const auto& [name, table] : fine().databases[database]) all.push_back(table.facts);
      return all;
    }
    std::optional<ports::TableFacts> table(const std::string& database,
                                           const std::string& table) override {
      const auto guard = owner_.lock();
      const FakeTable* found = find(database, table);
      return found == nullptr ? std::nullopt : std::optional{found->facts};
    }
    std::optional<ports::TableDescription> describe(const std::string& d,
                                                    const std::string& t) override {
      const std::optional<FakeTable> found = [&] {
        const auto guard = owner_.lock();
        const FakeTable* table = find(d, t);
        return table == nullptr ? std::nullopt : std::optional{*table};
      }();
      if (!found) return std::nullopt;
      return ports::TableDescription{found->facts, found->columns, found->indexes, found->triggers,
                                     tablesLike(d, "%\\_" + t + "\\_new")};
    }
    std::int64_t estimateRows(const std::string& d, const std::string& t) override {
      const auto guard = owner_.lock();
      return at(d, t).estimated_rows;
    }
    void analyzeTable(const std::string& d, const std::string& t) override {
      const auto guard = owner_.lock();
      fine().analyzed.push_back(d + "." + t);
    }
    std::optional<ports::Duplicates> findDuplicates(const std::string&, const std::string&,
                                                    const std::vector<std::string>& columns,
                                                    int) override {
      const auto guard = owner_.lock();
      fine().duplicate_questions.push_back(columns);
      return owner_.duplicates;
    }
    /// Every character set that is asked for exists unless `rows` says otherwise.
    std::optional<ports::FoundRows> findRows(const std::string& d, const std::string&,
                                             const ports::RowQuestion& question, int) override {
      const auto guard = owner_.lock();
      fine().row_questions.push_back(question);
      const auto found = owner_.rows.find(question.columns.front());
      if (found != owner_.rows.end()) return found->second;
      return ports::FoundRows{d == "information_schema" ? 1 : 0, {}};
    }
    std::string showCreateTable(const std::string& d, const std::string& t) override {
      const auto guard = owner_.lock();
      return at(d, t).create_table;
    }
    std::vector<std::string> triggers(const std::string& d, const std::string& t) override {
      const auto guard = owner_.lock();
      return at(d, t).triggers;
    }
    /// `%` and `_` at the ends and escapes only: enough for our own patterns.
    std::vector<std::string> tablesLike(const std::string& database,
                                        const std::string& pattern) override {
      const auto guard = owner_.lock();
      const bool open_start = pattern.starts_with("%");
      const bool open_end = pattern.size() > 1 && pattern.ends_with("%");
      std::string plain;
      for (const char c : pattern) {
        if (c != '\\' && c != '%') plain += c;
      }
      std::vector<std::string> names;
      for (const auto& [name, table] : fine().databases[database]) {
        const auto place = name.find(plain);
        const bool fits = place != name.npos && (open_start || place == 0) &&
                          (open_end || place + plain.size() == name.size());
        if (fits) names.push_back(name);
      }
      return names;
    }
    std::vector<std::string> referencedBy(const std::string& d, const std::string& t) override {
      const auto guard = owner_.lock();
      return at(d, t).referenced_by;
    }
    std::map<std::string, std::string> status(const std::vector<std::string>& names) override {
      const auto guard = owner_.lock();
      return chosen(fine().status, names);
    }
    std::map<std::string, std::string> variables(const std::vector<std::string>& names) override {
      const auto guard = owner_.lock();
      return chosen(fine().variables, names);
    }
    std::vector<std::int64_t> killSessions(const ports::RunSessions& run) override {
      const auto guard = owner_.lock();
      fine().killed.push_back(run);
      return owner_.sessions ? owner_.sessions() : std::vector<std::int64_t>{};
    }
    void dropTrigger(const std::string& database, const std::string& trigger) override {
      const auto guard = owner_.lock();
      if (owner_.drop_error) throw *owner_.drop_error;
      fine().dropped.push_back("trigger " + database + "." + trigger);
      for (auto& [name, table] : owner_.databases[database]) std::erase(table.triggers, trigger);
    }
    void dropTable(const std::string& database, const std::string& table) override {
      const auto guard = owner_.lock();
      if (owner_.drop_error) throw *owner_.drop_error;
      fine().dropped.push_back("table " + database + "." + table);
      owner_.databases[database].erase(table);
    }

   private:
    FakeTargetDatabase& fine() {
      if (owner_.query_error) throw *owner_.query_error;
      return owner_;
    }
    FakeTable* find(const std::string& database, const std::string& table) {
      auto& all = fine().databases;
      const auto tables = all.find(database);
      if (tables == all.end()) return nullptr;
      const auto found = tables->second.find(table);
      return found == tables->second.end() ? nullptr : &found->second;
    }
    FakeTable& at(const std::string& database, const std::string& table) {
      FakeTable* found = find(database, table);
      if (found == nullptr) throw ports::TargetError{1146, "Table doesn't exist"};
      return *found;
    }
    static std::map<std::string, std::string> chosen(const std::map<std::string, std::string>& all,
                                                     const std::vector<std::string>& names) {
      std::map<std::string, std::string> out;
      for (const auto& name : names) {
        if (const auto found = all.find(name); found != all.end()) out.insert(*found);
      }
      return out;
    }

    FakeTargetDatabase& owner_;
  };

  std::recursive_mutex mutex_;
};

}  // namespace oscar::test
