#include "documents.hpp"

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <initializer_list>
#include <limits>
#include <sstream>

namespace oscar::backend_local {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

/// A JSON object whose fields are read with their types checked.
class Fields {
 public:
  Fields(std::string_view json, std::string what) : what_{std::move(what)} {
    try {
      const Var value = Poco::JSON::Parser{}.parse(std::string{json});
      if (value.type() == typeid(Object::Ptr)) object_ = value.extract<Object::Ptr>();
    } catch (const std::exception&) {
      object_ = nullptr;  // Poco's text may quote the document, which may hold a password
    }
    if (!object_) throw BadDocument{what_ + " is not a JSON object"};
  }
  Fields(Object::Ptr object, std::string what)
      : what_{std::move(what)}, object_{std::move(object)} {}

  bool has(const std::string& name) const { return object_->has(name); }
  bool isNull(const std::string& name) const { return object_->isNull(name); }

  std::string text(const std::string& name) const {
    const Var value = object_->get(name);
    if (!value.isString()) throw wrong(name, "a string");
    return value.extract<std::string>();
  }
  std::string text(const std::string& name, const std::string& fallback) const {
    return has(name) ? text(name) : fallback;
  }
  std::int64_t wideInteger(const std::string& name) const {
    const Var value = object_->get(name);
    if (!value.isInteger() || value.isBoolean()) throw wrong(name, "an integer");
    return value.convert<std::int64_t>();
  }
  int integer(const std::string& name, int fallback) const {
    if (!has(name)) return fallback;
    const std::int64_t wide = wideInteger(name);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
      throw wrong(name, "a smaller integer");
    }
    return static_cast<int>(wide);
  }
  bool flag(const std::string& name) const {
    if (!has(name)) return false;
    const Var value = object_->get(name);
    if (!value.isBoolean()) throw wrong(name, "true or false");
    return value.extract<bool>();
  }
  std::optional<int> optionalInteger(const std::string& name) const {
    return isNull(name) ? std::nullopt : std::optional<int>{integer(name, 0)};
  }
  Array::Ptr array(const std::string& name) const {
    auto found = object_->getArray(name);
    if (!found) throw wrong(name, "an array");
    return found;
  }
  Fields object(const std::string& name) const {
    const auto found = object_->getObject(name);
    if (!found) throw wrong(name, "an object");
    return {found, what_ + "." + name};
  }
  std::vector<std::string> names() const { return object_->getNames(); }
  BadDocument wrong(const std::string& name, const std::string& expected) const {
    return BadDocument{what_ + "." + name + " is not " + expected};
  }

 private:
  std::string what_;
  Object::Ptr object_;
};

std::string write(const Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return out.str();
}

Var orNull(const std::optional<int>& value) {
  return value ? Var{*value} : Var{};
}

void requireNoNul(const std::string& text, const std::string& where) {
  if (text.find('\0') != std::string::npos) throw BadDocument{where + " holds a NUL character"};
}

bool isAbsolute(const std::string& path) {
  return !path.empty() && path[0] == '/';
}

Environment parseEnvironment(const Fields& fields) {
  Environment environment;
  for (const std::string& name : fields.names()) {
    const bool plain = !name.empty() && name.find_first_not_of(
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                                            "yz0123456789_") == std::string::npos;
    if (!plain) throw BadDocument{"tool_env has a name that is no variable name"};
    environment[name] = fields.text(name);
    requireNoNul(environment[name], "tool_env." + name);
  }
  return environment;
}

}  // namespace

Configuration parseConfiguration(std::string_view json) {
  const Fields fields{json, "configuration"};
  Configuration result;
  result.run_root = fields.text("run_root");
  result.tool = fields.text("tool", result.tool);
  result.runner = fields.text("runner", "");
  if (fields.has("tool_env")) result.tool_env = parseEnvironment(fields.object("tool_env"));
  for (const auto& text : {result.run_root, result.tool, result.runner}) {
    requireNoNul(text, "configuration");
  }
  if (!isAbsolute(result.run_root)) throw BadDocument{"run_root must be an absolute path"};
  if (!result.runner.empty() && !isAbsolute(result.runner)) {
    throw BadDocument{"runner must be an absolute path"};
  }
  if (result.tool.empty()) throw BadDocument{"tool must not be empty"};
  if (result.tool.find('/') != std::string::npos && !isAbsolute(result.tool)) {
    throw BadDocument{"tool must be an absolute path or a plain name"};
  }
  return result;
}

