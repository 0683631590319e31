#pragma once

#include <string>
#include <string_view>

namespace oscar {

/// A random (version 4) UUID in lower case, from the operating system's random source.
std::string newUuid();

/// True for 8-4-4-4-12 hexadecimal digits, either case.
bool isUuid(std::string_view text);

}  // namespace oscar
