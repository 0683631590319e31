#pragma once

#include "child_process.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace oscar::backend_local {

/// A sentence for users in both languages of the UI.
struct SpokenText {
  std::string zh;
  std::string en;
};

/// What is known of pt-online-schema-change on this machine.
struct ToolReport {
  bool ready = false;
  SpokenText reason;  ///< set when not ready, like `remedy`
  SpokenText remedy;
  std::string path;                  ///< empty when it was not found
  std::string version;               ///< "3.2.1"; empty when it could not be told
  std::vector<std::string> options;  ///< long names without dashes, sorted
};

/// The first "3.2.1" in the output of `--version`; empty when there is none.
std::string parseToolVersion(std::string_view output);

/// The long option names in the output of `--help`, sorted; `--[no]x` counts as x.
std::vector<std::string> parseToolOptions(std::string_view output);

/// Finds the tool and asks it for its version and options; remembers the answer as long as the file
/// stays the same. Any thread.
class ToolProbe {
 public:
  /// `tool`: absolute path or plain name. `environment` is what a run would have.
  ToolProbe(std::string tool, Environment environment);

  ToolReport report();

 private:
  /// Which file was asked: it is asked again when any of these changes.
  struct FileFacts {
    std::string path;
    std::int64_t modified_ns = 0;
    std::int64_t size = 0;
    bool operator==(const FileFacts&) const = default;
  };

  FileFacts find() const;
  ToolReport ask(const std::string& path) const;

  const std::string tool_;
  const Environment environment_;
  std::mutex mutex_;
  FileFacts asked_;
  ToolReport answer_;
};

}  // namespace oscar::backend_local
