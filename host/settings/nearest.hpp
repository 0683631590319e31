#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oscar::settings {

/// The candidate that `word` was probably meant to be, by edit distance; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace oscar::settings
