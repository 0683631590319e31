#include "adapters/innodb_names.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace oscar::adapters {
namespace {

constexpr std::size_t kCodeDigits = 4;

bool isKept(char c) {
  return static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0;
}

void appendUtf8(std::string& out, unsigned code) {
  const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

}  // namespace

std::string innodbNamePattern(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '_') {
      pattern += "\\_";
    } else if (isKept(c)) {
      pattern += c;
    } else if (!pattern.ends_with('%')) {
      pattern += '%';
    }
  }
  return pattern;
}

std::string plainInnodbName(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned code = 0;
    const std::string_view digits = name.substr(i + 1, kCodeDigits);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    const bool is_code = name[i] == '@' && digits.size() == kCodeDigits && problem == std::errc{} &&
                         end == digits.data() + kCodeDigits;
    if (is_code) {
      appendUtf8(plain, code);
      i += kCodeDigits;
    } else {
      plain += name[i];
    }
  }
  return plain;
}

bool isInnodbName(std::string_view name, const std::string& database, const std::string& table) {
  const std::string wanted = database + "/" + table;
  const auto same = [&](const std::string& text) {
    return text.size() == wanted.size() &&
           std::equal(text.begin(), text.end(), wanted.begin(), [](char a, char b) {
             return std::tolower(static_cast<unsigned char>(a)) ==
                    std::tolower(static_cast<unsigned char>(b));
           });
  };
  const std::string plain = plainInnodbName(name);
  return same(std::string{name}) || same(plain) || plain.find('@') != std::string::npos;
}

}  // namespace oscar::adapters
