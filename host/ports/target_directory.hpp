#pragma once

#include "domain/connection.hpp"

#include <string>

namespace oscar::ports {

/// Turns a saved connection into what is needed to reach its server. Any thread.
class TargetDirectory {
 public:
  /// Throws ServiceError kNotFound when the connection is gone, StoreUnavailable, or kInternal when
  /// its password cannot be opened.
  virtual TargetAddress addressOf(const std::string& connection_id) = 0;

 protected:
  ~TargetDirectory() = default;
};

}  // namespace oscar::ports
