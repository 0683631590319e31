#pragma once

#include "ports/security.hpp"

#include <atomic>

namespace oscar::test {

/// Fast and worthless: `hashed:<password>`.
class FakePasswordHasher final : public ports::PasswordHasher {
 public:
  std::atomic<int> verified = 0;  ///< calls of verify()
  std::string last_hash;          ///< what verify() was last asked about

  std::string hash(const Secret& password) override { return "hashed:" + password.reveal(); }
  bool verify(const Secret& password, std::string_view hash) override {
    ++verified;
    last_hash = hash;
    return hash == "hashed:" + password.reveal();
  }
};

}  // namespace oscar::test
