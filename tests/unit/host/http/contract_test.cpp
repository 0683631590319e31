#include "http/openapi_text.hpp"
#include "http/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace oscar::http {
namespace {

/// `GET /path` → role, read from the document's own indentation: paths at 2, methods at 4, what
/// belongs to a method at 6 columns.
std::map<std::string, std::string> operationsOf(std::string_view yaml) {
  std::map<std::string, std::string> operations;
  std::istringstream lines{std::string{yaml}};
  std::string line;
  std::string path;
  std::string operation;
  bool in_paths = false;
  const std::set<std::string> methods{"get", "put", "post", "delete", "patch"};
  while (std::getline(lines, line)) {
    if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
    if (!in_paths) continue;
    const auto indent = line.find_first_not_of(' ');
    if (indent == 2 && line[2] == '/') path = line.substr(2, line.size() - 3);
    if (indent == 4 && methods.contains(line.substr(4, line.size() - 5))) {
      operation = line.substr(4, line.size() - 5);
      std::transform(operation.begin(), operation.end(), operation.begin(),
                     [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      operation += " " + path;
      operations[operation] = "";
    }
    constexpr std::string_view kRole = "x-required-role: ";
    if (indent == 6 && line.substr(6).starts_with(kRole)) {
      operations[operation] = line.substr(6 + kRole.size());
    }
  }
  return operations;
}

TEST(Contract, RouteTableAndOpenapiSayTheSame) {
  std::map<std::string, std::string> routes;
  for (const Route& route : describeRoutes()) {
    const std::string name = std::string{route.method} + " " + std::string{route.pattern};
    EXPECT_TRUE(routes.emplace(name, toString(route.access)).second) << name << " is there twice";
  }
  EXPECT_EQ(operationsOf(openapiText()), routes);
}

TEST(Contract, EveryChangeIsRecordedOrSaysWhyNot) {
  // A parse and a preview change nothing; a ticket is a key to read with, for 30 seconds.
  const std::set<std::string_view> harmless{"/api/v1/tools/ddl/parse", "/api/v1/tools/ddl/preview",
                                            "/api/v1/auth/ws-ticket"};
  for (const Route& route : describeRoutes()) {
    const bool changes = route.method != "GET" && !harmless.contains(route.pattern);
    EXPECT_EQ(changes, !route.action.empty()) << route.method << " " << route.pattern;
    EXPECT_EQ(route.action.empty(), route.resource_type.empty()) << route.pattern;
  }
}

TEST(Contract, OnlyTheProcessItselfAndLoginArePublic) {
  std::set<std::string_view> open;
  for (const Route& route : describeRoutes()) {
    if (route.access == Access::kPublic) open.insert(route.pattern);
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"/", "/home.css", "/healthz", "/api/v1/openapi.yaml",
                                              "/api/v1/auth/login", "/ws/execution/{id}"}));
}

TEST(Contract, DocumentIsServedWhole) {
  EXPECT_TRUE(openapiText().starts_with("openapi: 3.0.3\n"));
  EXPECT_TRUE(openapiText().ends_with("\n"));
  EXPECT_GT(openapiText().size(), 30'000u);
}

}  // namespace
}  // namespace oscar::http
