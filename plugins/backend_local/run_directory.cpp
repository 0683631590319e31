#include "run_directory.hpp"

#include "documents.hpp"
#include "posix_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace oscar::backend_local {
namespace {

constexpr std::string_view kPlaceholder = "{run_dir}";
constexpr std::array<std::string_view, 4> kControls = {"pause", "stop", "hold-cutover",
                                                       "chunk-time"};
constexpr std::array<std::string_view, 6> kOwnNames = {"argv", "control", "output.log",
                                                       "pid",  "exit",    "lock"};

[[noreturn]] void fail(const std::string& what, int error) {
  throw RunDirectoryError{what + ": " + errorText(error)};
}

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool isPlainFileName(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= kLongest && name[0] != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

void checkFileName(const std::string& name) {
  const bool temporary = name.size() > 4 && name.compare(name.size() - 4, 4, ".tmp") == 0;
  if (!isPlainFileName(name) || temporary) {
    throw RunDirectoryError{"a file of the run has a name that is no plain file name"};
  }
  if (contains(kOwnNames, name)) {
    throw RunDirectoryError{"the file name '" + name + "' is the run directory's own"};
  }
}

/// Digits with at most one point, greater than 0: what the observer reads.
bool isChunkTime(std::string_view value) {
  constexpr std::size_t kLongest = 13;
  return !value.empty() && value.size() <= kLongest &&
         value.find_first_not_of("0123456789.") == std::string_view::npos && value.front() != '.' &&
         value.back() != '.' && std::count(value.begin(), value.end(), '.') <= 1 &&
         value.find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

bool isRunId(std::string_view id) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (id.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool hex = (id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f');
    if (kShape[i] == 'x' ? !hex : id[i] != '-') return false;
  }
  return true;
}

RunDirectory::RunDirectory(const std::string& run_root, std::string_view run_id)
    : path_{run_root + '/' + std::string{run_id}},
      removed_path_{run_root + "/.removed-" + std::string{run_id}} {}

bool RunDirectory::exists() const {
  struct stat facts {};
  return ::lstat(path_.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

void RunDirectory::create(const RunSpec& spec) const {
  for (const RunFile& file : spec.files) checkFileName(file.name);
  const std::string root = std::filesystem::path{path_}.parent_path();
  if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make " + root, errno);
  if (::mkdir(path_.c_str(), 0700) != 0) fail("cannot make " + path_, errno);
  try {
    fill(spec);
  } catch (...) {
    remove();
    throw;
  }
}

void RunDirectory::fill(const RunSpec& spec) const {
  if (::mkdir(file("control").c_str(), 0700) != 0) fail("cannot make control", errno);
  for (const RunFile& run_file : spec.files) {
    const std::string content =
        run_file.expand_run_dir ? expand(run_file.content, false) : run_file.content;
    if (!writeFileAtomically(file(run_file.name), content, run_file.mode & 0700)) {
      fail("cannot write " + run_file.name, errno);
    }
  }
  std::string arguments;
  for (const std::string& argument : spec.argv) arguments += expand(argument, true) + '\0';
  if (!writeFileAtomically(file("argv"), arguments, 0600)) fail("cannot write argv", errno);
}

std::string RunDirectory::expand(std::string_view text, bool all) const {
  std::string result;
  for (;;) {
    const std::size_t at = text.find(kPlaceholder);
    if (at == std::string_view::npos) break;
    result.append(text.substr(0, at)).append(path_);
    text.remove_prefix(at + kPlaceholder.size());
    if (!all) break;
  }
  return result.append(text);
}

std::optional<ProcessIdentity> RunDirectory::tool() const {
  constexpr std::size_t kLimit = 256;
  const auto text = readFile(file("pid"), kLimit);
  return text ? ProcessIdentity::parse(*text) : std::nullopt;
}

bool RunDirectory::runnerLives() const {
  const UniqueFd lock = openFile(file("lock"), O_RDWR | O_NOFOLLOW);
  return lock.valid() && isLocked(lock.get());
}

bool RunDirectory::keepRunnersOut(UniqueFd& lock) const {
  lock = openFile(file("lock"), O_RDWR | O_CREAT | O_NOFOLLOW);
  if (!lock.valid()) fail("cannot open lock", errno);
  return tryLock(lock.get());
}

std::optional<RunStatus> RunDirectory::recordedEnd() const {
  constexpr std::size_t kLimit = 4096;
  const auto text = readFile(file("exit"), kLimit);
  if (!text) return std::nullopt;
  // A record that cannot be read still says that the run is over, only not how.
  return parseExitRecord(*text).value_or(RunStatus{RunStatus::State::kLost, {}, {}, {}});
}

RunStatus RunDirectory::status() const {
  if (const auto end = recordedEnd()) return *end;
  const auto process = tool();
  if (process && process->alive()) return {};
  // The tool is gone, or never came; a living runner is about to write either file.
  if (runnerLives()) return {};
  // It may have written the record and ended between the first look and now.
  return recordedEnd().value_or(RunStatus{RunStatus::State::kLost, {}, {}, {}});
}

void RunDirectory::setControl(std::string_view name, std::string_view value) const {
  if (!contains(kControls, name)) throw RunDirectoryError{"there is no such control"};
  if (name == "chunk-time" && !isChunkTime(value)) {
    throw RunDirectoryError{"chunk-time needs a number of seconds greater than 0"};
  }
  const std::string content = name == "chunk-time" ? std::string{value} + '\n' : std::string{};
  const std::string suffix = ".tmp" + std::to_string(::gettid());  // two requests may come at once
  if (!writeFileAtomically(file("control/") + std::string{name}, content, 0600, suffix)) {
    fail("cannot set " + std::string{name}, errno);
  }
}

void RunDirectory::clearControl(std::string_view name) const {
  if (!contains(kControls, name)) throw RunDirectoryError{"there is no such control"};
  const std::string target = file("control/") + std::string{name};
  if (::unlink(target.c_str()) != 0 && errno != ENOENT) {
    fail("cannot clear " + std::string{name}, errno);
  }
}

void RunDirectory::remove() const {
  std::error_code error;
  std::filesystem::remove_all(removed_path_, error);  // of an attempt that did not end
  // Renamed first: from the outside the directory is there as a whole or not at all.
  if (::rename(path_.c_str(), removed_path_.c_str()) != 0) fail("cannot remove " + path_, errno);
  std::filesystem::remove_all(removed_path_, error);
  if (error) throw RunDirectoryError{"cannot remove " + removed_path_ + ": " + error.message()};
}

}  // namespace oscar::backend_local
