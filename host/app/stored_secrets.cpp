#include "app/stored_secrets.hpp"

#include "adapters/key_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace oscar::app {
namespace {

constexpr int kPageSize = 200;
constexpr std::size_t kNamesShown = 5;

std::vector<ports::StoredConnection> allOf(ports::ConnectionStore& connections) {
  std::vector<ports::StoredConnection> all;
  for (PageRequest page{1, kPageSize, 0};; ++page.page) {
    const auto listed = connections.list({}, page);
    for (const Connection& each : listed.items) {
      if (auto stored = connections.find(each.id)) all.push_back(std::move(*stored));
    }
    if (listed.items.size() < static_cast<std::size_t>(kPageSize)) return all;
  }
}

/// `a, b, c and 4 others`
std::string listOf(const std::vector<ports::StoredConnection>& connections) {
  std::string names;
  const std::size_t shown = std::min(connections.size(), kNamesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    names += (i > 0 ? ", " : "") + connections[i].connection.name;
  }
  if (shown == connections.size()) return names;
  return names + " and " + std::to_string(connections.size() - shown) + " others";
}

std::string lostText(const std::vector<ports::StoredConnection>& lost) {
  return "the passwords of " + std::to_string(lost.size()) + " saved connection" +
         (lost.size() == 1 ? "" : "s") + " (" + listOf(lost) + ")";
}

}  // namespace

adapters::AesGcmSecretBox openSecretBox(ports::ConnectionStore& connections, const SecretKeys& keys,
                                        ports::Log& log) {
  const std::string file = keys.data_dir + "/master.key";
  std::vector<ports::StoredConnection> lost = allOf(connections);
  const bool have_key = keys.environment || adapters::readKeyFile(file);
  std::optional<adapters::AesGcmSecretBox> box;
  if (have_key || keys.accept_lost || lost.empty()) {
    box.emplace(adapters::loadMasterKeys(keys.data_dir, keys.environment));
    std::erase_if(lost, [&](const auto& each) { return box->hasKeyOf(each.sealed_password); });
  }
  if (lost.empty()) return std::move(*box);
  if (!keys.accept_lost) {
    throw std::runtime_error{
        "the store holds " + lostText(lost) + ", which were sealed with another key: " +
        (have_key ? "the keys of this data folder do not open them"
                  : file + " is not there, and a new one would not open them") +
        ". Put the master.key that belongs to this store there (its lines may be added to a file "
        "that is there already), or set OSCAR_MASTER_KEY. If that key is lost for good, start with "
        "OSCAR_LOST_SECRETS=accept and enter these passwords again"};
  }
  log.write(ports::LogLevel::kWarn, "app",
            lostText(lost) + " cannot be opened (OSCAR_LOST_SECRETS=accept); enter them again");
  return std::move(*box);
}

}  // namespace oscar::app
