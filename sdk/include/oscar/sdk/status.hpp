#pragma once

#include "oscar/sdk/plugin_abi.h"

#include <cstdint>
#include <string_view>

namespace oscar::sdk {

/// Outcome of a plugin call. The text that explains a failure goes to the call's error sink.
enum class Status : std::int32_t {
  kOk = 1,
  kNotFound = 2,     ///< the handle names nothing that exists
  kUnavailable = 3,  ///< cannot now, may work later (connection refused, host down)
  kRefused = 4,      ///< will not work until somebody changes something (bad configuration)
  kTooLate = 5,      ///< the run has passed the point where this was possible
  kInternal = 6,     ///< a defect, or an exception caught by the thunks
};

/// Receives text from a plugin during one call. Host-owned; never kept after the call returns.
class TextSink {
 public:
  /// Appends; may be called often. A call that writes more than the host takes counts as failed.
  virtual void write(std::string_view text) = 0;

 protected:
  ~TextSink() = default;
};

/// Tells a blocking call to return soon. Host-owned, valid for the call; polled at least every 250
/// ms.
class StopToken {
 public:
  /// Never blocks. Any thread; once true it stays true.
  virtual bool stopRequested() const = 0;

 protected:
  ~StopToken() = default;
};

}  // namespace oscar::sdk
