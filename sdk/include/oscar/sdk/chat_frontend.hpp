#pragma once

#include "oscar/sdk/status.hpp"

#include <string_view>

namespace oscar::sdk {

/// Takes the answers of a front end. Host-owned, valid during the call.
class ReplySink {
 public:
  /// `message` is an outbound message document without "to": it goes to where the question came
  /// from. Each call is one chat message; the host queues them in order, within the platform's rate
  /// limits.
  virtual void reply(std::string_view message) = 0;

 protected:
  ~ReplySink() = default;
};

/// Understands chat commands: grammar, dialogue, answers. It acts through HostApi::call under the
/// rights of the person who wrote, so it can do nothing that this person could not do in the web
/// UI; it needs no knowledge of any chat platform.
///
/// Several threads may call at once, for different conversations; the messages of one conversation
/// come one after the other. JSON documents are described by sdk/README.md ("Chat documents").
/// `error` receives an English sentence when the status is not kOk. Nothing may throw.
class ChatFrontend {
 public:
  static constexpr const char* kInterfaceId = "oscar.ChatFrontend/1";

  /// Handles one message or button click. `message` is the inbound message document plus
  /// "principal" (the user id to call the host with, null for a person whose chat account is not
  /// bound to a user), "language" ("zh" | "en") and "allowed" (the command classes that this
  /// conversation allows). May take several seconds; polls `stop`. A message that is not for Oscar
  /// gets no reply and kOk.
  virtual Status handle(std::string_view message, ReplySink& replies, const StopToken& stop,
                        TextSink& error) = 0;

  /// Writes the commands it understands, for help pages and for the rights of a conversation:
  /// {"commands": [{"name", "aliases", "class": "read" | "subscribe" | "mild" | "dangerous",
  /// "usage": {"zh", "en"}}]}.
  virtual Status describe(TextSink& commands, TextSink& error) = 0;

 protected:
  ~ChatFrontend() = default;
};

}  // namespace oscar::sdk
