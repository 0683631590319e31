#include "http/execution_controller.hpp"

#include "domain/error.hpp"
#include "support/execution_lab.hpp"

#include <gtest/gtest.h>

namespace oscar::http {
namespace {

std::vector<std::string> names(const ServiceError& error) {
  std::vector<std::string> fields;
  for (const FieldError& wrong : error.fields()) fields.push_back(wrong.field);
  return fields;
}

class ExecutionControllerTest : public testing::Test {
 protected:
  using Action = Response (ExecutionController::*)(Call&);

  std::string ask(Action action, Request request) {
    Call call{request};
    call.principal = lab_.principal;
    call.params["id"] = "1";
    return (controller_.*action)(call).data.value();
  }
  /// What the action refuses; a failure when it does not.
  ServiceError refusal(Action action, const std::string& body, const std::string& query = "") {
    Request request;
    request.body = body;
    request.query = query;
    try {
      ask(action, request);
    } catch (const ServiceError& error) {
      return error;
    }
    ADD_FAILURE() << body << query << " was taken";
    return {ErrorCode::kInternal, {}};
  }
  std::string preview(const std::string& body) {
    Request request;
    request.body = body;
    request.language = Language::kEn;
    return ask(&ExecutionController::preview, request);
  }

  test::ExecutionLab lab_;
  services::ExecutionService service_ = lab_.service();
  ExecutionController controller_{service_};
};

TEST_F(ExecutionControllerTest, BodyWithEveryFieldIsTaken) {
  const std::string answer = preview(
      R"({"connection_id":"c1","database_name":"shop","table_name":"orders","ddl_type":"custom",
          "original_ddl":"ADD COLUMN a INT","backend":"","confirm_text":"",
          "execution_params":{"chunk_time":0.5,"max_load":"Threads_running=25",
            "critical_load":"Threads_running=50","charset":"utf8mb4","lock_wait_timeout":10,
            "extra":{"sleep":0.5,"max-lag":"2"}}})");
  for (const char* part : {"ADD COLUMN a INT", "--chunk-time=0.5", "--max-lag=2", "--sleep=0.5"}) {
    EXPECT_NE(answer.find(part), std::string::npos) << part << " in " << answer;
  }
}

struct Body {
  const char* text;
  std::vector<std::string> fields;  ///< that are refused
};

class WrongBody : public ExecutionControllerTest, public testing::WithParamInterface<Body> {};

TEST_P(WrongBody, NamesEveryField) {
  const ServiceError error = refusal(&ExecutionController::submit, GetParam().text);
  EXPECT_EQ(error.code(), ErrorCode::kBadRequest);
  EXPECT_EQ(names(error), GetParam().fields) << GetParam().text;
  EXPECT_TRUE(lab_.executions.all().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, WrongBody,
    testing::Values(
        Body{"{}", {"connection_id", "table_name", "ddl_type"}},
        Body{R"({"connection_id":"c1","table_name":"orders","ddl_type":"custom"})",
             {"original_ddl"}},
        Body{R"({"connection_id":"c1","table_name":"orders","ddl_type":"other",
                 "original_ddl":"ADD a INT"})",
             {"ddl_type"}},
        Body{R"({"connection_id":"c1","table_name":"orders","ddl_type":"fragment",
                 "original_ddl":"ADD a INT"})",
             {"original_ddl"}},
        Body{R"({"connection_id":1,"table_name":"","ddl_type":"fragment"})",
             {"connection_id", "table_name"}},
        Body{R"({"connection_id":"c1","table_name":"orders","ddl_type":"fragment","surprise":1,
                 "execution_params":{"chunk_size":0,"chunk_time":"1","charset":5,"extra":[],
                   "lock_wait_timeout":1.5,"chunk":1}})",
             {"execution_params.chunk_time", "execution_params.charset",
              "execution_params.lock_wait_timeout", "execution_params.extra",
              "execution_params.chunk", "execution_params.chunk_size", "surprise"}},
        Body{R"({"connection_id":"c1","table_name":"orders","ddl_type":"fragment",
                 "execution_params":{"chunk_size":10000001,"chunk_time":61,"charset":"",
                   "lock_wait_timeout":4294967297}})",
             {"execution_params.charset", "execution_params.chunk_size",
              "execution_params.chunk_time", "execution_params.lock_wait_timeout"}}));

