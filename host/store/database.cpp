#include "store/database.hpp"

#include "domain/error.hpp"
#include "store/link_pool.hpp"
#include "store/migrator.hpp"
#include "store/store_url.hpp"

#include <atomic>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>

namespace oscar::store {
namespace {

constexpr int kReconnects = 2;

void pauseBefore(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> millis{1, 10 << std::min(attempt, 5)};
  std::this_thread::sleep_for(std::chrono::milliseconds{millis(random)});
}

void rollBack(Link& link) {
  try {
    link.rollback();
  } catch (const SqlError&) {
    // The failure has ended the transaction already.
  }
}

}  // namespace

struct Database::Impl {
  Impl(Dialect its_dialect, std::string its_name, LinkPool::Opener opener, int pool_size,
       const Patience& its_patience)
      : dialect{its_dialect},
        name{std::move(its_name)},
        patience{its_patience},
        pool{std::move(opener), pool_size, its_patience.connection} {}

  /// SQLite has one writer at a time. Threads of this process queue here, in turn and without
  /// polling; its own busy handler is left for other processes.
  std::unique_lock<std::timed_mutex> writersTurn(bool write) {
    if (!write || dialect != Dialect::kSqlite) return {};
    std::unique_lock lock{writer, patience.sqlite_lock * 2};
    if (!lock.owns_lock()) throw StoreUnavailable{"the store is locked by another writer"};
    return lock;
  }

  Dialect dialect;
  std::string name;
  Patience patience;
  LinkPool pool;
  std::timed_mutex writer;
  std::atomic<bool> writable{true};
};

Database::Database(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Database::~Database() = default;

Dialect Database::dialect() const {
  return impl_->dialect;
}

std::string Database::describe() const {
  return impl_->name;
}

std::unique_ptr<Database> Database::open(const StoreSettings& settings, const std::string& data_dir,
                                         const Patience& patience) {
  std::unique_ptr<Impl> impl;
  if (const auto mysql = parseStoreUrl(settings)) {
    impl = std::make_unique<Impl>(
        Dialect::kMysql,
        "mysql " + mysql->user + "@" + mysql->host + ":" + std::to_string(mysql->port) + "/" +
            mysql->database,
        [options = *mysql] { return openMysql(options); }, settings.pool_size, patience);
  } else {
    std::error_code ignored;  // createPrivately names the path when it cannot be used
    std::filesystem::create_directories(data_dir, ignored);
    SqliteOptions options;
    options.path = (std::filesystem::path{data_dir} / "oscar.db").string();
    options.busy_timeout_ms = static_cast<int>(patience.sqlite_lock.count());
    impl = std::make_unique<Impl>(
        Dialect::kSqlite, "sqlite " + options.path, [options] { return openSqlite(options); },
        settings.pool_size, patience);
  }
  try {
    auto lease = impl->pool.borrow();
    Migrator{*lease, impl->dialect, embeddedMigrations(impl->dialect)}.migrate();
  } catch (const SqlError& error) {
    throw StoreUnavailable{error.what()};
  }
  return std::unique_ptr<Database>{new Database{std::move(impl)}};
}

bool Database::writable() const {
  return impl_->writable;
}

void Database::transact(bool write, const std::function<void(Sql&)>& work) {
  try {
    attempt(write, work);
  } catch (const StoreUnavailable&) {
    if (write) impl_->writable = false;
    throw;
  }
  if (write) impl_->writable = true;
}

void Database::attempt(bool write, const std::function<void(Sql&)>& work) {
  int reconnects = 0;
  for (int round = 1;; ++round) {
    bool committing = false;
    const auto turn = impl_->writersTurn(write);
    try {
      auto lease = impl_->pool.borrow();
      try {
        lease->begin(write);
        Sql sql{*lease, impl_->dialect};
        work(sql);
        committing = true;
        lease->commit();
        return;
      } catch (const SqlError& error) {
        rollBack(*lease);
        if (error.failure() == SqlFailure::kLost) lease.discard();
        throw;
      } catch (...) {
        rollBack(*lease);
        throw;
      }
    } catch (const SqlError& error) {
      switch (error.failure()) {
        case SqlFailure::kDuplicate:
          throw DuplicateKey{error.what()};
        case SqlFailure::kStatement:
          throw std::runtime_error{std::string{"store: "} + error.what()};
        case SqlFailure::kUnavailable:
          throw StoreUnavailable{error.what()};
        case SqlFailure::kBusy:
          // SQLite's busy handler has waited as long as patience allows.
          if (impl_->dialect == Dialect::kSqlite || round >= impl_->patience.deadlock_attempts) {
            throw StoreUnavailable{error.what()};
          }
          break;
        case SqlFailure::kLost:
          impl_->pool.closeIdle();
          // A commit whose answer was lost may have happened: doing it again could do it twice.
          if (committing || ++reconnects > kReconnects) throw StoreUnavailable{error.what()};
          break;
      }
    }
    pauseBefore(round);
  }
}

}  // namespace oscar::store
