#pragma once

#include <string>
#include <utility>

namespace oscar {

/// A password or key in memory. It has no operator<<, and its bytes are overwritten when it dies,
/// so that it cannot be logged by accident and does not linger.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string plain) : plain_{std::move(plain)} {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : plain_{std::move(other.plain_)} { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      plain_ = other.plain_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      plain_ = std::move(other.plain_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  /// The plain text. Name it at the one place where it must leave: never store what this returns.
  const std::string& reveal() const { return plain_; }
  bool empty() const { return plain_.empty(); }

 private:
  void wipe() noexcept {
    volatile char* bytes = plain_.data();
    for (std::size_t i = 0; i < plain_.size(); ++i) bytes[i] = 0;
    plain_.clear();
  }

  std::string plain_;
};

}  // namespace oscar
