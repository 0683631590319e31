#pragma once

#include <cstdint>
#include <string>

namespace oscar::engine {

/// A number for what SHOW CREATE TABLE says, the same for the same definition in every version of
/// oscard. The next AUTO_INCREMENT value is left out: it grows with every row.
inline std::int64_t definitionNumber(std::string create_table) {
  constexpr char kCounter[] = " AUTO_INCREMENT=";
  const std::size_t options = create_table.rfind("\n)");
  const std::size_t at =
      options == std::string::npos ? options : create_table.find(kCounter, options);
  if (at != std::string::npos) {
    const std::size_t digits = at + sizeof kCounter - 1;
    const std::size_t end = create_table.find_first_not_of("0123456789", digits);
    create_table.erase(at, end == std::string::npos ? end : end - at);
  }
  // FNV-1a, and of it as many bits as every JSON reader keeps.
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : create_table) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  constexpr int kBitsLeftOut = 12;
  return static_cast<std::int64_t>(hash >> kBitsLeftOut);
}

}  // namespace oscar::engine
