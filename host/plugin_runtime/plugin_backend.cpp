#include "plugin_runtime/plugin_backend.hpp"

#include "json/reader.hpp"
#include "json/utf8.hpp"
#include "plugin_runtime/attach_call.hpp"
#include "plugin_runtime/backend_documents.hpp"
#include "plugin_runtime/refusals.hpp"

#include <utility>

namespace oscar::plugin_runtime {
namespace {

using Kind = ports::BackendError::Kind;
using ports::BackendError;
using sdk::Status;

constexpr std::chrono::milliseconds kProbePatience{5000};

Kind kindOf(Status status) {
  switch (status) {
    case Status::kNotFound:
      return Kind::kNotFound;
    case Status::kUnavailable:
      return Kind::kUnavailable;
    case Status::kRefused:
      return Kind::kRefused;
    case Status::kTooLate:
      return Kind::kTooLate;
    case Status::kOk:
    case Status::kInternal:
      break;
  }
  return Kind::kInternal;
}

[[noreturn]] void fail(Status status, std::string_view operation, const std::string& error) {
  if (!error.empty()) throw BackendError{kindOf(status), json::toUtf8(error)};
  const std::string name{operation};
  throw BackendError{kindOf(status),
                     Text{name + " 失败，未说明原因", name + " failed without a reason"}};
}

/// The plugin broke the rules of the interface.
[[noreturn]] void failInternal(std::string_view operation, const Text& why) {
  const std::string name{operation};
  throw BackendError{Kind::kInternal, Text{name + " 返回了" + why.zh, name + " wrote " + why.en}};
}

/// `why` as this plugin's trouble.
Text ofPlugin(const std::string& id, const Text& why) {
  return {"插件 " + id + "：" + why.zh, "plugin " + id + ": " + why.en};
}

const std::string& complete(const LimitedText& text, std::string_view operation) {
  if (text.overflowed()) {
    failInternal(operation, {"超出接口上限的内容", "more than the interface allows"});
  }
  return text.text();
}

/// A handle is stored and given back unread, but it must be what the interface says.
const std::string& asHandle(const LimitedText& text, std::string_view operation) {
  const std::string& handle = complete(text, operation);
  json::FieldErrors errors;
  const auto parsed = json::Reader::parse(handle, errors, kMaxHandleText);
  if (!parsed) {
    const Text& why = parsed.error().text;
    failInternal(operation,
                 {"不是 JSON 对象的句柄：" + why.zh, "a handle that is no JSON object: " + why.en});
  }
  return handle;
}

ProbeResult notReady(const Text& reason) {
  ProbeResult result;
  result.report.reason = reason;
  return result;
}

/// On the probing thread.
ProbeResult probeInstance(PluginInstance& instance) {
  std::string failure;
  LimitedText report{kMaxReportText};
  LimitedText error{kMaxErrorText};
  const Status status = instance.guarded(
      "probe", failure, [&] { return instance.as<sdk::ExecutionBackend>().probe(report, error); });
  if (failure.empty() && status != Status::kOk) failure = json::toUtf8(error.text());
  if (failure.empty() && report.overflowed()) failure = "probe wrote more than 1 MiB";
  if (failure.empty()) {
    auto parsed = documents::readProbeReport(report.text());
    if (parsed) return {std::move(parsed).value(), report.text()};
    failure = "probe wrote an invalid report: " + parsed.error();
  }
  return notReady({"执行后端 " + instance.type() + " 自检失败：" + failure +
                       "。请查看 oscard 的日志并联系插件作者。",
                   "The backend " + instance.type() + " could not check itself: " + failure +
                       ". See oscard's log and tell the plugin's author."});
}

}  // namespace

/// One call, shared by who waits for it and the thread that may be left behind in it.
struct PluginBackend::Asked {
  Asked(std::shared_ptr<PluginInstance> the_instance, Call the_call, std::size_t result_limit)
      : instance{std::move(the_instance)}, call{std::move(the_call)}, result{result_limit} {}

  std::shared_ptr<PluginInstance> instance;
  Call call;
  LimitedText result;
  LimitedText error{kMaxErrorText};
  std::string failure;
  Status status = Status::kInternal;

