#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace oscar {

/// The words of an enum whose values start at 1 and have no gaps, in order. One table serves both
/// directions, so that they cannot differ.
template <typename Enum, std::size_t N>
class EnumWords {
 public:
  /// The texts must be static.
  constexpr explicit EnumWords(std::array<std::string_view, N> words) : words_{words} {}

  /// Throws std::out_of_range for what is no value of the enum.
  constexpr std::string_view word(Enum value) const {
    return words_.at(static_cast<std::size_t>(value) - 1);
  }
  /// nullopt for a word that is not in the table; upper and lower case differ.
  constexpr std::optional<Enum> value(std::string_view word) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (words_[i] == word) return static_cast<Enum>(i + 1);
    }
    return std::nullopt;
  }

 private:
  std::array<std::string_view, N> words_;
};

}  // namespace oscar
