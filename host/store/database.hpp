#pragma once

#include "domain/settings.hpp"
#include "store/sql.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace oscar::store {

/// A unique key refused what a transaction wrote; nothing of it was kept.
class DuplicateKey : public std::exception {
 public:
  explicit DuplicateKey(std::string reason) : reason_{std::move(reason)} {}
  const char* what() const noexcept override { return reason_.c_str(); }

 private:
  std::string reason_;
};

/// The settings, the schema or its migrations cannot be used; oscard must not start. The message
/// says what to do and holds no password.
class StoreSetupError : public std::exception {
 public:
  explicit StoreSetupError(Text message) : message_{std::move(message)} {}
  const Text& message() const { return message_; }
  const char* what() const noexcept override { return message_.en.c_str(); }

 private:
  Text message_;
};

/// How long the store waits for others before it says StoreUnavailable.
struct Patience {
  std::chrono::milliseconds sqlite_lock{5000};  ///< another process holds the file's lock
  std::chrono::milliseconds connection{10000};  ///< every connection of the pool is in use
  int deadlock_attempts = 8;                    ///< MySQL: deadlocks and lock waits in a row
};

/// The database behind all stores: a pool of connections and transactions that are tried again when
/// that is safe. Thread-safe; one per process and database is the rule, several work.
class Database {
 public:
  /// Opens and brings the schema up to date. `settings.url` is `sqlite` (the file oscar.db in
  /// `data_dir`, created with mode 0600) or `mysql://user@host:port/database`; the password comes
  /// only from `settings.password`. Throws StoreSetupError or StoreUnavailable.
  static std::unique_ptr<Database> open(const StoreSettings& settings, const std::string& data_dir,
                                        const Patience& patience = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Dialect dialect() const;
  /// For logs: `sqlite var/oscar.db`, `mysql oscar@db1:3306/oscar`.
  std::string describe() const;

  /// False from an attempt to write that failed because the database could not be used, to the next
  /// one that worked. What is read meanwhile may be older than what happens.
  bool writable() const;

  /// Runs `work(Sql&)` and returns what it returns. It may be run more than once, so it must not
  /// leave traces outside, but in the mirrors, whose follow() may be repeated. Throws
  /// StoreUnavailable, and std::runtime_error when a statement is wrong. On SQLite all its
  /// statements see one moment of the data.
  template <typename Work>
  auto read(Work&& work) {
    return run(false, std::forward<Work>(work));
  }
  /// The same in a transaction that is committed when `work` returns and rolled back when it
  /// throws. Throws DuplicateKey too.
  template <typename Work>
  auto write(Work&& work) {
    return run(true, std::forward<Work>(work));
  }

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  void transact(bool write, const std::function<void(Sql&)>& work);
  void attempt(bool write, const std::function<void(Sql&)>& work);

  template <typename Work>
  auto run(bool write, Work&& work) {
    using Result = std::invoke_result_t<Work, Sql&>;
    if constexpr (std::is_void_v<Result>) {
      transact(write, [&](Sql& sql) { work(sql); });
    } else {
      std::optional<Result> result;
      transact(write, [&](Sql& sql) { result.emplace(work(sql)); });
      return std::move(*result);
    }
  }

  std::unique_ptr<Impl> impl_;
};

}  // namespace oscar::store
