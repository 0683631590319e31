#pragma once

#include "oscar/sdk/status.hpp"

#include <string_view>

namespace oscar::sdk {

/// Takes chat messages from a transport that holds its own connection to the vendor. Host-owned.
class InboundSink {
 public:
  /// `message` is an inbound message document. Returns true when the host has stored it (or had it
  /// already, by its dedupe key): only then may the transport acknowledge it to the vendor. False:
  /// the host cannot store it now; do not acknowledge, so that the vendor repeats it.
  virtual bool accept(std::string_view message) = 0;

 protected:
  ~InboundSink() = default;
};

/// Moves chat messages between a vendor's platform and Oscar. It knows the vendor's signatures,
/// encryption and message forms, and nothing about commands, users or rights.
///
/// Several threads may call at once. JSON documents are described by sdk/README.md ("Chat
/// documents"). `error` receives an English sentence when the status is not kOk; it goes to the log
/// only, never to the caller of a callback. Nothing may throw.
class ChatTransport {
 public:
  static constexpr const char* kInterfaceId = "oscar.ChatTransport/1";

  /// Can messages be sent and received now? Writes {"ready", "reason", "remedy"}.
  virtual Status probe(TextSink& report, TextSink& error) = 0;

  /// Verifies and decodes one callback of the vendor. `request` is {"method", "path", "query",
  /// "headers", "remote_address"}; `body` is the raw request body (any bytes, at most 1 MiB).
  /// Writes the HTTP answer to `reply` ({"status", "content_type", "body"}) and, when the callback
  /// carries something for Oscar, one inbound message to `message`. The host stores the message
  /// before it sends the reply. Must not block: vendors wait for one second. kRefused for a wrong
  /// signature, a replay or a malformed request (`reply` may stay empty: the host answers 403).
  virtual Status receive(std::string_view request, std::string_view body, TextSink& reply,
                         TextSink& message, TextSink& error) = 0;

  /// Keeps a long connection to the vendor, if this transport is configured for one, and delivers
  /// what arrives to `inbox` until `stop`; reconnects by itself. Returns kRefused at once when it
  /// works by callbacks only. Called on a thread of its own.
  virtual Status listen(InboundSink& inbox, const StopToken& stop, TextSink& error) = 0;

  /// Sends one outbound message. Same result document and status rules as Notifier::send;
  /// "message_id" in it is what `update` takes.
  virtual Status send(std::string_view message, const StopToken& stop, TextSink& result,
                      TextSink& error) = 0;

  /// Replaces a message sent before (a card whose buttons must disappear, a progress line).
  /// kRefused when the platform cannot do that; the host then sends a new message.
  virtual Status update(std::string_view message_id, std::string_view message,
                        const StopToken& stop, TextSink& result, TextSink& error) = 0;

 protected:
  ~ChatTransport() = default;
};

}  // namespace oscar::sdk
