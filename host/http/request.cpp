#include "http/request.hpp"

#include <algorithm>
#include <cstdlib>

namespace oscar::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The q of `zh-CN;q=0.8`, 1 when it has none, 0 when it is not a number.
double quality(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1.0;
  const std::string number{parameters.substr(at + 2, 5)};
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() || !(value >= 0.0) || value > 1.0 ? 0.0 : value;
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

void HeaderMap::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void HeaderMap::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return equalsIgnoringCase(field.first, name); });
  fields_.emplace_back(std::string{name}, std::move(value));
}

std::string_view HeaderMap::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equalsIgnoringCase(key, name)) return value;
  }
  return {};
}

bool HeaderMap::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return equalsIgnoringCase(field.first, name); });
}

Language negotiateLanguage(std::string_view accept_language, Language fallback) {
  Language best = fallback;
  double best_quality = 0.0;
  while (!accept_language.empty()) {
    const auto comma = accept_language.find(',');
    const std::string_view item = trim(accept_language.substr(0, comma));
    accept_language.remove_prefix(comma == std::string_view::npos ? accept_language.size()
                                                                  : comma + 1);
    const auto semicolon = item.find(';');
    const std::string_view tag = trim(item.substr(0, semicolon));
    const std::string_view primary = tag.substr(0, tag.find('-'));
    const double q =
        semicolon == std::string_view::npos ? 1.0 : quality(item.substr(semicolon + 1));
    if (q <= best_quality) continue;
    if (equalsIgnoringCase(primary, "zh")) {
      best = Language::kZh;
    } else if (equalsIgnoringCase(primary, "en")) {
      best = Language::kEn;
    } else {
      continue;
    }
    best_quality = q;
  }
  return best;
}

}  // namespace oscar::http
