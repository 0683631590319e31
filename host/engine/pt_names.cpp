#include "engine/pt_names.hpp"

#include <algorithm>

namespace oscar::engine {
namespace {

constexpr int kMostUnderscores = 10;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxTriggerPrefix = 60;

bool isAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The server may keep names in lower case.
bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view firstBytes(std::string_view text, std::size_t count) {
  return text.substr(0, count);
}

std::string_view firstCharacters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && seen++ == count) break;
  }
  return text.substr(0, end);
}

bool isPrefixed(std::string_view name, std::string_view table, std::string_view ending) {
  std::string full = std::string{table}.append(ending);
  for (int i = 0; i < kMostUnderscores; ++i) {
    full.insert(0, 1, '_');
    if (same(name, firstBytes(full, kMaxName)) || same(name, firstCharacters(full, kMaxName))) {
      return true;
    }
  }
  return false;
}

/// `plain` tells what stays as it is.
template <typename Plain>
std::string triggerPrefix(std::string_view database, std::string_view table, Plain plain) {
  std::string prefix = "pt_osc_";
  prefix.append(database).append("_").append(table);
  for (char& c : prefix) {
    const bool word = c == '_' || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    if (!word && !plain(c)) c = '_';
  }
  return prefix;
}

std::vector<std::string> withEndings(std::string_view prefix) {
  std::vector<std::string> names;
  for (const char* ending : {"_del", "_upd", "_ins"}) {
    names.push_back(std::string{prefix} + ending);
  }
  return names;
}

}  // namespace

bool isNewTableName(std::string_view name, std::string_view table) {
  return isPrefixed(name, table, "_new");
}

bool isOldTableName(std::string_view name, std::string_view table) {
  return isPrefixed(name, table, "_old");
}

std::vector<std::string> triggerNames(std::string_view database, std::string_view table) {
  const std::string prefix = triggerPrefix(database, table, [](char) { return false; });
  return withEndings(firstBytes(prefix, kMaxTriggerPrefix));
}

bool isTriggerName(std::string_view name, std::string_view database, std::string_view table) {
  auto names = triggerNames(database, table);
  const std::string prefix = triggerPrefix(database, table, [](char c) { return !isAscii(c); });
  for (auto& other : withEndings(firstCharacters(prefix, kMaxTriggerPrefix))) {
    names.push_back(std::move(other));
  }
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& each) { return same(each, name); });
}

}  // namespace oscar::engine
