#include "store/clean_text.hpp"
#include "store/sql_audit_store.hpp"
#include "store_fixture.hpp"

#include <random>

namespace oscar::store::test {
namespace {

using ports::Saved;

class ConnectionStoreTest : public StoreTest {
 protected:
  static ports::StoredConnection sample(const std::string& name,
                                        Environment environment = Environment::kTest) {
    ports::StoredConnection stored;
    Connection& c = stored.connection;
    c.id = newUuid();
    c.name = name;
    c.environment = environment;
    c.host = "10.0.0.1";
    c.port = 3307;
    c.username = "dba";
    c.database_name = "shop";
    c.description = "100% 'quoted' \"表\" 😀\n\\";
    c.connect_timeout = 7;
    c.use_ssl = true;
    c.ssl_verify = SslVerify::kVerifyCa;
    c.ssl_ca = std::string(6000, 'P');
    c.backend = "local";
    c.created_by = "alice";
    c.created_at = at(1);
    c.updated_at = at(2);
    stored.sealed_password = "k1:" + std::string(200, 'z');
    return stored;
  }
};
OSCAR_STORE_SUITE(ConnectionStoreTest);

TEST_P(ConnectionStoreTest, GivesBackWhatWasStored) {
  SqlConnectionStore store{*database_};
  const auto stored = sample("main");
  ASSERT_EQ(store.insert(stored), Saved::kOk);
  const auto found = store.find(stored.connection.id);
  ASSERT_TRUE(found);
  const Connection& c = found->connection;
  EXPECT_EQ(found->sealed_password, stored.sealed_password);
  EXPECT_EQ(c.name, "main");
  EXPECT_EQ(c.environment, Environment::kTest);
  EXPECT_EQ(c.host, "10.0.0.1");
  EXPECT_EQ(c.port, 3307);
  EXPECT_EQ(c.username, "dba");
  EXPECT_EQ(c.database_name, "shop");
  EXPECT_EQ(c.description, stored.connection.description);
  EXPECT_EQ(c.connect_timeout, 7);
  EXPECT_EQ(c.charset, "utf8mb4");
  EXPECT_TRUE(c.use_ssl);
  EXPECT_EQ(c.ssl_verify, SslVerify::kVerifyCa);
  EXPECT_EQ(c.ssl_ca, stored.connection.ssl_ca);
  EXPECT_EQ(c.backend, "local");
  EXPECT_EQ(c.created_by, "alice");
  EXPECT_EQ(c.created_at, at(1));
  EXPECT_EQ(c.updated_at, at(2));
  EXPECT_EQ(store.findByName("main")->connection.id, stored.connection.id);
  EXPECT_FALSE(store.findByName("mai"));
}

TEST_P(ConnectionStoreTest, NamesAreUniqueAndFreeAfterRemoval) {
  SqlConnectionStore store{*database_};
  auto first = sample("main");
  auto second = sample("second");
  ASSERT_EQ(store.insert(first), Saved::kOk);
  ASSERT_EQ(store.insert(second), Saved::kOk);
  EXPECT_EQ(store.insert(sample("main")), Saved::kDuplicate);
  second.connection.name = "main";
  EXPECT_EQ(store.update(second), Saved::kDuplicate);
  EXPECT_EQ(store.update(sample("ghost")), Saved::kNotFound);
  EXPECT_EQ(store.remove(first.connection.id, at(9)), SqlConnectionStore::Removed::kOk);
  EXPECT_EQ(store.update(second), Saved::kOk);
  EXPECT_EQ(store.update(second), Saved::kOk) << "the same values again";
  EXPECT_EQ(store.findByName("main")->connection.id, second.connection.id);
}

TEST_P(ConnectionStoreTest, RemovalLeavesATombstone) {
  SqlConnectionStore store{*database_};
  SqlExecutionStore executions{*database_};
  const auto stored = sample("main");
  const std::string& id = stored.connection.id;
  store.insert(stored);
  const Execution execution = sampleExecution(id);
  insert(*database_, execution);
  ports::StoredConnection moved = stored;
  moved.connection.host = "elsewhere";
  EXPECT_EQ(store.update(moved), Saved::kInUse) << "its execution would reach another server";
  moved = stored;
  moved.connection.description = "words only";
  EXPECT_EQ(store.update(moved), Saved::kOk);
  EXPECT_EQ(store.remove(id, at(5)), SqlConnectionStore::Removed::kInUse);
  executions.requestStop(execution.id, at(6));
  EXPECT_EQ(store.remove(id, at(7)), SqlConnectionStore::Removed::kOk);
  EXPECT_EQ(store.remove(id, at(8)), SqlConnectionStore::Removed::kNotFound);
  EXPECT_FALSE(store.find(id));
  EXPECT_FALSE(store.findByName("main"));
  EXPECT_EQ(store.list({}, {}).total, 0);
  EXPECT_EQ(store.update(stored), Saved::kNotFound);
  EXPECT_EQ(executions.find(execution.id)->connection_name, "orders");
  EXPECT_THROW(insert(*database_, sampleExecution(id)), ServiceError);
  auto rows = place_->link()->query("SELECT password FROM connections", "s", {});
  EXPECT_EQ(rows.front().text(), "") << "a tombstone needs no password";
}

TEST_P(ConnectionStoreTest, ListsByEnvironmentThenName) {
  SqlConnectionStore store{*database_};
  store.insert(sample("dev1", Environment::kDev));
  store.insert(sample("b", Environment::kProd));
  store.insert(sample("A", Environment::kProd));
  store.insert(sample("test1", Environment::kTest));
  std::string order;
  for (const auto& c : store.list({}, {}).items) order += c.name + " ";
  EXPECT_EQ(order, "A b test1 dev1 ");
  EXPECT_EQ(store.list({Environment::kProd, ""}, {}).total, 2);
  PageRequest second;
  second.page = 2;
  second.page_size = 3;
  EXPECT_EQ(store.list({}, second).items.front().name, "dev1");
  EXPECT_EQ(store.list({}, second).total, 4);
}

TEST_P(ConnectionStoreTest, KeywordsAreNoPatterns) {
  SqlConnectionStore store{*database_};
  auto percent = sample("a%b");
  auto plain = sample("aXb");
  percent.connection.description = plain.connection.description = "";
  store.insert(percent);
  store.insert(plain);
  EXPECT_EQ(store.list({std::nullopt, "A%B"}, {}).total, 1);
  EXPECT_EQ(store.list({std::nullopt, "a_b"}, {}).total, 0);
  EXPECT_EQ(store.list({std::nullopt, "ax"}, {}).total, 1);
  EXPECT_EQ(store.list({std::nullopt, "10.0"}, {}).total, 2);
  EXPECT_EQ(store.list({std::nullopt, "'; DROP TABLE connections; --"}, {}).total, 0);
  EXPECT_EQ(store.list({std::nullopt, "\\"}, {}).total, 0);
  EXPECT_EQ(store.list({std::nullopt, "!"}, {}).total, 0);
}

class AuditStoreTest : public StoreTest {
 protected:
  static AuditEntry sample(const std::string& user, const std::string& action, Timestamp when) {
    AuditEntry entry;
    entry.user_id = newUuid();
    entry.username = user;
    entry.action = action;
    entry.resource_type = "execution";
    entry.resource_id = "e1";
    entry.request_data = R"({"b":1,"a":"表 😀"})";
    entry.response_data = R"({"code":200,"message":"success"})";
    entry.ip_address = "::1";
    entry.user_agent = "curl";
    entry.execution_time_ms = 12;
    entry.created_at = when;
    return entry;
  }
};
OSCAR_STORE_SUITE(AuditStoreTest);

TEST_P(AuditStoreTest, ListsNewestFirstWithFilters) {
  SqlAuditStore store{*database_};
  for (int i = 0; i < 30; ++i) {
    store.append(sample(i % 2 ? "alice" : "bob", i % 3 ? "auth.login" : "execution.stop", at(i)));
  }
  auto all = store.list({}, {});
  EXPECT_EQ(all.total, 30);
  ASSERT_EQ(all.items.size(), 20U);
  EXPECT_EQ(all.items.front().created_at, at(29));
  EXPECT_EQ(all.items.front().request_data, R"({"b":1,"a":"表 😀"})") << "as it was written";
  EXPECT_EQ(all.items.front().execution_time_ms, 12);
  AuditFilter filter;
  filter.username = "alice";
  filter.action = "execution.stop";
  EXPECT_EQ(store.list(filter, {}).total, 5);
  store.append(sample("alice", "execution.stop", at(40)));
  EXPECT_EQ(store.list(filter, {}).total, 6) << "a remembered total sees new entries";
  filter.from = at(9);
  filter.to = at(40);
  EXPECT_EQ(store.list(filter, {}).total, 4);
  PageRequest older;
  older.page_size = 5;
  older.before_number = all.items[4].id;
  EXPECT_EQ(store.list({}, older).items.front().id, all.items[5].id);
  PageRequest last;
  last.page = 2;
  EXPECT_EQ(store.list({}, last).items.size(), 11U);
}

TEST_P(AuditStoreTest, TotalsStayRightBeyondTheUnsettledIds) {
  SqlAuditStore store{*database_};
  auto link = place_->link();
  link->begin(true);
  for (int i = 0; i < 500; ++i) {
    link->execute(
        "INSERT INTO audit_logs (username, action, user_agent, created_at) VALUES ('u', 'a', '', " +
            std::string{GetParam() == Dialect::kMysql ? "NOW()" : "0"} + ")",
        {});
  }
  link->commit();
  for (int i = 1; i <= 300; ++i) {
    store.append(sample("alice", "auth.login", at(i)));
    if (i % 50 == 0) {
      ASSERT_EQ(store.list({}, {}).total, 500 + i);
    }
  }
  AuditFilter filter;
  filter.username = "alice";
  EXPECT_EQ(store.list(filter, {}).total, 300);
}

TEST_P(AuditStoreTest, AgreesWithANaiveModelFromMemoryAndFromTheStore) {
  SqlAuditStore in_memory{*database_};
  SqlAuditStore by_sql{*database_, {100, 1 << 20}};
  SqlAuditStore few_words{*database_, {100'000, 1}};
  std::mt19937 random{11};
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<AuditEntry> all;
  const auto check = [&] {
    AuditFilter filter;
    if (pick(3) == 0) filter.username = "user" + std::to_string(pick(4));
    if (pick(3) == 0) filter.action = "action." + std::to_string(pick(3));
    if (pick(4) == 0) filter.resource_type = pick(2) ? "execution" : "unknown";
    if (pick(6) == 0) filter.resource_id = "id" + std::to_string(pick(50));
    if (pick(3) == 0) filter.from = at(pick(1000));
    if (pick(3) == 0) filter.to = at(pick(1000));
    PageRequest page;
    page.page_size = 1 + pick(30);
    page.page = 1 + pick(5);
    if (pick(4) == 0) page.before_number = 1 + pick(static_cast<int>(all.size()));
    std::vector<std::string> wanted;
    std::int64_t total = 0;
    int skip = page.before_number > 0 ? 0 : (page.page - 1) * page.page_size;
    for (auto e = all.rbegin(); e != all.rend(); ++e) {
      if ((!filter.username.empty() && e->username != filter.username) ||
          (!filter.action.empty() && e->action != filter.action) ||
          (!filter.resource_type.empty() && e->resource_type != filter.resource_type) ||
          (!filter.resource_id.empty() && e->resource_id != filter.resource_id) ||
          (filter.from && e->created_at < *filter.from) ||
          (filter.to && e->created_at >= *filter.to)) {
        continue;
      }
      ++total;
      if (page.before_number > 0 && e->id >= page.before_number) continue;
      if (wanted.size() == static_cast<std::size_t>(page.page_size) || skip-- > 0) continue;
      wanted.push_back(e->user_agent);
    }
    for (auto* store : {&in_memory, &by_sql, &few_words}) {
      const auto got = store->list(filter, page);
      EXPECT_EQ(got.total, total);
      std::vector<std::string> agents;
      for (const auto& item : got.items) agents.push_back(item.user_agent);
      EXPECT_EQ(agents, wanted);
    }
  };
  for (int i = 1; i <= 450; ++i) {
    AuditEntry entry = sample("user" + std::to_string(pick(4)),
                              ("action." + std::to_string(pick(3))).c_str(), at(pick(1000)));
    entry.resource_type = pick(3) ? "execution" : "user";
    entry.resource_id = "id" + std::to_string(pick(50));
    entry.user_agent = "agent " + std::to_string(i);
    in_memory.append(entry);
    all.push_back(entry);
    all.back().id = i;
    if (i % 9 == 0) check();
    if (HasFailure()) break;
  }
  for (int i = 0; i < 100 && !HasFailure(); ++i) check();
}

TEST_P(AuditStoreTest, KeepsWhatStrangersSend) {
  SqlAuditStore store{*database_};
  AuditEntry entry = sample(std::string(5000, 'u'), "auth.login", at(1));
  entry.user_agent = "bad \xff\xfe bytes " + std::string(70000, 'x');
  entry.ip_address = std::string(300, '1');
  entry.request_data = "no json";
  store.append(entry);
  const auto found = store.list({}, {}).items.at(0);
  EXPECT_EQ(found.username, std::string(50, 'u'));
  EXPECT_EQ(found.request_data, "\"no json\"");
  EXPECT_EQ(found.user_agent.substr(0, 10), "bad \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(CleanText, CutsBetweenCharacters) {
  EXPECT_EQ(cleanText("表😀x", 2), "表😀");
  EXPECT_EQ(cleanText("abc", 5), "abc");
  EXPECT_EQ(cleanText("", 5), "");
}

}  // namespace
}  // namespace oscar::store::test
