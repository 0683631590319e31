#include "store/audit_mirror.hpp"
#include "store/execution_mirror.hpp"
#include "store_fixture.hpp"

#include <functional>
#include <future>
#include <utility>

namespace oscar::store::test {
namespace {

using namespace std::chrono_literals;

/// Does something once, just after the first query whose text contains `where`.
class InterruptedLink final : public Link {
 public:
  InterruptedLink(std::unique_ptr<Link> link, std::string where, std::function<void()> what)
      : link_{std::move(link)}, where_{std::move(where)}, what_{std::move(what)} {}
  void begin(bool write) override { link_->begin(write); }
  void commit() override { link_->commit(); }
  void rollback() override { link_->rollback(); }
  std::vector<Row> query(const std::string& sql, std::string_view columns,
                         const Values& values) override {
    auto rows = link_->query(sql, columns, values);
    if (what_ && sql.find(where_) != std::string::npos) std::exchange(what_, nullptr)();
    return rows;
  }
  std::int64_t execute(const std::string& sql, const Values& values) override {
    return link_->execute(sql, values);
  }

 private:
  std::unique_ptr<Link> link_;
  std::string where_;
  std::function<void()> what_;
};

class MirrorsTest : public StoreTest {
 protected:
  void addExecutions(int count) {
    const std::string connection = addConnection("c" + newUuid());
    for (int i = 0; i < count; ++i) insert(*database_, sampleExecution(connection));
  }
  void addEntries(int count) {
    const auto link = place_->link();
    const std::string now = GetParam() == Dialect::kMysql ? "NOW()" : "0";
    link->begin(true);
    for (int i = 0; i < count; ++i) {
      link->execute(
          "INSERT INTO audit_logs (username, action, user_agent, created_at)"
          " VALUES ('u', 'a', '', " +
              now + ")",
          {});
    }
    link->commit();
  }
  /// What `work(Sql&)` returns on a connection of its own.
  template <typename Work>
  auto with(Work&& work) {
    const auto link = place_->link();
    Sql sql{*link, GetParam()};
    return work(sql);
  }
  std::optional<AuditMirror::Found> audit(AuditMirror& mirror) {
    return with([&](Sql& sql) { return mirror.page(sql, {}, {}, "1 = 1", {}); });
  }
};
OSCAR_STORE_SUITE(MirrorsTest);

TEST_P(MirrorsTest, NobodyWaitsWhileExecutionsAreRead) {
  addExecutions(3);
  ExecutionMirror mirror{{}};
  std::future<int> other;
  bool answered = false;
  InterruptedLink link{place_->link(), "FROM execution_records r", [&] {
                         other = std::async(std::launch::async, [&] {
                           return with([&](Sql& sql) {
                             return mirror.follow(sql, -1) + mirror.page(sql, {}, {}).has_value() +
                                    mirror.totals(sql, {}).has_value();
                           });
                         });
                         answered = other.wait_for(10s) == std::future_status::ready;
                       }};
  Sql sql{link, GetParam()};
  EXPECT_TRUE(mirror.follow(sql, -1));
  EXPECT_TRUE(answered);
  EXPECT_EQ(other.get(), 0) << "the other thread is sent to the store";
  EXPECT_EQ(mirror.page(sql, {}, {})->total, 3);
  EXPECT_EQ(mirror.totals(sql, {})->all(), 3);
}

TEST_P(MirrorsTest, AnEmptiedMirrorOfExecutionsSaysThatItCannotTell) {
  ExecutionMirror::Limits limits;
  limits.executions = 2;
  ExecutionMirror mirror{limits};
  addExecutions(2);
  with([&](Sql& sql) {
    EXPECT_FALSE(mirror.page(sql, {}, {})) << "before the first follow()";
    EXPECT_TRUE(mirror.follow(sql, -1));
    EXPECT_EQ(mirror.page(sql, {}, {})->total, 2);
  });
  addExecutions(1);
  with([&](Sql& sql) {
    EXPECT_FALSE(mirror.follow(sql, mirror.changes()));
    EXPECT_FALSE(mirror.page(sql, {}, {}));
    EXPECT_FALSE(mirror.totals(sql, {}));
  });
}

TEST_P(MirrorsTest, NobodyWaitsWhileAuditEntriesAreRead) {
  addEntries(250);
  AuditMirror mirror{{}};
  std::future<bool> other;
  bool answered = false;
  InterruptedLink link{place_->link(), "ORDER BY id LIMIT", [&] {
                         other = std::async(std::launch::async,
                                            [&] { return audit(mirror).has_value(); });
                         answered = other.wait_for(10s) == std::future_status::ready;
                       }};
  Sql sql{link, GetParam()};
  EXPECT_EQ(mirror.page(sql, {}, {}, "1 = 1", {})->total, 250);
  EXPECT_TRUE(answered);
  EXPECT_FALSE(other.get()) << "the other thread is sent to the store";
}

TEST_P(MirrorsTest, AMirrorOfTheAuditLogThatOverflowsMeanwhileGivesNoPart) {
  addEntries(205);
  AuditMirror mirror{{10, 1 << 20}};
  ASSERT_EQ(audit(mirror)->total, 205);
  InterruptedLink link{place_->link(), "MAX(id)", [&] {
                         addEntries(20);
                         EXPECT_FALSE(audit(mirror));
                       }};
  Sql sql{link, GetParam()};
  const auto found = mirror.page(sql, {}, {}, "1 = 1", {});
  EXPECT_FALSE(found) << found->total;
}

}  // namespace
}  // namespace oscar::store::test