RunSpec parseRunSpec(std::string_view json) {
  const Fields fields{json, "spec"};
  RunSpec spec;
  spec.run_id = fields.text("run_id");
  for (const Var& element : *fields.array("argv")) {
    if (!element.isString()) throw fields.wrong("argv", "an array of strings");
    spec.argv.push_back(element.extract<std::string>());
    requireNoNul(spec.argv.back(), "spec.argv");
  }
  if (spec.argv.empty() || spec.argv[0].empty()) throw BadDocument{"spec.argv names no program"};
  const auto files = fields.array("files");
  for (std::size_t i = 0; i < files->size(); ++i) {
    const auto object = files->getObject(static_cast<unsigned>(i));
    if (!object) throw fields.wrong("files", "an array of objects");
    const Fields file{object, "spec.files[" + std::to_string(i) + "]"};
    constexpr int kPrivate = 0600;
    spec.files.push_back({file.text("name"), file.text("content"), file.flag("expand_run_dir"),
                          static_cast<mode_t>(file.integer("mode", kPrivate))});
  }
  return spec;
}

ControlCommand parseControl(std::string_view json) {
  const Fields fields{json, "command"};
  if (fields.has("set") == fields.has("clear")) {
    throw BadDocument{"command must have either \"set\" or \"clear\""};
  }
  if (fields.has("clear")) return {fields.text("clear"), false, ""};
  return {fields.text("set"), true, fields.text("value", "")};
}

std::string parseHandle(std::string_view json) {
  return Fields{json, "handle"}.text("run_id");
}

std::string handleJson(const std::string& run_dir, const std::string& run_id,
                       const ProcessIdentity& tool) {
  Object object;
  object.set("run_dir", run_dir);
  object.set("run_id", run_id);
  object.set("pid", static_cast<std::int64_t>(tool.pid));
  object.set("start_time", tool.start_time);
  object.set("boot_id", tool.boot_id);
  return write(object);
}

std::string statusJson(const RunStatus& status) {
  Object object;
  object.set("state", status.state == RunStatus::State::kRunning  ? "running"
                      : status.state == RunStatus::State::kExited ? "exited"
                                                                  : "lost");
  object.set("exit_code", orNull(status.exit_code));
  object.set("signal", orNull(status.signal));
  if (status.ended_at_ms) object.set("ended_at", *status.ended_at_ms);
  return write(object);
}

std::string probeJson(const ToolReport& report) {
  const auto text = [](const SpokenText& spoken) {
    Object::Ptr object{new Object};
    object->set("zh", spoken.zh);
    object->set("en", spoken.en);
    return object;
  };
  Object object;
  object.set("ready", report.ready);
  if (!report.ready) {
    object.set("reason", text(report.reason));
    object.set("remedy", text(report.remedy));
  }
  if (!report.path.empty()) {
    Object::Ptr tool{new Object};
    Array::Ptr options{new Array};
    for (const std::string& option : report.options) options->add(option);
    tool->set("path", report.path);
    tool->set("version", report.version);
    tool->set("options", options);
    object.set("tool", tool);
  }
  return write(object);
}

std::optional<RunStatus> parseExitRecord(std::string_view json) {
  try {
    const Fields fields{json, "exit"};
    RunStatus end{RunStatus::State::kExited,
                  fields.optionalInteger("exit_code"),
                  fields.optionalInteger("signal"),
                  {}};
    // The records of earlier versions may lack it.
    if (!fields.isNull("ended_at")) end.ended_at_ms = fields.wideInteger("ended_at");
    return end;
  } catch (const BadDocument&) {
    return std::nullopt;
  }
}

}  // namespace oscar::backend_local
