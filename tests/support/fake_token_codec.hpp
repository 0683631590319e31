#pragma once

#include "ports/security.hpp"

#include <map>
#include <string>

namespace oscar::test {

/// Remembers what it issued.
class FakeTokenCodec final : public ports::TokenCodec {
 public:
  std::string issue(const Claims& claims) override {
    const std::string token = "token-" + std::to_string(issued_.size() + 1);
    issued_[token] = claims;
    return token;
  }
  std::optional<Claims> verify(std::string_view token) override {
    const auto found = issued_.find(std::string{token});
    return found == issued_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::map<std::string, Claims> issued_;
};

}  // namespace oscar::test
