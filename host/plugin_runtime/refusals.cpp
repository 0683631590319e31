#include "plugin_runtime/refusals.hpp"

#include <oscar/sdk/toolchain.hpp>

namespace oscar::plugin_runtime::refusals {
namespace {

std::string hostAbi() {
  return std::to_string(OSCAR_ABI_MAJOR) + "." + std::to_string(OSCAR_ABI_MINOR);
}

}  // namespace

Refusal pathNotAbsolute(const std::string& path) {
  return {state::kPathNotAllowed,
          {"插件目录 " + path + " 不是绝对路径。请在 plugins.paths 中写绝对路径后重启 oscard。",
           "The plugin folder " + path +
               " is not an absolute path. Write the absolute path in plugins.paths and restart "
               "oscard."}};
}

Refusal pathNotAFolder(const std::string& path) {
  return {state::kPathNotAllowed,
          {"plugins.paths 中的 " + path +
               " 不存在或不是目录。请改为插件目录的路径，或从列表中删除，然后重启 oscard。",
           path + " in plugins.paths does not exist or is not a folder. Correct the path or remove "
                  "it from the list, then restart oscard."}};
}

Refusal writableByEverybody(const std::string& path) {
  return {state::kPathNotAllowed,
          {path + " 对所有用户可写，任何人都能替换其中的代码，因此未加载。请执行 chmod o-w " +
               path + " 后重启 oscard。",
           path +
               " is writable by every user, so anybody could replace the code in it; it was not "
               "loaded. Run chmod o-w " +
               path + " and restart oscard."}};
}

Refusal libraryOutside(const std::string& library) {
  return {state::kPathNotAllowed,
          {"插件库 " + library +
               " 不在插件目录之内，未加载。plugin.json 的 library 只能是该目录下的文件名，"
               "且不能是指向目录外的链接。",
           "The library " + library +
               " is not inside the plugin's folder and was not loaded. \"library\" in plugin.json "
               "must be a file name in that folder, and no link that leads out of it."}};
}

Refusal manifestMissing(const std::string& path) {
  return {
      state::kManifestMissing,
      {"没有找到 " + path + "。请确认 plugins.paths 指向含有 plugin.json 的插件目录。",
       path + " was not found. Make sure that plugins.paths names the plugin's own folder, which "
              "holds plugin.json."}};
}

Refusal manifestInvalid(const std::string& path, const std::string& why_zh,
                        const std::string& why_en) {
  return {state::kManifestInvalid,
          {path + " 无效：" + why_zh + "。请修正后重启 oscard。",
           path + " is invalid: " + why_en + ". Correct it and restart oscard."}};
}

Refusal duplicateId(const std::string& id, const std::string& other_path) {
  return {state::kDuplicateId,
          {"插件标识 " + id + " 已被 " + other_path +
               " 使用。请从 plugins.paths 中删除其中一个，然后重启 oscard。",
           "The plugin id " + id + " is already used by " + other_path +
               ". Remove one of the two from plugins.paths and restart oscard."}};
}

Refusal duplicateType(const std::string& interface_id, const std::string& type,
                      const std::string& other_id) {
  return {state::kDuplicateId,
          {"类型 " + type + "（" + interface_id + "）已由插件 " + other_id +
               " 提供，此处的同名能力未启用。请停用其中一个插件，然后重启 oscard。",
           "The type " + type + " (" + interface_id + ") is already provided by the plugin " +
               other_id +
               "; this one was left out. Disable one of the two plugins and restart oscard."}};
}

Refusal disabled(const std::string& id) {
  return {state::kDisabled,
          {"插件 " + id + " 已被配置停用。要启用它，请将 plugins.configuration." + id +
               ".enabled 设为 true（或删除该项），然后重启 oscard。",
           "The plugin " + id +
               " is disabled by the configuration. To enable it, set "
               "plugins.configuration." +
               id +
               ".enabled to true (or remove it) and restart "
               "oscard."}};
}

Refusal libraryMissing(const std::string& path) {
  return {state::kLibraryMissing,
          {"没有找到插件库 " + path + "。请重新安装该插件，或检查 plugin.json 的 library。",
           "The library " + path +
               " was not found. Install the plugin again, or check \"library\" in plugin.json."}};
}

Refusal notALibrary(const std::string& path) {
  return {
      state::kNotALibrary,
      {path + " 不是本平台的共享库（文件损坏或格式不符）。请重新安装该插件。",
       path + " is not a shared library for this platform (damaged, or another format). Install "
              "the plugin again."}};
}

Refusal entryMissing(const std::string& path) {
  return {state::kEntryMissing,
          {path + " 没有导出 " OSCAR_PLUGIN_ENTRY_SYMBOL
                  "，不是 Oscar 插件。插件作者须使用 OSCAR_EXPORT_PLUGIN 和 oscar_add_plugin()。",
           path + " does not export " OSCAR_PLUGIN_ENTRY_SYMBOL
                  ", so it is no Oscar plugin. Its author has to use OSCAR_EXPORT_PLUGIN and "
                  "oscar_add_plugin()."}};
}

Refusal loadFailed(const std::string& why) {
  return {state::kLoadFailed,
          {"系统无法加载插件库：" + why + "。请安装缺少的依赖库，或用匹配的 SDK 重新编译该插件。",
           "The system could not load the library: " + why +
               ". Install the library it lacks, or build the plugin again with the matching SDK."}};
}

Refusal badDescriptor(const std::string& why_zh, const std::string& why_en) {
  return {state::kBadDescriptor,
          {"插件的描述信息无效：" + why_zh + "。请用当前 SDK 重新编译该插件。",
           "The plugin's descriptor is invalid: " + why_en +
               ". Build the plugin again with the current SDK."}};
}

Refusal abiMajorMismatch(std::uint32_t plugin_major) {
  const std::string major = std::to_string(plugin_major);
  return {state::kAbiMajorMismatch,
          {"插件按 ABI 主版本 " + major + " 编译，而本机 oscard 为 " + hostAbi() +
               "。请安装与本版本 Oscar 配套的插件。",
           "The plugin was built for ABI major " + major + ", this oscard has " + hostAbi() +
               ". Install the plugin's build for this version of Oscar."}};
}

Refusal abiTooNew(std::uint32_t major, std::uint32_t minor) {
  const std::string abi = std::to_string(major) + "." + std::to_string(minor);
  return {state::kAbiTooNew,
          {"插件需要 ABI " + abi + "，而本机 oscard 为 " + hostAbi() +
               "。请升级 Oscar，或安装较早版本的插件。",
           "The plugin needs ABI " + abi + ", this oscard has " + hostAbi() +
               ". Upgrade Oscar, or install an older version of the plugin."}};
}

Refusal toolchainMismatch(const std::string& plugin_toolchain) {
  return {state::kToolchainMismatch,
          {"插件由 " + plugin_toolchain +
               " 编译，而本机 oscard 由 " OSCAR_SDK_TOOLCHAIN
               " 编译，二者的 C++ 接口不能互通。请用相同的编译器重新编译该插件。",
           "The plugin was built by " + plugin_toolchain +
               ", this oscard by " OSCAR_SDK_TOOLCHAIN
               "; their C++ interfaces do not fit together. Build the plugin again with the same "
               "compiler."}};
}

Refusal manifestMismatch(const std::string& field, const std::string& file,
                         const std::string& library) {
  return {state::kManifestMismatch,
          {"plugin.json 与插件库不一致：" + field + " 在文件中为 " + file + "，在库中为 " +
               library + "。二者来自不同的版本，请重新安装该插件。",
           "plugin.json and the library disagree: " + field + " is " + file + " in the file and " +
               library +
               " in the library. They come from different versions; install the plugin "
               "again."}};
}

Refusal unknownInterface(const std::string& interface_id) {
  return {state::kUnknownInterface,
          {"本版本 Oscar 不认识接口 " + interface_id + "，已跳过该能力。请升级 Oscar。",
           "This version of Oscar does not know the interface " + interface_id +
               "; the capability was skipped. Upgrade Oscar to use it."}};
}

Refusal configInvalid(const std::string& id, const Text& problems) {
  return {state::kConfigInvalid,
          {"插件 " + id + " 的配置无效：" + problems.zh + "。请修正 plugins.configuration." + id +
               " 后重启 oscard。",
           "The configuration of the plugin " + id + " is invalid: " + problems.en +
               ". Correct plugins.configuration." + id + " and restart oscard."}};
}

Refusal createFailed(const std::string& type, const std::string& why) {
  return {state::kCreateFailed,
          {"无法创建 " + type + "：" + why + "。请按此提示修正插件配置或环境后重启 oscard。",
           type + " could not be created: " + why +
               ". Correct the plugin's configuration or its surroundings and restart oscard."}};
}

Refusal faulty(const std::string& type, const std::string& why) {
  return {state::kFaulty,
          {type + " 出现内部错误（" + why +
               "），不再用它启动新的运行；已有的运行继续受控。请联系插件作者，并重启 oscard 恢复。",
           type + " misbehaved (" + why +
               "). No new runs are started with it; those that exist stay under control. Tell the "
               "plugin's author, and restart oscard to use it again."}};
}

Refusal configuredButAbsent(const std::string& id) {
  return {state::kAbsent,
          {"plugins.configuration." + id + " 没有生效：plugins.paths 里没有 id 为 " + id +
               " 的插件。请检查拼写，或把该插件的目录加入 plugins.paths 后重启 oscard。",
           "plugins.configuration." + id +
               " has no effect: no plugin in plugins.paths has the id " + id +
               ". Check the spelling, or add the plugin's folder to plugins.paths and restart "
               "oscard."}};
}

Text notAnswering(const std::string& type, const std::string& operation) {
  return {type + " 没有响应：对它的 " + operation +
              " 调用超时仍未返回。已有的运行继续进行；请检查它所依赖的环境（主机、磁盘、网络），"
              "调用返回后自动恢复。",
          type + " does not answer: a call of " + operation +
              " has not returned in time. Runs that exist go on; check what it depends on (host, "
              "disk, network). It is used again when the call returns."};
}

}  // namespace oscar::plugin_runtime::refusals
