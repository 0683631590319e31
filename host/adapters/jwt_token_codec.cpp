#include "adapters/jwt_token_codec.hpp"

#include <Poco/Exception.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <algorithm>
#include <stdexcept>

namespace oscar::adapters {
namespace {

constexpr std::size_t kMinKeyBytes = 32;
// Ours are about 300 bytes long. The header of a token is parsed before its signature is checked,
// so what a stranger may have parsed is bounded.
constexpr std::size_t kMaxTokenBytes = 2048;
constexpr const char* kIssuer = "oscar";

Poco::Timestamp toPoco(Timestamp time) {
  return Poco::Timestamp{static_cast<Poco::Timestamp::TimeVal>(toMillis(time)) * 1000};
}

/// base64url without padding and two dots: anything else is not ours and reaches no parser.
bool looksLikeToken(std::string_view token) {
  if (token.empty() || token.size() > kMaxTokenBytes) return false;
  if (std::count(token.begin(), token.end(), '.') != 2) return false;
  return std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace

JwtTokenCodec::JwtTokenCodec(Secret key) : key_{std::move(key)} {
  if (key_.reveal().size() < kMinKeyBytes) {
    throw std::invalid_argument{"JwtTokenCodec: the key is shorter than 32 bytes"};
  }
}

std::string JwtTokenCodec::issue(const Claims& claims) {
  Poco::JWT::Token token;
  token.setType("JWT");
  token.setIssuer(kIssuer);
  token.setSubject(claims.user_id);
  token.setId(claims.session_id);
  token.setExpiration(toPoco(claims.expires_at));
  const Poco::JWT::Signer signer{key_.reveal()};
  return signer.sign(token, Poco::JWT::Signer::ALGO_HS256);
}

std::optional<ports::TokenCodec::Claims> JwtTokenCodec::verify(std::string_view text) {
  if (!looksLikeToken(text)) return std::nullopt;
  try {
    Poco::JWT::Signer signer{key_.reveal()};
    signer.setAlgorithms({Poco::JWT::Signer::ALGO_HS256});
    const Poco::JWT::Token token = signer.verify(std::string{text});
    Claims claims;
    claims.session_id = token.getId();
    claims.user_id = token.getSubject();
    claims.expires_at = fromMillis(token.getExpiration().epochMicroseconds() / 1000);
    if (claims.session_id.empty() || claims.user_id.empty() || token.getIssuer() != kIssuer) {
      return std::nullopt;
    }
    return claims;
  } catch (const Poco::Exception&) {
    return std::nullopt;
  } catch (const std::exception&) {
    // Poco's JSON parser throws standard exceptions for some malformed texts.
    return std::nullopt;
  }
}

}  // namespace oscar::adapters
