#pragma once

#include <string>
#include <utility>

namespace oscar {

/// Languages in which Oscar speaks to a person. Chinese is the default.
enum class Language { kZh = 1, kEn = 2 };

/// A sentence for a person, in both languages, written side by side where it arises so that neither
/// can be forgotten. What happened, why, and what to do. Never holds a secret.
struct Text {
  std::string zh;
  std::string en;

  bool empty() const { return zh.empty() && en.empty(); }
  const std::string& in(Language language) const { return language == Language::kEn ? en : zh; }
  bool operator==(const Text&) const = default;
};

/// A text that is the same in both languages: a server's own words, an identifier.
inline Text sameText(std::string words) {
  // Braces evaluate from left to right: the copy comes first.
  return Text{words, std::move(words)};
}

}  // namespace oscar
