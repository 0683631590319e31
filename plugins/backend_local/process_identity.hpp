#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace oscar::backend_local {

/// A process that is never mistaken for another one that got the same pid later, not even after a
/// reboot.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot: field 22 of /proc/<pid>/stat
  std::string boot_id;           ///< /proc/sys/kernel/random/boot_id

  /// The identity of a live process; nullopt when there is none of that pid.
  static std::optional<ProcessIdentity> of(pid_t pid);

  /// Reads what `toText` wrote; nullopt when it is anything else.
  static std::optional<ProcessIdentity> parse(std::string_view text);

  /// One line: `<pid> <start_time> <boot_id>`.
  std::string toText() const;

  /// Whether that very process still runs. A zombie does not.
  bool alive() const;

  /// Sends a signal to that very process. Returns 0, or an errno value: ESRCH when it is gone.
  int signal(int number) const;

  bool operator==(const ProcessIdentity&) const = default;
};

/// The id of this boot of the machine; empty when /proc does not tell.
std::string bootId();

}  // namespace oscar::backend_local
