#include "ctl/session_file.hpp"

#include "ctl/ctl_error.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace oscar::ctl {

namespace fs = std::filesystem;

fs::path sessionPath() {
  if (const char* path = std::getenv("OSCAR_SESSION")) return path;
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0') {
    return fs::path{config} / "oscar" / "session.json";
  }
  const char* home = std::getenv("HOME");
  return fs::path{home == nullptr ? "." : home} / ".config" / "oscar" / "session.json";
}

std::optional<Session> loadSession() {
  std::ifstream in{sessionPath()};
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  json::FieldErrors errors;
  auto parsed = json::Reader::parse(text.str(), errors);
  if (!parsed) return std::nullopt;
  Session session{parsed.value().string("url").value_or(""),
                  parsed.value().string("token").value_or("")};
  if (session.url.empty()) return std::nullopt;
  return session;
}

void saveSession(const Session& session) {
  const fs::path path = sessionPath();
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const fs::path fresh = path.string() + ".new";
  fs::remove(fresh, ignored);
  json::Writer w;
  w.beginObject().field("url", session.url).field("token", session.token).endObject();
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && write(fd, w.text().data(), w.text().size()) ==
                                      static_cast<ssize_t>(w.text().size());
  const int reason = errno;
  if (fd >= 0) close(fd);
  if (!written || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const std::string file = path.string();
    throw CtlError{Exit::kFailed,
                   {"无法写入 " + file + "：" + std::strerror(reason),
                    "cannot write " + file + ": " + std::strerror(reason)}};
  }
}

void removeSession() {
  std::error_code ignored;
  fs::remove(sessionPath(), ignored);
}

}  // namespace oscar::ctl
