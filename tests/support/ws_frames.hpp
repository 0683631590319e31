#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oscar::test {

/// A masked frame as a client sends it.
inline std::string clientFrame(int opcode, std::string_view payload, bool fin = true) {
  std::string out;
  out += static_cast<char>((fin ? 0x80 : 0) | opcode);
  const std::size_t size = payload.size();
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(size >> 8);
    out += static_cast<char>(size & 0xFF);
  }
  constexpr char kMask[4] = {0x12, 0x34, 0x56, 0x78};
  out.append(kMask, 4);
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
  return out;
}

/// A frame as the server sends it.
struct ServerFrame {
  int opcode = 0;
  std::string payload;
  int closeCode() const {
    return static_cast<std::uint8_t>(payload.at(0)) << 8 | static_cast<std::uint8_t>(payload.at(1));
  }
};

/// Takes one frame off the front of `bytes`; nullopt when it is not complete.
inline std::optional<ServerFrame> takeServerFrame(std::string& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i]));
  };
  std::uint64_t length = byte(1) & 0x7F;
  std::size_t header = 2;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < header + extra) return std::nullopt;
  if (extra > 0) length = 0;
  for (std::size_t i = 0; i < extra; ++i) length = length << 8 | byte(header + i);
  header += extra;
  if (bytes.size() < header + length) return std::nullopt;
  ServerFrame frame{static_cast<int>(byte(0) & 0x0F),
                    bytes.substr(header, static_cast<std::size_t>(length))};
  bytes.erase(0, header + static_cast<std::size_t>(length));
  return frame;
}

}  // namespace oscar::test
