#pragma once

#include "domain/error.hpp"
#include "ports/target_directory.hpp"

#include <map>
#include <string>

namespace oscar::test {

/// Addresses by connection id.
class FakeTargetDirectory final : public ports::TargetDirectory {
 public:
  std::map<std::string, TargetAddress> addresses;

  TargetAddress addressOf(const std::string& connection_id) override {
    const auto found = addresses.find(connection_id);
    if (found == addresses.end()) {
      throw ServiceError{ErrorCode::kNotFound, {"连接不存在", "There is no such connection"}};
    }
    return found->second;
  }
};

}  // namespace oscar::test