  void make(const std::string& operation) {
    status = instance->guarded(operation, failure, [this] {
      return call(instance->as<sdk::ExecutionBackend>(), result, error);
    });
    call = nullptr;
    instance.reset();
  }
  const std::string& reason() const { return failure.empty() ? error.text() : failure; }
};

PluginBackend::PluginBackend(std::shared_ptr<PluginInstance> instance, const ports::Clock& clock,
                             const CallDeadlines& deadlines)
    : instance_{std::move(instance)}, deadlines_{deadlines}, probes_{clock, [this] {
                                                                       return [shared = instance_] {
                                                                         return probeInstance(
                                                                             *shared);
                                                                       };
                                                                     }} {}

std::shared_ptr<const PluginBackend::Asked> PluginBackend::ask(const std::string& operation,
                                                               std::chrono::milliseconds deadline,
                                                               std::size_t result_limit,
                                                               Call call) {
  const auto asked = std::make_shared<Asked>(instance_, std::move(call), result_limit);
  const auto outcome = calls_.run(
      operation, [asked, operation] { asked->make(operation); }, deadline);
  if (outcome == CallPool::Outcome::kDone) return asked;
  const std::string limit = std::to_string(deadline.count());
  const Text what = outcome == CallPool::Outcome::kOverran
                        ? Text{operation + " 在 " + limit + " 毫秒内没有返回",
                               operation + " did not return within " + limit + " ms"}
                        : Text{operation + " 无法开始：先前的调用尚未返回",
                               operation + " could not begin: earlier calls have not returned"};
  instance_->bridge().log(ports::LogLevel::kWarn, instance_->type() + ": " + what.en);
  throw BackendError{Kind::kUnavailable, ofPlugin(instance_->bridge().pluginId(), what)};
}

LimitedText PluginBackend::must(const std::string& operation, std::chrono::milliseconds deadline,
                                std::size_t result_limit, Call call) {
  const auto asked = ask(operation, deadline, result_limit, std::move(call));
  if (asked->status != Status::kOk) fail(asked->status, operation, asked->reason());
  return asked->result;
}

ProbeResult PluginBackend::probeResult(std::chrono::milliseconds patience) {
  if (const auto why = fault()) return notReady(refusals::faulty(instance_->type(), *why).reason);
  if (const auto call = calls_.leftBehind()) {
    return notReady(refusals::notAnswering(instance_->type(), *call));
  }
  return probes_.get(patience);
}

ports::BackendReport PluginBackend::probe() {
  return probeResult(kProbePatience).report;
}

std::shared_ptr<void> PluginBackend::beginStart(const std::string& run_id) {
  auto token = std::make_shared<char>();
  const std::lock_guard lock{mutex_};
  std::erase_if(starts_, [](const auto& start) { return start.second.expired(); });
  starts_[run_id] = token;
  return token;
}

bool PluginBackend::isStarting(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  const auto start = starts_.find(run_id);
  return start != starts_.end() && !start->second.expired();
}

std::string PluginBackend::start(const ports::RunSpec& spec) {
  if (const auto why = fault()) {
    throw BackendError{Kind::kRefused, refusals::faulty(instance_->type(), *why).reason};
  }
  auto call = [document = documents::writeSpec(spec), token = beginStart(spec.run_id)](
                  sdk::ExecutionBackend& plugin, sdk::TextSink& handle, sdk::TextSink& error) {
    return plugin.start(document, handle, error);
  };
  try {
    return asHandle(must("start", deadlines_.slow, kMaxHandleText, std::move(call)), "start");
  } catch (const BackendError&) {
    probes_.invalidate();  // what made it fail may concern every later run
    throw;
  }
}

std::optional<std::string> PluginBackend::recover(const std::string& run_id) {
  // "There is no such run" would not stay true: the start may yet succeed.
  if (isStarting(run_id)) {
    throw BackendError{
        Kind::kUnavailable,
        ofPlugin(instance_->bridge().pluginId(), {"start 尚未返回", "start has not returned yet"})};
  }
  const auto asked =
      ask("recover", deadlines_.slow, kMaxHandleText,
          [run_id](sdk::ExecutionBackend& plugin, sdk::TextSink& handle, sdk::TextSink& error) {
            return plugin.recover(run_id, handle, error);
          });
  if (asked->status == Status::kNotFound) return std::nullopt;
  if (asked->status != Status::kOk) fail(asked->status, "recover", asked->reason());
  return asHandle(asked->result, "recover");
}

void PluginBackend::attach(const std::string& handle, std::uint64_t offset, const Output& output,
                           const std::atomic<bool>& stop) {
  std::string error;
  const Status status = AttachCall::run(instance_, handle, offset, output, stop, error);
  if (status != Status::kOk) fail(status, "attach", error);
}

ports::RunEnd PluginBackend::status(const std::string& handle) {
  const LimitedText report =
      must("status", deadlines_.quick, kMaxReportText,
           [handle](sdk::ExecutionBackend& plugin, sdk::TextSink& text, sdk::TextSink& error) {
             return plugin.status(handle, text, error);
           });
  auto end = documents::readStatusReport(complete(report, "status"));
  if (!end) {
    failInternal("status", {"无效的报告：" + end.error(), "an invalid report: " + end.error()});
  }
  return end.value();
}

void PluginBackend::sendControl(const std::string& handle, std::string command) {
  must("control", deadlines_.quick, 0,
       [handle, command = std::move(command)](sdk::ExecutionBackend& plugin, sdk::TextSink&,
                                              sdk::TextSink& error) {
         return plugin.control(handle, command, error);
       });
}

void PluginBackend::set(const std::string& handle, ports::Control control,
                        const std::string& value) {
  sendControl(handle, documents::writeSet(control, value));
}

void PluginBackend::clear(const std::string& handle, ports::Control control) {
  sendControl(handle, documents::writeClear(control));
}

void PluginBackend::stop(const std::string& handle, bool force) {
  must("stop", deadlines_.quick, 0,
       [handle, force](sdk::ExecutionBackend& plugin, sdk::TextSink&, sdk::TextSink& error) {
         return plugin.stop(handle, force, error);
       });
}

void PluginBackend::cleanup(const std::string& handle) {
  must("cleanup", deadlines_.slow, 0,
       [handle](sdk::ExecutionBackend& plugin, sdk::TextSink&, sdk::TextSink& error) {
         return plugin.cleanup(handle, error);
       });
}

}  // namespace oscar::plugin_runtime
