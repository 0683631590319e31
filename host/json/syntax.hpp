#pragma once

#include "domain/text.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oscar::json {

/// Where and why a text is not JSON.
struct ParseError {
  std::string message;     ///< `text` in English, for logs
  Text text;               ///< a clause without a full stop; names line and column when it can
  std::size_t offset = 0;  ///< in bytes, from 0; 0 also when the text as a whole is wrong
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in characters
};

/// The error at this byte of the text, with its position in words.
ParseError errorAt(std::string_view text, std::size_t offset, const Text& what);

/// What is wrong with the text by RFC 8259, UTF-8 included; nullopt when nothing is. It must be one
/// object or array of at most `max_depth` levels, and no object may say a name twice.
std::optional<ParseError> findSyntaxError(std::string_view text, std::size_t max_depth);

}  // namespace oscar::json
