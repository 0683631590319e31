#include "views/execution_view.hpp"

#include "json/reader.hpp"

#include <gtest/gtest.h>

#include <set>

namespace oscar::views {
namespace {

Execution example() {
  Execution execution;
  execution.id = "e1";
  execution.number = 7;
  execution.argv = {"pt-online-schema-change", "--alter=ADD a INT"};
  execution.alter_text = "ADD a INT";
  execution.run.throttled_by = {"负载", "load"};
  execution.params.extra = {{"sleep", "0.1"}};
  return execution;
}

json::Reader read(const std::string& text, json::FieldErrors& errors) {
  auto parsed = json::Reader::parse(text, errors);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.value();
}

std::string executionJson(bool full) {
  json::Writer out;
  writeExecution(out, example(), Language::kEn, full);
  return out.take();
}

TEST(ExecutionView, TheListLeavesOutWhatOnlyTheDetailNeeds) {
  json::FieldErrors errors;
  auto brief = read(executionJson(false), errors);
  auto full = read(executionJson(true), errors);
  const auto names = [](const json::Reader& reader) {
    const auto keys = reader.keys();
    return std::set<std::string>{keys.begin(), keys.end()};
  };
  std::set<std::string> only_full = names(full);
  for (const std::string& name : names(brief)) {
    EXPECT_EQ(only_full.erase(name), 1U) << name;
  }
  EXPECT_EQ(only_full, (std::set<std::string>{"alter_text", "generated_command", "argv"}));
  EXPECT_EQ(full.strings("argv"), example().argv);
}

TEST(ExecutionView, WhatIsEmptyIsNull) {
  json::FieldErrors errors;
  auto view = read(executionJson(false), errors);
  for (const char* name : {"attention", "start_time", "container_id", "retry_of", "load"}) {
    EXPECT_EQ(view.rawText(name), std::nullopt) << name;
    EXPECT_NE(executionJson(false).find("\"" + std::string{name} + "\":null"), std::string::npos);
  }
  EXPECT_EQ(view.string("throttled_by"), "load");
  EXPECT_EQ(view.object("execution_params")->scalarMap("extra")->at("sleep"), "0.1");
}

TEST(ExecutionView, ProgressIsThePartThatAnExecutionAndAPushShare) {
  json::Writer out;
  out.beginObject();
  writeProgress(out, example().run, Language::kZh);
  out.endObject();
  json::FieldErrors errors;
  auto progress = read(out.text(), errors);
  auto execution = read(executionJson(false), errors);
  for (const std::string& name : progress.keys()) {
    if (name == "throttled_by") continue;  // in the other language
    EXPECT_EQ(progress.rawText(name), execution.rawText(name)) << name;
  }
  EXPECT_EQ(progress.string("throttled_by"), "负载");
}

}  // namespace
}  // namespace oscar::views
