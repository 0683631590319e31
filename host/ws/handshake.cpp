#include "ws/handshake.hpp"

#include "domain/error.hpp"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace oscar::ws {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kTokenPrefix = "bearer.";

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view header(const ports::UpgradeRequest& request, const std::string& name) {
  const auto it = request.headers.find(name);
  return it == request.headers.end() ? std::string_view{} : std::string_view{it->second};
}

std::vector<std::string_view> listOf(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) items.push_back(item);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return items;
}

/// 16 bytes in base64: 22 characters and two `=`.
bool isKey(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2,
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; });
}

[[noreturn]] void refuse(const Text& what) {
  throw ServiceError{
      ErrorCode::kBadRequest,
      {"WebSocket 握手无效：" + what.zh + "。", "Bad WebSocket handshake: " + what.en + "."}};
}

}  // namespace

void checkHandshake(const ports::UpgradeRequest& request) {
  bool upgrades = false;
  for (const std::string_view option : listOf(header(request, "connection"))) {
    upgrades = upgrades || lower(option) == "upgrade";
  }
  if (!upgrades) refuse({"缺少 Connection: Upgrade", "Connection: Upgrade is missing"});
  if (lower(header(request, "upgrade")) != "websocket") {
    refuse({"缺少 Upgrade: websocket", "Upgrade: websocket is missing"});
  }
  if (header(request, "sec-websocket-version") != "13") {
    refuse({"只支持版本 13", "only version 13 is supported"});
  }
  if (!isKey(header(request, "sec-websocket-key"))) {
    refuse(
        {"Sec-WebSocket-Key 不是 16 字节的 base64", "Sec-WebSocket-Key is not 16 bytes in base64"});
  }
}

std::string acceptKey(std::string_view client_key) {
  Poco::SHA1Engine sha1;
  sha1.update(client_key.data(), static_cast<unsigned>(client_key.size()));
  sha1.update(kMagic.data(), static_cast<unsigned>(kMagic.size()));
  const auto& digest = sha1.digest();
  std::ostringstream out;
  Poco::Base64Encoder encoder{out};
  encoder.write(reinterpret_cast<const char*>(digest.data()),
                static_cast<std::streamsize>(digest.size()));
  encoder.close();
  return out.str();
}

std::string offeredToken(const ports::UpgradeRequest& request) {
  for (const std::string_view item : listOf(header(request, "sec-websocket-protocol"))) {
    if (item.starts_with(kTokenPrefix)) return std::string{item.substr(kTokenPrefix.size())};
  }
  const std::string_view authorization = header(request, "authorization");
  if (lower(authorization.substr(0, 7)) == "bearer ") return std::string{authorization.substr(7)};
  return {};
}

bool offersSubprotocol(const ports::UpgradeRequest& request) {
  const auto offered = listOf(header(request, "sec-websocket-protocol"));
  return std::find(offered.begin(), offered.end(), kSubprotocol) != offered.end();
}

bool originAllowed(const ports::UpgradeRequest& request,
                   const std::vector<std::string>& allowed_origins) {
  const std::string origin = lower(header(request, "origin"));
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  if (scheme_end != std::string::npos &&
      origin.substr(scheme_end + 3) == lower(header(request, "host"))) {
    return true;
  }
  return std::any_of(allowed_origins.begin(), allowed_origins.end(),
                     [&](const std::string& allowed) { return lower(allowed) == origin; });
}

}  // namespace oscar::ws
