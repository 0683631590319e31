#pragma once

#include "oscar/sdk/status.hpp"

#include <string_view>

namespace oscar::sdk {

/// Delivers messages over one channel: e-mail, a WeCom or DingTalk group, whatever a team uses.
///
/// The host decides what to send, when, at which rate, and repeats what failed for a while; a
/// notifier renders the message for its channel, delivers it once and says how that went. Several
/// threads may call at once. JSON documents are described by sdk/README.md ("Notifier documents").
/// `error` receives an English sentence when the status is not kOk. Nothing may throw.
class Notifier {
 public:
  static constexpr const char* kInterfaceId = "oscar.Notifier/1";

  /// Can this notifier deliver now? Checks what can be checked without sending a message to
  /// anybody. Writes {"ready", "reason", "remedy"}, also when not ready. Takes at most a few
  /// seconds.
  virtual Status probe(TextSink& report, TextSink& error) = 0;

  /// Writes what `send` would deliver, for the preview in the settings:
  /// {"content_type", "subject", "body"}. Delivers nothing.
  virtual Status render(std::string_view notification, TextSink& rendered, TextSink& error) = 0;

  /// Renders and delivers, once: no retries of its own. Polls `stop` while it waits for the network
  /// (kUnavailable when it gave up for that). kOk whenever it can classify the outcome; then
  /// `result` is {"outcome": "delivered" | "retry" | "permanent", "retry_after_ms", "message_id",
  /// "reason"}. Any other status counts as "retry".
  virtual Status send(std::string_view notification, const StopToken& stop, TextSink& result,
                      TextSink& error) = 0;

 protected:
  ~Notifier() = default;
};

}  // namespace oscar::sdk
