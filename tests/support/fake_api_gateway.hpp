#pragma once

#include "ports/api_gateway.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace oscar::test {

/// Answers every call with `response` and keeps what was asked. Any thread.
class FakeApiGateway final : public ports::ApiGateway {
 public:
  struct Call {
    std::string user_id, method, path, body;
  };

  Response call(const std::string& user_id, const std::string& method, const std::string& path,
                const std::string& json_body) override {
    const std::lock_guard lock{mutex_};
    calls_.push_back({user_id, method, path, json_body});
    return response;
  }
  std::vector<Call> calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }

  Response response{200, "{}"};  ///< set before the calls

 private:
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
};

}  // namespace oscar::test
