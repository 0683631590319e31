#pragma once

#include <utility>
#include <variant>

namespace oscar {

/// Either a value or an error, for work whose failure is an ordinary outcome: parsing, validation,
/// plugin loading. (`std::expected` is C++23.)
template <typename T, typename E>
class Result {
 public:
  /// Implicit, so that `return value;` and `return error;` read as they are meant.
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(E error) : state_{std::in_place_index<1>, std::move(error)} {}

  /// Whether it holds a value.
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Precondition: ok().
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  /// Precondition: !ok().
  const E& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

}  // namespace oscar
