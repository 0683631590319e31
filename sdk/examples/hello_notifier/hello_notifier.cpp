#include "hello_notifier.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

using oscar::sdk::Status;
using oscar::sdk::StopToken;
using oscar::sdk::TextSink;

namespace {

Poco::JSON::Object::Ptr parse(std::string_view json) {
  return Poco::JSON::Parser{}.parse(std::string{json}).extract<Poco::JSON::Object::Ptr>();
}

void writeJson(const Poco::JSON::Object& object, TextSink& out) {
  std::ostringstream text;
  object.stringify(text);
  out.write(text.str());
}

}  // namespace

HelloNotifier::HelloNotifier(oscar::sdk::HostApi& host, std::string_view config_json)
    : host_{host} {
  const auto config = parse(config_json);
  file_ = config->getValue<std::string>("file");
  greeting_ = config->optValue<std::string>("greeting", greeting_);
  if (file_.front() != '/') throw std::invalid_argument("\"file\" must be an absolute path");
}

Status HelloNotifier::probe(TextSink& report, TextSink&) {
  Poco::JSON::Object answer;
  const bool ready = static_cast<bool>(std::ofstream{file_, std::ios::app});
  answer.set("ready", ready);
  if (!ready) {
    answer.set("reason", "cannot write " + file_);
    answer.set("remedy", "give the service user write access to it");
  }
  writeJson(answer, report);
  return Status::kOk;
}

Status HelloNotifier::render(std::string_view notification, TextSink& rendered, TextSink& error) {
  try {
    Poco::JSON::Object answer;
    answer.set("content_type", "text/plain");
    answer.set("subject", "");
    answer.set("body", line(notification));
    writeJson(answer, rendered);
    return Status::kOk;
  } catch (const Poco::Exception& failure) {
    error.write(failure.displayText());
    return Status::kRefused;
  }
}

Status HelloNotifier::send(std::string_view notification, const StopToken&, TextSink& result,
                           TextSink& error) {
  try {
    const std::string text = line(notification);
    std::lock_guard lock{mutex_};
    std::ofstream file{file_, std::ios::app};
    file << text << std::endl;
    Poco::JSON::Object answer;
    answer.set("outcome", file ? "delivered" : "retry");
    if (!file) answer.set("reason", "cannot write " + file_);
    writeJson(answer, result);
    host_.log(oscar::sdk::LogLevel::kDebug, "wrote a line to " + file_);
    return Status::kOk;
  } catch (const Poco::Exception& failure) {
    error.write(failure.displayText());
    return Status::kRefused;
  }
}

std::string HelloNotifier::line(std::string_view notification) const {
  return greeting_ + ": " + parse(notification)->getValue<std::string>("title");
}