std::string bodyWith(const std::string& ddl_type, const std::string& ddl) {
  return R"({"connection_id":"c1","table_name":"orders","ddl_type":")" + ddl_type +
         R"(","original_ddl":")" + ddl + "\"}";
}

// The service knows the ranges; the controller must have none of its own.
TEST_F(ExecutionControllerTest, RangesAreThoseOfTheService) {
  std::string longest = "ADD COLUMN a INT";
  longest.resize(std::size_t{64} * 1024, ' ');
  EXPECT_NE(preview(bodyWith("custom", longest)).find("ADD COLUMN a INT"), std::string::npos);
  struct Row {
    std::string ddl_type;
    std::string ddl;
  };
  for (const Row& row : {Row{"custom", longest + " "}, Row{"custom", ""}, Row{"fragment", "x"}}) {
    const ServiceError error =
        refusal(&ExecutionController::preview, bodyWith(row.ddl_type, row.ddl));
    ASSERT_EQ(names(error), std::vector<std::string>{"original_ddl"}) << row.ddl_type;
    services::ExecutionRequest request = test::ExecutionLab::request(row.ddl);
    request.fragment = row.ddl_type == "fragment";
    const auto expected = service_.fieldErrors(request);
    ASSERT_EQ(expected.size(), 1U);
    EXPECT_EQ(error.fields()[0].reason, expected[0].reason);
  }
}

TEST_F(ExecutionControllerTest, LoadLimitsHaveOneLengthForEveryClient) {
  const std::string load(1001, 'x');
  const ServiceError error =
      refusal(&ExecutionController::preview,
              R"({"connection_id":"c1","table_name":"orders","ddl_type":"fragment",
                  "execution_params":{"max_load":")" +
                  load + R"(","critical_load":")" + load + R"("}})");
  EXPECT_EQ(names(error), (std::vector<std::string>{"execution_params.max_load",
                                                    "execution_params.critical_load"}));
  EXPECT_NE(error.fields()[0].reason.en.find("1000"), std::string::npos);
}

TEST_F(ExecutionControllerTest, LogPagesAreBoundedByTheService) {
  for (const char* query : {"limit=5001", "limit=0", "limit=-1", "limit=4294967297"}) {
    EXPECT_EQ(names(refusal(&ExecutionController::logs, "", query)),
              std::vector<std::string>{"limit"})
        << query;
  }
  EXPECT_EQ(names(refusal(&ExecutionController::logs, "",
                          "from_line=0&limit=9999&search=" + std::string(201, 'x'))),
            (std::vector<std::string>{"from_line", "limit", "search"}));
}

TEST_F(ExecutionControllerTest, TextThatIsNoJsonIsRefusedWithItsPosition) {
  const ServiceError error = refusal(&ExecutionController::submit, "{\n \"a\": }");
  EXPECT_TRUE(error.fields().empty());
  EXPECT_EQ(error.details(), R"({"line":2,"column":7,"offset":8})");
  EXPECT_NE(error.message().zh.find("第 2 行第 7 列"), std::string::npos) << error.message().zh;
  EXPECT_NE(error.message().en.find("line 2, column 7"), std::string::npos) << error.message().en;
}

TEST_F(ExecutionControllerTest, ListNamesEveryWrongParameter) {
  const ServiceError error = refusal(&ExecutionController::list, "",
                                     "status=running,odd&ddl_type=x&from=yesterday&page=0&"
                                     "page_size=201&before_number=-1&nonsense=1&nonsense=2");
  EXPECT_EQ(names(error), (std::vector<std::string>{"from", "status", "ddl_type", "page",
                                                    "page_size", "before_number", "nonsense"}));
}

TEST_F(ExecutionControllerTest, ListFiltersAndPages) {
  for (const auto status : {ExecutionStatus::kFailed, ExecutionStatus::kCompleted,
                            ExecutionStatus::kFailed, ExecutionStatus::kRunning}) {
    Execution execution;
    execution.id = "e" + std::to_string(lab_.executions.all().size());
    execution.status = status;
    lab_.executions.insert(execution);
  }
  Request request;
  request.query = "status=failed,running&page=2&page_size=2&keyword=&from=";  // empty: not given
  const std::string answer = ask(&ExecutionController::list, request);
  EXPECT_NE(answer.find("\"id\":\"e0\""), std::string::npos) << answer;
  EXPECT_EQ(answer.find("\"id\":\"e2\""), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\"total\":3,\"page\":2,\"page_size\":2}")) << answer;
}

}  // namespace
}  // namespace oscar::http
