#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace oscar::store {

/// What a keyword asks for. `#1247` is the execution with that number and no other; `1247` is that
/// one and every one whose text contains the digits; anything else is text.
struct ExecutionKeyword {
  explicit ExecutionKeyword(const std::string& keyword);

  std::optional<std::int64_t> number;
  std::string text;  ///< folded as the haystacks are; empty when only the number is asked for
};

}  // namespace oscar::store
