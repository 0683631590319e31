#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The frames of RFC 6455, without any socket. Our own, because Poco's reads block inside a frame:
/// one client that sends half of one would stall every viewer.
namespace oscar::ws {

/// Close codes of RFC 6455 §7.4.1 that we send.
namespace close_code {
inline constexpr int kNormal = 1000;
inline constexpr int kGoingAway = 1001;
inline constexpr int kProtocolError = 1002;
inline constexpr int kUnsupported = 1003;
inline constexpr int kBadText = 1007;
inline constexpr int kPolicy = 1008;
inline constexpr int kTooBig = 1009;
inline constexpr int kInternal = 1011;
}  // namespace close_code

/// One complete message or control frame from a client.
struct Message {
  enum class Kind { kText = 1, kBinary, kPing, kPong, kClose };
  Kind kind = Kind::kText;
  std::string payload;  ///< of a close frame: the reason
  int code = 0;         ///< of a close frame; 1005 when it carries none
};

/// Why the connection must end, and the close code that says so.
struct ProtocolError {
  int code = 0;
  std::string reason;
};

/// Turns a client's bytes into messages. Every rule that a server must enforce is enforced: masks,
/// reserved bits and opcodes, shortest length, control frames, fragmentation, UTF-8, sizes.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::size_t max_message_bytes);

  void feed(std::string_view bytes);
  /// The next message; nullopt when more bytes are needed or after an error, see error().
  std::optional<Message> next();
  const std::optional<ProtocolError>& error() const { return error_; }

 private:
  struct Header {
    bool fin = false;
    std::uint8_t opcode = 0;
    std::uint64_t length = 0;
    std::size_t size = 0;  ///< of the header with its mask
    std::uint8_t mask[4] = {};
  };

  std::optional<Header> readHeader();
  bool acceptable(const Header& header);
  std::string takePayload(const Header& header);
  std::optional<Message> control(const Header& header, std::string payload);
  std::optional<Message> data(const Header& header, std::string payload);
  std::nullopt_t fail(int code, std::string reason);

  std::size_t max_message_bytes_;
  std::string buffer_;
  std::size_t at_ = 0;               ///< first byte of buffer_ that is not consumed
  std::optional<Message> fragment_;  ///< the message whose end has not come yet
  std::optional<ProtocolError> error_;
};

/// Server frames: never masked, never fragmented.
std::string textFrame(std::string_view payload);
std::string pingFrame(std::string_view payload);
std::string pongFrame(std::string_view payload);
/// `reason` is cut to what a control frame can hold (123 bytes, at a character's edge).
std::string closeFrame(int code, std::string_view reason);

}  // namespace oscar::ws
