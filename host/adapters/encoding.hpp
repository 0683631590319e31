#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oscar::adapters {

/// Bytes as text and back. Decoding is strict: exactly one text stands for given bytes, so that a
/// sealed value cannot be altered without the alteration being noticed.
std::string toBase64(std::string_view bytes);
/// Standard alphabet with padding; nullopt for anything else, whitespace included.
std::optional<std::string> fromBase64(std::string_view text);
std::string toHex(std::string_view bytes);
/// Either case, even length; nullopt otherwise.
std::optional<std::string> fromHex(std::string_view text);

/// `count` bytes of the operating system's random source (getrandom). Throws std::system_error.
std::string randomBytes(std::size_t count);

/// Overwrites `bytes` in a way that the optimiser keeps, then empties it.
void wipe(std::string& bytes) noexcept;

}  // namespace oscar::adapters
