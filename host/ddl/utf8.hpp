#pragma once

#include <cstddef>
#include <string_view>

namespace oscar::ddl {

/// One code point of a UTF-8 text.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< bytes; 0 when the bytes are not UTF-8
};

/// Reads the code point that begins at `offset`, which must be inside the text. Overlong forms,
/// surrogates and values above U+10FFFF are not UTF-8.
CodePoint codePointAt(std::string_view text, std::size_t offset);

/// Offset of the first byte that is not part of valid UTF-8 or is NUL; `text.size()` if none is.
std::size_t firstInvalidByte(std::string_view text);

}  // namespace oscar::ddl
