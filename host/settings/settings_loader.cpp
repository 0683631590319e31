#include "settings/settings_loader.hpp"

#include "settings/keys.hpp"
#include "settings/nearest.hpp"
#include "settings/plugin_configuration.hpp"
#include "settings/values.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace oscar::settings {
namespace {

/// Walks the YAML tree beside the list of keys and collects what does not fit.
class YamlWalk {
 public:
  YamlWalk(Settings& settings, std::string source, std::vector<Problem>& problems)
      : settings_{settings},
        keys_{keysOf(settings)},
        source_{std::move(source)},
        problems_{problems} {}

  void section(const YAML::Node& node, const std::string& prefix) {
    if (node.IsNull()) return;  // `http:` with nothing below it, or an empty file
    if (!node.IsMap()) {
      add(prefix.empty() ? source_ : prefix, node,
          Text{"应为映射（键: 值）", "must be a map of keys"});
      return;
    }
    std::set<std::string> seen;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) {
        add(prefix.empty() ? source_ : prefix, member.first,
            Text{"键应为文本", "has a key that is not text"});
        continue;
      }
      const std::string path =
          prefix.empty() ? member.first.Scalar() : prefix + "." + member.first.Scalar();
      if (!seen.insert(path).second) {
        add(path, member.first, Text{"重复出现", "occurs twice"});
      } else {
        entry(member.second, member.first, path);
      }
    }
  }

 private:
  void entry(const YAML::Node& value, const YAML::Node& name, const std::string& path) {
    const auto key =
        std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return k.path == path; });
    if (key != keys_.end()) {
      leaf(*key, value, name);
    } else if (path == kPluginConfiguration) {
      settings_.plugins.configuration = readPluginConfiguration(value, problems_);
    } else if (isSection(path)) {
      section(value, path);
    } else {
      unknown(path, name);
    }
  }

  void leaf(const Key& key, const YAML::Node& value, const YAML::Node& name) {
    const std::string path{key.path};
    const auto* list = std::get_if<ListKey>(&key.value);
    if (value.IsNull()) {
      add(path, name,
          Text{"没有值；要使用默认值请删除该键",
               "has no value; to use the default, remove the key"});
    } else if (list != nullptr) {
      std::vector<std::string> elements;
      const bool flat = value.IsSequence() &&
                        std::all_of(value.begin(), value.end(),
                                    [](const YAML::Node& element) { return element.IsScalar(); });
      if (!flat) {
        add(path, value, Text{"应为文本列表", "must be a list of texts"});
        return;
      }
      for (const auto& element : value) elements.push_back(element.Scalar());
      addIfAny(path, value, assignList(*list, elements));
    } else if (!value.IsScalar()) {
      add(path, value, Text{"应为单个值", "must be a single value"});
    } else {
      addIfAny(path, value, assign(key, value.Scalar()));
    }
  }

  void unknown(const std::string& path, const YAML::Node& name) {
    if (path == "store.password") {
      add(path, name,
          Text{"密码不能写在配置文件中，请改用环境变量 OSCAR_STORE_PASSWORD",
               "a password does not belong in this file; set OSCAR_STORE_PASSWORD instead"});
      return;
    }
    std::vector<std::string> valid{std::string{kPluginConfiguration}};
    for (const Key& key : keys_) {
      valid.emplace_back(key.path);
      if (const auto dot = key.path.find('.'); dot != std::string_view::npos) {
        valid.emplace_back(key.path.substr(0, dot));
      }
    }
    const std::string guess = nearest(path, valid);
    Text reason{"没有这个配置项", "is not a known key"};
    if (!guess.empty()) {
      reason.zh += "，是否想写 " + guess + "？";
      reason.en += "; did you mean " + guess + "?";
    }
    add(path, name, reason);
  }

  bool isSection(const std::string& path) const {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const Key& key) { return key.path.starts_with(path + "."); });
  }

  void addIfAny(const std::string& path, const YAML::Node& node, const Text& reason) {
    if (!reason.empty()) add(path, node, reason);
  }

  void add(const std::string& path, const YAML::Node& node, Text reason) {
    const YAML::Mark mark = node.Mark();
    const std::string place = mark.is_null() ? "" : ":" + std::to_string(mark.line + 1);
    problems_.push_back({path + " (" + source_ + place + ")", std::move(reason)});
  }

  Settings& settings_;
  std::vector<Key> keys_;
  std::string source_;
  std::vector<Problem>& problems_;
};

