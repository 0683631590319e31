#include "process_identity.hpp"

#include "posix_file.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <vector>

// glibc 2.36 declares these without saying that they are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace oscar::backend_local {
namespace {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \n", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The start time of a process that runs; nullopt when it is gone or a zombie.
std::optional<std::uint64_t> startTime(pid_t pid) {
  constexpr std::size_t kStatLimit = 4096;
  const auto stat = readFile("/proc/" + std::to_string(pid) + "/stat", kStatLimit);
  if (!stat) return std::nullopt;
  // The name of the program stands in parentheses and may itself hold any character.
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = words(std::string_view{*stat}.substr(name_end + 1));
  constexpr std::size_t kState = 0;
  constexpr std::size_t kStartTime = 22 - 3;  // field 3, the state, is the first after the name
  if (fields.size() <= kStartTime) return std::nullopt;
  if (fields[kState] == "Z" || fields[kState] == "X") return std::nullopt;
  return number<std::uint64_t>(fields[kStartTime]);
}

}  // namespace

std::string bootId() {
  constexpr std::size_t kLimit = 128;
  const auto text = readFile("/proc/sys/kernel/random/boot_id", kLimit);
  const auto found = text ? words(*text) : std::vector<std::string_view>{};
  return found.size() == 1 ? std::string{found[0]} : std::string{};
}

std::optional<ProcessIdentity> ProcessIdentity::of(pid_t pid) {
  const auto start_time = startTime(pid);
  if (!start_time) return std::nullopt;
  return ProcessIdentity{pid, *start_time, bootId()};
}

std::optional<ProcessIdentity> ProcessIdentity::parse(std::string_view text) {
  const auto fields = words(text);
  if (fields.size() != 3 || text.empty() || text.back() != '\n') return std::nullopt;
  const auto pid = number<pid_t>(fields[0]);
  const auto start_time = number<std::uint64_t>(fields[1]);
  if (!pid || *pid <= 1 || !start_time) return std::nullopt;
  return ProcessIdentity{*pid, *start_time, std::string{fields[2]}};
}

std::string ProcessIdentity::toText() const {
  return std::to_string(pid) + ' ' + std::to_string(start_time) + ' ' + boot_id + '\n';
}

bool ProcessIdentity::alive() const {
  return startTime(pid) == start_time && bootId() == boot_id;
}

int ProcessIdentity::signal(int number) const {
  // The descriptor pins the process first; only then is it certain whose start time is compared.
  const UniqueFd process{::pidfd_open(pid, 0)};
  if (!process.valid()) return errno;
  if (!alive()) return ESRCH;
  return ::pidfd_send_signal(process.get(), number, nullptr, 0) == 0 ? 0 : errno;
}

}  // namespace oscar::backend_local
