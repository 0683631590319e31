#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oscar::json {

/// Length in bytes of the well-formed UTF-8 sequence at the beginning of `text` (RFC 3629: no
/// overlong forms, no surrogates, at most U+10FFFF); 0 when it is not well-formed.
std::size_t utf8SequenceLength(std::string_view text);

bool isUtf8(std::string_view text);

/// `text` with each byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string toUtf8(std::string_view text);

/// Number of code points. Precondition: isUtf8(text).
std::size_t codePoints(std::string_view text);

}  // namespace oscar::json
