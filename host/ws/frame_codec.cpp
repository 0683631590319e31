#include "ws/frame_codec.hpp"

#include "json/utf8.hpp"

namespace oscar::ws {
namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;
constexpr std::size_t kMaxControl = 125;
constexpr int kNoCode = 1005;

bool isControl(std::uint8_t opcode) {
  return (opcode & 0x8) != 0;
}

bool isKnown(std::uint8_t opcode) {
  return opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
}

/// RFC 6455 §7.4: what an endpoint may put into a close frame.
bool mayBeSent(int code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

std::string frame(std::uint8_t opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  out += static_cast<char>(0x80 | opcode);
  const std::uint64_t size = payload.size();
  int length_bytes = 0;
  if (size < 126) {
    out += static_cast<char>(size);
  } else if (size <= 0xFFFF) {
    out += static_cast<char>(126);
    length_bytes = 2;
  } else {
    out += static_cast<char>(127);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>((size >> (8 * i)) & 0xFF);
  return out.append(payload);
}

}  // namespace

FrameDecoder::FrameDecoder(std::size_t max_message_bytes) : max_message_bytes_{max_message_bytes} {}

void FrameDecoder::feed(std::string_view bytes) {
  if (error_) return;
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_.append(bytes);
}

std::optional<Message> FrameDecoder::next() {
  while (!error_) {
    const auto header = readHeader();
    if (!header || !acceptable(*header)) return std::nullopt;
    if (buffer_.size() - at_ < header->size + header->length) return std::nullopt;
    std::string payload = takePayload(*header);
    auto message = isControl(header->opcode) ? control(*header, std::move(payload))
                                             : data(*header, std::move(payload));
    if (message) return message;
  }
  return std::nullopt;
}

std::optional<FrameDecoder::Header> FrameDecoder::readHeader() {
  const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(buffer_[at_ + i]); };
  const std::size_t have = buffer_.size() - at_;
  if (have < 2) return std::nullopt;
  Header header;
  header.fin = (byte(0) & 0x80) != 0;
  header.opcode = byte(0) & 0x0F;
  // Told by the first two bytes: refused before anything more is waited for.
  if ((byte(0) & 0x70) != 0) return fail(close_code::kProtocolError, "reserved bit set");
  if (!isKnown(header.opcode)) return fail(close_code::kProtocolError, "unknown opcode");
  if ((byte(1) & 0x80) == 0) return fail(close_code::kProtocolError, "frame is not masked");

  const std::uint8_t short_length = byte(1) & 0x7F;
  const std::size_t length_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  header.size = 2 + length_bytes + 4;
  if (have < header.size) return std::nullopt;
  header.length = short_length;
  if (length_bytes > 0) {
    header.length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) header.length = header.length << 8 | byte(2 + i);
    const std::uint64_t smallest = length_bytes == 2 ? 126 : 0x10000;
    if (header.length < smallest || header.length >> 63 != 0) {
      return fail(close_code::kProtocolError, "length is not written the shortest way");
    }
  }
  for (std::size_t i = 0; i < 4; ++i) header.mask[i] = byte(2 + length_bytes + i);
  return header;
}

bool FrameDecoder::acceptable(const Header& header) {
  if (isControl(header.opcode)) {
    if (!header.fin) fail(close_code::kProtocolError, "control frame is fragmented");
    if (header.length > kMaxControl) fail(close_code::kProtocolError, "control frame is too long");
    return !error_;
  }
  const bool continues = header.opcode == kContinuation;
  if (continues && !fragment_) fail(close_code::kProtocolError, "nothing to continue");
  if (!continues && fragment_) fail(close_code::kProtocolError, "message begins inside another");
  const std::size_t before = fragment_ ? fragment_->payload.size() : 0;
  if (header.length > max_message_bytes_ || before + header.length > max_message_bytes_) {
    fail(close_code::kTooBig, "message is too big");
  }
  return !error_;
}

std::string FrameDecoder::takePayload(const Header& header) {
  const auto length = static_cast<std::size_t>(header.length);
  std::string payload = buffer_.substr(at_ + header.size, length);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ header.mask[i % 4]);
  }
  at_ += header.size + length;
  return payload;
}

std::optional<Message> FrameDecoder::control(const Header& header, std::string payload) {
  if (header.opcode == kPing) return Message{Message::Kind::kPing, std::move(payload), 0};
  if (header.opcode == kPong) return Message{Message::Kind::kPong, std::move(payload), 0};
  if (payload.empty()) return Message{Message::Kind::kClose, {}, kNoCode};
  if (payload.size() == 1) return fail(close_code::kProtocolError, "close code is cut off");
  const int code =
      static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]);
  if (!mayBeSent(code)) return fail(close_code::kProtocolError, "close code is not allowed");
  payload.erase(0, 2);
  if (!json::isUtf8(payload)) return fail(close_code::kBadText, "close reason is not UTF-8");
  return Message{Message::Kind::kClose, std::move(payload), code};
}

std::optional<Message> FrameDecoder::data(const Header& header, std::string payload) {
  if (header.opcode == kContinuation) {
    fragment_->payload.append(payload);
  } else {
    const auto kind = header.opcode == kText ? Message::Kind::kText : Message::Kind::kBinary;
    fragment_ = Message{kind, std::move(payload), 0};
  }
  if (!header.fin) return std::nullopt;
  Message message = std::move(*fragment_);
  fragment_.reset();
  if (message.kind == Message::Kind::kText && !json::isUtf8(message.payload)) {
    return fail(close_code::kBadText, "text is not UTF-8");
  }
  return message;
}

std::nullopt_t FrameDecoder::fail(int code, std::string reason) {
  if (!error_) error_ = ProtocolError{code, std::move(reason)};
  buffer_.clear();
  at_ = 0;
  return std::nullopt;
}

std::string textFrame(std::string_view payload) {
  return frame(kText, payload);
}

std::string pingFrame(std::string_view payload) {
  return frame(kPing, payload.substr(0, kMaxControl));
}

std::string pongFrame(std::string_view payload) {
  return frame(kPong, payload.substr(0, kMaxControl));
}

std::string closeFrame(int code, std::string_view reason) {
  std::size_t length = reason.size() < kMaxControl - 2 ? reason.size() : kMaxControl - 2;
  while (length > 0 && length < reason.size() && (reason[length] & 0xC0) == 0x80) --length;
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return frame(kClose, payload.append(reason.substr(0, length)));
}

}  // namespace oscar::ws
