#pragma once

#include "domain/text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::ddl {

/// Why and where a text was refused.
struct ParseError {
  Text message;                       ///< whole sentence: position, what stands there, what to do
  std::size_t offset = 0;             ///< bytes from the start, at most the size of the text
  int line = 1;                       ///< 1-based
  int column = 1;                     ///< 1-based, in code points
  std::vector<std::string> expected;  ///< what could have stood there; empty if that is no answer
};

/// A syntax error at `offset`: the sentence names what stands there and what was expected.
/// `expected` may hold duplicates; they are removed, the order is kept.
ParseError unexpectedAt(std::string_view text, std::size_t offset,
                        const std::vector<std::string_view>& expected);

/// A reserved word at `offset` where a name (`what`, one of the expected words) should be.
ParseError reservedWordAt(std::string_view text, std::size_t offset, std::string_view word,
                          std::string_view what, const std::vector<std::string_view>& expected);

/// An error with its own explanation. `reason` is a sentence; the position is put in front of it.
ParseError errorAt(std::string_view text, std::size_t offset, const Text& reason,
                   std::vector<std::string> expected = {});

}  // namespace oscar::ddl
