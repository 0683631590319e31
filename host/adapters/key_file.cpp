#include "adapters/key_file.hpp"

#include "adapters/encoding.hpp"
#include "domain/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace oscar::adapters {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxFileBytes = 16384;

[[noreturn]] void refuse(const std::string& zh, const std::string& en) {
  throw ServiceError{ErrorCode::kInternal, Text{zh, en}};
}

[[noreturn]] void refuseErrno(const std::string& path, int error) {
  const std::string reason = std::strerror(error);
  refuse("密钥文件 " + path + " 无法使用：" + reason + "。请检查数据目录及其权限",
         "Key file " + path + " cannot be used: " + reason +
             ". Check the data folder and its permissions");
}

class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void checkOwnership(const std::string& path, const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) {
    refuse("密钥文件 " + path + " 不是普通文件", "Key file " + path + " is not a regular file");
  }
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    refuse("密钥文件 " + path + " 属于其他用户。请把它的所有者改为运行 Oscar 的用户",
           "Key file " + path + " belongs to another user. Make the user who runs Oscar its owner");
  }
  if ((facts.st_mode & 077) != 0) {
    refuse("密钥文件 " + path + " 可被其他用户访问。请执行 chmod 600，并考虑更换密钥",
           "Key file " + path +
               " is accessible to other users. Run chmod 600 on it, and consider the key known");
  }
}

std::string readAll(const std::string& path, int descriptor) {
  std::string text;
  char buffer[512];
  while (text.size() <= kMaxFileBytes) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got == 0) return text;
    if (got < 0 && errno != EINTR) refuseErrno(path, errno);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
  }
  wipe(text);
  refuse("密钥文件 " + path + " 过大", "Key file " + path + " is too large");
}

void writeAll(const std::string& path, int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno != EINTR) refuseErrno(path, errno);
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(descriptor) != 0) refuseErrno(path, errno);
}

void syncFolderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File handle{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (handle.get() >= 0) ::fsync(handle.get());
}

/// Writes a new key beside `path` and links it into place: link() is the atomic "create only if
/// absent" that also never shows a half-written file.
void createKeyFile(const std::string& path) {
  const std::string draft = path + ".new." + toHex(randomBytes(8));
  {
    const File handle{
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (handle.get() < 0) refuseErrno(path, errno);
    std::string key = randomBytes(kKeyBytes);
    std::string text = toHex(key) + "\n";
    wipe(key);
    writeAll(path, handle.get(), text);
    wipe(text);
  }
  const int linked = ::link(draft.c_str(), path.c_str());
  const int error = errno;
  ::unlink(draft.c_str());
  if (linked != 0 && error != EEXIST) refuseErrno(path, error);
  syncFolderOf(path);
}

/// Splits at commas and line ends, trims blanks, drops empty parts.
std::vector<Secret> splitKeys(const std::string& text) {
  std::vector<Secret> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    std::size_t end = text.find_first_of(",\r\n", start);
    if (end == std::string::npos) end = text.size();
    std::size_t from = start;
    std::size_t to = end;
    while (from < to && (text[from] == ' ' || text[from] == '\t')) ++from;
    while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\t')) --to;
    if (to > from) parts.emplace_back(text.substr(from, to - from));
    start = end + 1;
  }
  return parts;
}

void appendKeys(std::vector<Secret>& keys, const Secret& text, const std::string& source) {
  const std::vector<Secret> parts = splitKeys(text.reveal());
  if (parts.empty()) {
    refuse(source + " 中没有密钥", source + " holds no key");
  }
  for (const Secret& part : parts) {
    std::optional<Secret> key = parseKey32(part.reveal());
    if (!key) {
      refuse(source + " 中的密钥格式不正确：应为 32 字节，以 64 位十六进制或 base64 书写",
             source +
                 " holds a malformed key: expected 32 bytes, written as 64 hexadecimal "
                 "digits or as base64");
    }
    keys.push_back(std::move(*key));
  }
}

}  // namespace

std::optional<Secret> readKeyFile(const std::string& path) {
  const File handle{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  if (handle.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    refuseErrno(path, errno);
  }
  struct stat facts {};
  if (::fstat(handle.get(), &facts) != 0) refuseErrno(path, errno);
  checkOwnership(path, facts);
  return Secret{readAll(path, handle.get())};
}

Secret loadOrCreateKeyFile(const std::string& path) {
  if (auto existing = readKeyFile(path)) return std::move(*existing);
  createKeyFile(path);
  if (auto created = readKeyFile(path)) return std::move(*created);
  refuseErrno(path, ENOENT);
}

std::optional<Secret> parseKey32(const std::string& text) {
  std::optional<std::string> bytes;
  if (text.size() == 2 * kKeyBytes) bytes = fromHex(text);
  if (!bytes && text.size() == 44) bytes = fromBase64(text);
  if (!bytes || bytes->size() != kKeyBytes) return std::nullopt;
  return Secret{std::move(*bytes)};
}

std::vector<Secret> loadMasterKeys(const std::string& data_dir,
                                   const std::optional<Secret>& environment) {
  std::vector<Secret> keys;
  const std::string path = data_dir + "/master.key";
  if (environment) {
    appendKeys(keys, *environment, "OSCAR_MASTER_KEY");
    if (const auto text = readKeyFile(path)) appendKeys(keys, *text, path);
  } else {
    appendKeys(keys, loadOrCreateKeyFile(path), path);
  }
  return keys;
}

Secret loadTokenKey(const std::string& data_dir, const std::optional<Secret>& environment) {
  constexpr std::size_t kMinBytes = 32;
  if (environment) {
    if (environment->reveal().size() < kMinBytes) {
      refuse("OSCAR_JWT_SECRET 太短：至少需要 32 字节",
             "OSCAR_JWT_SECRET is too short: at least 32 bytes are needed");
    }
    return *environment;
  }
  const std::string path = data_dir + "/jwt.key";
  const std::vector<Secret> lines = splitKeys(loadOrCreateKeyFile(path).reveal());
  if (lines.size() != 1 || lines.front().reveal().size() < kMinBytes) {
    refuse("密钥文件 " + path + " 应只有一行，且至少 32 字节",
           "Key file " + path + " must hold one line of at least 32 bytes");
  }
  return lines.front();
}

}  // namespace oscar::adapters
