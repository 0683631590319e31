#include "settings/values.hpp"

#include <charconv>
#include <cmath>
#include <sstream>

namespace oscar::settings {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string plain(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

template <typename Number>
std::optional<Number> parseNumber(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Text rangeReason(const std::string& kind_zh, const std::string& kind_en, const std::string& min,
                 const std::string& max, const std::string& text) {
  return {"应为 " + min + " 到 " + max + " 之间的" + kind_zh + "，现为 " + text,
          "must be " + kind_en + " from " + min + " to " + max + ", is " + text};
}

Text assignInteger(const IntegerKey& key, const std::string& text) {
  const auto number = parseNumber<std::int64_t>(text);
  if (!number || *number < key.min || *number > key.max) {
    return rangeReason("整数", "a whole number", std::to_string(key.min), std::to_string(key.max),
                       text);
  }
  std::visit(
      [&](auto* target) {
        *target = static_cast<std::remove_pointer_t<decltype(target)>>(*number);
      },
      key.target);
  return {};
}

Text assignNumber(const NumberKey& key, const std::string& text) {
  const auto number = parseNumber<double>(text);
  if (!number || !std::isfinite(*number) || *number < key.min || *number > key.max) {
    return rangeReason("数字", "a number", plain(key.min), plain(key.max), text);
  }
  *key.target = *number;
  return {};
}

Text assignFlag(const FlagKey& key, const std::string& text) {
  if (text != "true" && text != "false") {
    return {"应为 true 或 false，现为 " + text, "must be true or false, is " + text};
  }
  *key.target = text == "true";
  return {};
}

Text assignText(const TextKey& key, const std::string& text) {
  Text reason = key.rule(text);
  if (reason.empty()) *key.target = text;
  return reason;
}

Text assignLanguage(const LanguageKey& key, const std::string& text) {
  if (text != "zh" && text != "en") {
    return {"应为 zh 或 en，现为 " + text, "must be zh or en, is " + text};
  }
  *key.target = text == "en" ? Language::kEn : Language::kZh;
  return {};
}

std::vector<std::string> splitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Text assign(const Key& key, const std::string& text) {
  return std::visit(
      Overloaded{[&](const IntegerKey& k) { return assignInteger(k, text); },
                 [&](const NumberKey& k) { return assignNumber(k, text); },
                 [&](const FlagKey& k) { return assignFlag(k, text); },
                 [&](const TextKey& k) { return assignText(k, text); },
                 [&](const LanguageKey& k) { return assignLanguage(k, text); },
                 [&](const ListKey& k) { return assignList(k, splitAtCommas(text)); }},
      key.value);
}

Text assignList(const ListKey& key, const std::vector<std::string>& elements) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Text reason = key.rule(elements[i]);
    if (reason.empty()) continue;
    const std::string place = std::to_string(i + 1);
    return {"第 " + place + " 项" + reason.zh, "element " + place + " " + reason.en};
  }
  *key.target = elements;
  return {};
}

std::string written(const Key& key) {
  return std::visit(
      Overloaded{[](const IntegerKey& k) {
                   return std::visit([](const auto* target) { return std::to_string(*target); },
                                     k.target);
                 },
                 [](const NumberKey& k) { return plain(*k.target); },
                 [](const FlagKey& k) { return std::string{*k.target ? "true" : "false"}; },
                 [](const TextKey& k) { return quoted(*k.target); },
                 [](const LanguageKey& k) {
                   return std::string{*k.target == Language::kEn ? "en" : "zh"};
                 },
                 [](const ListKey& k) {
                   std::string list = "[";
                   for (const auto& element : *k.target)
                     list += (list.size() > 1 ? ", " : "") + quoted(element);
                   return list + "]";
                 }},
      key.value);
}

}  // namespace oscar::settings