void readYaml(Settings& settings, const std::string& yaml, const std::string& source,
              std::vector<Problem>& problems) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(yaml);
    if (documents.size() > 1) {
      problems.push_back(
          {source, Text{"只能包含一个 YAML 文档", "must hold one YAML document only"}});
    } else if (!documents.empty()) {
      YamlWalk{settings, source, problems}.section(documents.front(), "");
    }
  } catch (const YAML::Exception& error) {
    const std::string place = error.mark.is_null()
                                  ? source
                                  : source + ":" + std::to_string(error.mark.line + 1) + ":" +
                                        std::to_string(error.mark.column + 1);
    problems.push_back({place, Text{"不是有效的 YAML：" + error.msg, "is not YAML: " + error.msg}});
  }
}

void readVariables(Settings& settings, const Variables& variables, std::vector<Problem>& problems) {
  const auto value = [&](std::string_view name) -> const std::string* {
    const auto found = variables.find(std::string{name});
    // Compose files hand on variables that are not set as empty ones.
    return found == variables.end() || found->second.empty() ? nullptr : &found->second;
  };
  for (const Key& key : keysOf(settings)) {
    const std::string* text = key.variable.empty() ? nullptr : value(key.variable);
    if (text == nullptr) continue;
    if (Text reason = assign(key, *text); !reason.empty()) {
      problems.push_back({std::string{key.variable}, std::move(reason)});
    }
  }
  if (const std::string* password = value("OSCAR_STORE_PASSWORD")) {
    settings.store.password = *password;
  }
}

void checkTogether(const Settings& settings, std::vector<Problem>& problems) {
  if (settings.http.tls_certificate.empty() != settings.http.tls_key.empty()) {
    problems.push_back(
        {"http.tls_certificate, http.tls_key",
         Text{"要启用 TLS，两者必须同时设置", "must be set both, to serve TLS, or neither"}});
  }
}

}  // namespace

SettingsError::SettingsError(std::vector<Problem> problems) : problems_{std::move(problems)} {
  english_ = text().en;
}

Text SettingsError::text() const {
  Text all{"配置有误：", "The configuration is wrong:"};
  for (const Problem& problem : problems_) {
    all.zh += "\n  " + problem.where + "：" + problem.reason.zh;
    all.en += "\n  " + problem.where + ": " + problem.reason.en;
  }
  return all;
}

Settings parseSettings(const std::string& yaml, const std::string& source,
                       const Variables& variables) {
  Settings settings;
  std::vector<Problem> problems;
  readYaml(settings, yaml, source, problems);
  readVariables(settings, variables, problems);
  checkTogether(settings, problems);
  if (!problems.empty()) throw SettingsError{std::move(problems)};
  return settings;
}

Settings loadSettings(const std::optional<std::string>& file, const Variables& variables) {
  std::string path = file.value_or("");
  if (const auto named = variables.find("OSCAR_CONFIG"); path.empty() && named != variables.end()) {
    path = named->second;
  }
  if (path.empty()) return parseSettings("", "defaults", variables);
  std::ifstream in{path, std::ios::binary};
  // A folder opens as well, and then reads as if it were empty.
  if (!in || std::filesystem::is_directory(path)) {
    const std::string reason = std::strerror(in ? EISDIR : errno);
    throw SettingsError{{{path, Text{"无法读取：" + reason, "cannot be read: " + reason}}}};
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parseSettings(text.str(), path, variables);
}

Variables processVariables() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto sign = text.find('=');
    if (sign != std::string_view::npos && text.starts_with("OSCAR_")) {
      variables.emplace(text.substr(0, sign), text.substr(sign + 1));
    }
  }
  return variables;
}

std::vector<std::pair<std::string, std::string>> listSettings(const Settings& settings) {
  Settings copy = settings;
  std::vector<std::pair<std::string, std::string>> list;
  for (const Key& key : keysOf(copy)) list.emplace_back(key.path, written(key));
  return list;
}

}  // namespace oscar::settings
