#pragma once

#include "domain/error.hpp"
#include "ports/security.hpp"

#include <algorithm>

namespace oscar::test {

/// Not a cipher: reverses the text and remembers the context, so that a test sees both that the
/// plain text is not stored and that the context is checked.
class FakeSecretBox final : public ports::SecretBox {
 public:
  std::string seal(const Secret& plain, std::string_view context) override {
    return "sealed|" + std::string{context} + "|" + reversed(plain.reveal());
  }
  Secret open(std::string_view sealed, std::string_view context) override {
    const std::string prefix = "sealed|" + std::string{context} + "|";
    if (!sealed.starts_with(prefix)) {
      throw ServiceError{ErrorCode::kInternal, sameText("fake: does not open")};
    }
    return Secret{reversed(std::string{sealed.substr(prefix.size())})};
  }

 private:
  static std::string reversed(std::string text) {
    std::reverse(text.begin(), text.end());
    return text;
  }
};

}  // namespace oscar::test
