// The words that enums have on the wire, in the store and in events.
#include "domain/connection.hpp"
#include "domain/enum_words.hpp"
#include "domain/execution.hpp"
#include "domain/user.hpp"

namespace oscar {
namespace {

constexpr EnumWords<Role, 3> kRoles{{"viewer", "operator", "admin"}};
constexpr EnumWords<Environment, 3> kEnvironments{{"prod", "test", "dev"}};
constexpr EnumWords<SslVerify, 3> kSslVerify{{"required", "verify_ca", "verify_identity"}};
constexpr EnumWords<ExecutionStatus, 5> kStatuses{
    {"pending", "running", "completed", "failed", "cancelled"}};
constexpr EnumWords<Stage, 11> kStages{{"", "preflight", "creating_new_table", "altering_new_table",
                                        "creating_triggers", "copying_data", "awaiting_cutover",
                                        "swapping_tables", "dropping_old_table",
                                        "dropping_triggers", "done"}};
constexpr EnumWords<DdlType, 7> kDdlTypes{
    {"fragment", "add_column", "modify_column", "drop_column", "add_index", "drop_index", "other"}};

}  // namespace

std::string_view toString(Role role) {
  return kRoles.word(role);
}
std::optional<Role> parseRole(std::string_view word) {
  return kRoles.value(word);
}
std::string_view toString(Environment environment) {
  return kEnvironments.word(environment);
}
std::optional<Environment> parseEnvironment(std::string_view word) {
  return kEnvironments.value(word);
}
std::string_view toString(SslVerify mode) {
  return kSslVerify.word(mode);
}
std::optional<SslVerify> parseSslVerify(std::string_view word) {
  return kSslVerify.value(word);
}
std::string_view toString(ExecutionStatus status) {
  return kStatuses.word(status);
}
std::optional<ExecutionStatus> parseExecutionStatus(std::string_view word) {
  return kStatuses.value(word);
}
std::string_view toString(Stage stage) {
  return kStages.word(stage);
}
std::optional<Stage> parseStage(std::string_view word) {
  return kStages.value(word);
}
std::string_view toString(DdlType type) {
  return kDdlTypes.word(type);
}
std::optional<DdlType> parseDdlType(std::string_view word) {
  return kDdlTypes.value(word);
}

bool mayChange(ExecutionStatus from, ExecutionStatus to) {
  switch (from) {
    case ExecutionStatus::kPending:
      return to == ExecutionStatus::kRunning || to == ExecutionStatus::kCancelled ||
             to == ExecutionStatus::kFailed;
    case ExecutionStatus::kRunning:
      return isFinal(to);
    default:
      return false;
  }
}

}  // namespace oscar
