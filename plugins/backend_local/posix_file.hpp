#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

namespace oscar::backend_local {

/// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_{fd} {}
  UniqueFd(UniqueFd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// `open` with O_CLOEXEC; invalid, with errno set, when it fails.
UniqueFd openFile(const std::string& path, int flags, mode_t mode = 0600);

/// The content of a regular file of at most `limit` bytes; nullopt when it is absent, longer or
/// cannot be read.
std::optional<std::string> readFile(const std::string& path, std::size_t limit);

/// Writes all bytes, going on after signals and short writes. False with errno set on failure.
bool writeAll(int fd, std::string_view bytes);

/// Replaces `path` in one step: readers see the old file or the whole new one, also after a crash.
/// The temporary file is `path` + `suffix`; writers that may come at once need different ones.
/// False with errno set on failure.
bool writeFileAtomically(const std::string& path, std::string_view content, mode_t mode,
                         const std::string& suffix = ".tmp");

/// Takes an exclusive lock that lasts until `fd` and what fork made of it are closed. False with
/// errno set when somebody holds one.
bool tryLock(int fd);

/// Whether somebody holds a lock on the file, without taking it for a moment.
bool isLocked(int fd);

/// Whether something of that name exists (a dangling symbolic link does).
bool exists(const std::string& path);

/// The system's words for an errno value.
std::string errorText(int error);

}  // namespace oscar::backend_local
