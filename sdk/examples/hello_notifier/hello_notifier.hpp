#pragma once

#include <oscar/sdk/host_api.hpp>
#include <oscar/sdk/notifier.hpp>

#include <mutex>
#include <string>
#include <string_view>

/// Appends each notification as one line to a file.
class HelloNotifier final : public oscar::sdk::Notifier {
 public:
  /// Throws when the configuration is not usable: its text is what the plugins page shows.
  HelloNotifier(oscar::sdk::HostApi& host, std::string_view config_json);

  oscar::sdk::Status probe(oscar::sdk::TextSink& report, oscar::sdk::TextSink& error) override;
  oscar::sdk::Status render(std::string_view notification, oscar::sdk::TextSink& rendered,
                            oscar::sdk::TextSink& error) override;
  oscar::sdk::Status send(std::string_view notification, const oscar::sdk::StopToken& stop,
                          oscar::sdk::TextSink& result, oscar::sdk::TextSink& error) override;

 private:
  std::string line(std::string_view notification) const;

  oscar::sdk::HostApi& host_;
  std::string file_;
  std::string greeting_ = "hello";
  std::mutex mutex_;  ///< one line at a time
};
