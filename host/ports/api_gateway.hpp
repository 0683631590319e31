#pragma once

#include <string>

namespace oscar::ports {

/// The REST operations, in process: what HostApi::call gives to plugins. The same route table,
/// rights, validation and audit as over HTTP.
class ApiGateway {
 public:
  /// What the operation answered.
  struct Response {
    int status = 0;    ///< HTTP status
    std::string body;  ///< the envelope
  };
  /// `user_id` is resolved anew at each call, so a disabled user loses the right at once. Any
  /// thread.
  virtual Response call(const std::string& user_id, const std::string& method,
                        const std::string& path, const std::string& json_body) = 0;

 protected:
  ~ApiGateway() = default;
};

}  // namespace oscar::ports
