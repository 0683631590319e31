#include "plugin_runtime/plugin_backend.hpp"

#include "json/reader.hpp"
#include "json/utf8.hpp"
#include "plugin_runtime/attach_call.hpp"
#include "plugin_runtime/backend_documents.hpp"
#include "plugin_runtime/refusals.hpp"
#include "plugin_runtime/text_limit.hpp"

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
  throw BackendError{kindOf(status), error.empty()
                                         ? std::string{operation} + " failed without a reason"
                                         : json::toUtf8(error)};
}

[[noreturn]] void failInternal(std::string_view operation, const std::string& why) {
  fail(Status::kInternal, operation, std::string{operation} + " wrote " + why);
}

const std::string& complete(const LimitedText& text, std::string_view operation) {
  if (text.overflowed()) failInternal(operation, "more than the interface allows");
  return text.text();
}

/// A handle is stored and given back unread, but it must be what the interface says.
const std::string& asHandle(const LimitedText& text, std::string_view operation) {
  const std::string& handle = complete(text, operation);
  json::FieldErrors errors;
  const auto parsed = json::Reader::parse(handle, errors, kMaxHandleText);
  if (!parsed)
    failInternal(operation, "a handle that is no JSON object: " + parsed.error().message);
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

PluginBackend::PluginBackend(std::shared_ptr<PluginInstance> instance, const ports::Clock& clock)
    : instance_{std::move(instance)}, probes_{clock, [this] {
                                                return [shared = instance_] {
                                                  return probeInstance(*shared);
                                                };
                                              }} {}

template <typename Call>
Status PluginBackend::tryCall(std::string_view operation, std::string& error, Call&& call) {
  LimitedText text{kMaxErrorText};
  std::string failure;
  const Status status = instance_->guarded(operation, failure, [&] { return call(text); });
  error = failure.empty() ? text.text() : failure;
  return status;
}

template <typename Call>
void PluginBackend::must(std::string_view operation, Call&& call) {
  std::string error;
  const Status status = tryCall(operation, error, std::forward<Call>(call));
  if (status != Status::kOk) fail(status, operation, error);
}

ProbeResult PluginBackend::probeResult(std::chrono::milliseconds patience) {
  if (const auto why = fault()) return notReady(refusals::faulty(instance_->type(), *why).reason);
  return probes_.get(patience);
}

ports::BackendReport PluginBackend::probe() {
  return probeResult(kProbePatience).report;
}

std::string PluginBackend::start(const ports::RunSpec& spec) {
  if (const auto why = fault()) {
    throw BackendError{Kind::kRefused, refusals::faulty(instance_->type(), *why).reason.en};
  }
  const std::string document = documents::writeSpec(spec);
  LimitedText handle{kMaxHandleText};
  try {
    must("start", [&](LimitedText& error) { return plugin().start(document, handle, error); });
  } catch (const BackendError&) {
    probes_.invalidate();  // what made it fail may concern every later run
    throw;
  }
  return asHandle(handle, "start");
}

std::optional<std::string> PluginBackend::recover(const std::string& run_id) {
  LimitedText handle{kMaxHandleText};
  std::string error;
  const Status status = tryCall(
      "recover", error, [&](LimitedText& text) { return plugin().recover(run_id, handle, text); });
  if (status == Status::kNotFound) return std::nullopt;
  if (status != Status::kOk) fail(status, "recover", error);
  return asHandle(handle, "recover");
}

void PluginBackend::attach(const std::string& handle, std::uint64_t offset, const Output& output,
                           const std::atomic<bool>& stop) {
  std::string error;
  const Status status = AttachCall::run(instance_, handle, offset, output, stop, error);
  if (status != Status::kOk) fail(status, "attach", error);
}

ports::RunEnd PluginBackend::status(const std::string& handle) {
  LimitedText report{kMaxReportText};
  must("status", [&](LimitedText& error) { return plugin().status(handle, report, error); });
  auto end = documents::readStatusReport(complete(report, "status"));
  if (!end) failInternal("status", "an invalid report: " + end.error());
  return end.value();
}

void PluginBackend::set(const std::string& handle, ports::Control control,
                        const std::string& value) {
  const std::string command = documents::writeSet(control, value);
  must("control", [&](LimitedText& error) { return plugin().control(handle, command, error); });
}

void PluginBackend::clear(const std::string& handle, ports::Control control) {
  const std::string command = documents::writeClear(control);
  must("control", [&](LimitedText& error) { return plugin().control(handle, command, error); });
}

void PluginBackend::stop(const std::string& handle, bool force) {
  must("stop", [&](LimitedText& error) { return plugin().stop(handle, force, error); });
}

void PluginBackend::cleanup(const std::string& handle) {
  must("cleanup", [&](LimitedText& error) { return plugin().cleanup(handle, error); });
}

}  // namespace oscar::plugin_runtime
