#pragma once

#include "domain/error.hpp"
#include "http/middleware.hpp"
#include "http/router.hpp"

#include <functional>
#include <memory>

namespace oscar::http {

/// What the middleware needs. The functions and references must outlive the dispatcher.
struct DispatcherParts {
  Authenticate authenticate;
  RecordAudit record_audit;
  ports::Log& log;
  const ports::Clock& clock;
  std::int64_t max_body_bytes = 1 << 20;
  Language language = Language::kZh;  ///< when a client does not say
  /// False while the store cannot be written; absent = always true.
  std::function<bool()> store_writable{};
};

/// Answers every request, from the network and from inside the process, by the one route table and
/// the one list of middleware. Immutable: any thread.
class Dispatcher {
 public:
  Dispatcher(std::vector<Route> routes, const DispatcherParts& parts);

  /// Never throws; every failure is an answer.
  Response handle(Request request) const;
  /// The answer to a request that is refused before its body was read: same headers, same envelope,
  /// same log line.
  Response refuse(Request request, const ServiceError& error) const;

  const Router& router() const { return router_; }
  /// In which a client is answered that names none.
  Language language() const { return language_; }

 private:
  Router router_;
  Language language_;
  std::vector<Middleware> outer_;  ///< around every request
  Next chain_;                     ///< all of it
};

}  // namespace oscar::http
