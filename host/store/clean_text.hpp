#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oscar::store {

/// `text` as UTF-8 (bad bytes become U+FFFD) cut after `max_characters`, for texts that strangers
/// send and a strict server would refuse.
std::string cleanText(std::string_view text, std::size_t max_characters);

/// A to Z in lower case, everything else as it is.
std::string asciiLower(std::string_view text);

}  // namespace oscar::store
