#include "store/store_url.hpp"

#include "store/database.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <cctype>

namespace oscar::store {
namespace {

[[noreturn]] void refuse(const std::string& zh, const std::string& en) {
  throw StoreSetupError{{"store.url 无法使用：" + zh, "store.url cannot be used: " + en}};
}

/// Poco takes the connection as `key=value;...` without any quoting: what holds a `;` or begins or
/// ends with a space cannot be given to it, and could set other options.
bool passable(const std::string& text) {
  return text.find(';') == std::string::npos && text.find('\0') == std::string::npos &&
         (text.empty() || (!std::isspace(static_cast<unsigned char>(text.front())) &&
                           !std::isspace(static_cast<unsigned char>(text.back()))));
}

}  // namespace

std::optional<MysqlOptions> parseStoreUrl(const StoreSettings& settings) {
  if (settings.url.empty() || settings.url == "sqlite") return std::nullopt;
  Poco::URI uri;
  try {
    uri = settings.url;
  } catch (const Poco::Exception&) {
    refuse("应为 sqlite 或 mysql://用户@主机:端口/数据库",
           "write sqlite or mysql://user@host:port/database");
  }
  if (uri.getScheme() != "mysql" || uri.getHost().empty() || uri.getPath().size() < 2) {
    refuse("应为 sqlite 或 mysql://用户@主机:端口/数据库",
           "write sqlite or mysql://user@host:port/database");
  }
  MysqlOptions options;
  options.host = uri.getHost();
  options.port = uri.getPort() == 0 ? 3306 : uri.getPort();
  options.database = uri.getPath().substr(1);
  Poco::URI::decode(uri.getUserInfo(), options.user);
  options.password = settings.password;
  if (options.user.find(':') != std::string::npos) {
    refuse("不要把密码写在地址里，请用环境变量 OSCAR_STORE_PASSWORD",
           "keep the password out of it and set OSCAR_STORE_PASSWORD");
  }
  if (options.user.empty()) refuse("缺少用户名", "the user is missing");
  if (!passable(options.host) || !passable(options.user) || !passable(options.database)) {
    refuse("主机、用户和数据库名不能含有分号或首尾空格",
           "host, user and database must not hold a semicolon or begin or end with a space");
  }
  if (!passable(options.password)) {
    throw StoreSetupError{
        {"OSCAR_STORE_PASSWORD 不能含有分号或首尾空格（数据库驱动无法传递），请更换该账号的密码",
         "OSCAR_STORE_PASSWORD must not hold a semicolon or begin or end with a space (the driver "
         "cannot pass it); give that account another password"}};
  }
  return options;
}

}  // namespace oscar::store
