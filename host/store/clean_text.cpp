#include "store/clean_text.hpp"

#include "json/utf8.hpp"

namespace oscar::store {

std::string cleanText(std::string_view text, std::size_t max_characters) {
  std::string clean = json::toUtf8(text);
  std::size_t at = 0;
  for (std::size_t n = 0; n < max_characters && at < clean.size(); ++n) {
    at += json::utf8SequenceLength(std::string_view{clean}.substr(at));
  }
  clean.resize(at);
  return clean;
}

std::string asciiLower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace oscar::store
