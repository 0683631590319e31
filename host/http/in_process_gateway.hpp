#pragma once

#include "http/dispatcher.hpp"
#include "ports/api_gateway.hpp"

#include <functional>
#include <string>

namespace oscar::http {

/// The REST operations for plugins: the same routes, rights, validation and audit as over HTTP,
/// under a user's rights. Login and tickets are refused, because they only make sense to a client
/// with a connection of its own. Any thread.
class InProcessGateway final : public ports::ApiGateway {
 public:
  /// The principal of a user id; throws ServiceError kUnauthenticated when unknown or disabled.
  using FindPrincipal = std::function<Principal(const std::string& user_id)>;

  InProcessGateway(const Dispatcher& dispatcher, FindPrincipal find_principal,
                   const ports::Clock& clock);

  /// A streamed answer is collected, up to 8 MiB.
  Response call(const std::string& user_id, const std::string& method, const std::string& path,
                const std::string& json_body) override;

 private:
  const Dispatcher& dispatcher_;
  FindPrincipal find_principal_;
  const ports::Clock& clock_;
};

}  // namespace oscar::http
